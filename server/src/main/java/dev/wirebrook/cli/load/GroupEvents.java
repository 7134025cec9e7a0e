package dev.wirebrook.cli.load;

import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.load.EventMapping.MappedEvent;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An event a group. All rows are read before the first event, since a group's rows may stand
 * anywhere; of each group only its reduced values are kept, and the number of groups is bounded.
 */
final class GroupEvents implements EventSource {
    /** Separates the parts of a key; no text file has it. */
    private static final char SEPARATOR = '\u001f';

    private final RowSource rows;
    private final EventMapping mapping;
    private final List<String> groupBy;
    private final int groupsMax;
    private final String idPrefix;
    private final long rowsDone;
    private final BooleanSupplier goOn;
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private @Nullable Iterator<Map.Entry<String, Group>> reduced;
    private long number;

    /**
     * @param rowsDone groups whose first row is one of so many are passed over
     * @param goOn asked with each row that is read; false breaks off
     */
    GroupEvents(
            RowSource rows,
            EventMapping mapping,
            List<String> groupBy,
            int groupsMax,
            String idPrefix,
            long rowsDone,
            BooleanSupplier goOn) {
        this.rows = rows;
        this.mapping = mapping;
        this.groupBy = List.copyOf(groupBy);
        this.groupsMax = groupsMax;
        this.idPrefix = idPrefix;
        this.rowsDone = rowsDone;
        this.goOn = goOn;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public @Nullable NumberedEvent next() throws IOException, RowFault {
        if (reduced == null) {
            if (!readRows()) {
                return null;
            }
            reduced = groups.entrySet().iterator();
        }
        while (reduced.hasNext()) {
            Map.Entry<String, Group> entry = reduced.next();
            number = entry.getValue().firstRow();
            if (number > rowsDone) {
                return event(entry.getKey(), entry.getValue());
            }
        }
        return null;
    }

    /** False when the reading was broken off. */
    private boolean readRows() throws IOException, RowFault {
        while (true) {
            number = rows.number() + 1;
            SourceRow row = rows.next();
            if (row == null) {
                return true;
            }
            number = row.number();
            if (!goOn.getAsBoolean()) {
                return false;
            }
            String key = key(row);
            Group group = groups.get(key);
            if (group == null) {
                if (groups.size() == groupsMax) {
                    throw CommandFailure.failed(
                            "more than %,d groups: they are all held in memory"
                                    .formatted(groupsMax),
                            "Raise --groups-max, with WIREBROOK_JAVA_OPTS=-Xmx8g or the like.");
                }
                group = new Group(row, mapping.aggregates(), mapping.bareColumns());
                groups.put(key, group);
            }
            group.add(row);
        }
    }

    private String key(SourceRow row) throws RowFault {
        StringBuilder key = new StringBuilder();
        for (String column : groupBy) {
            String text = row.value(column);
            if (text == null) {
                throw new RowFault("column " + column + ": is empty, so the row has no group");
            }
            key.append(key.isEmpty() ? "" : SEPARATOR).append(text);
        }
        return key.toString();
    }

    private NumberedEvent event(String key, Group group) throws RowFault {
        String name = String.join(",", groupBy) + "=" + key.replace(SEPARATOR, ',');
        if (group.fault() != null) {
            throw new RowFault("group " + name + ": " + group.fault());
        }
        try {
            MappedEvent event = mapping.map(group, idPrefix + "-" + number);
            return new NumberedEvent(number, event.header(), event.event());
        } catch (RowFault e) {
            throw new RowFault("group " + name + ": " + e.text());
        }
    }
}
