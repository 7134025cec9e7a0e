package dev.wirebrook.cli.load;

import dev.wirebrook.cli.load.EventMapping.MappedEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An event a row. */
final class RowEvents implements EventSource {
    private final RowSource rows;
    private final EventMapping mapping;
    private final String idPrefix;
    private final long rowsDone;

    /**
     * @param rowsDone rows that are passed over
     */
    RowEvents(RowSource rows, EventMapping mapping, String idPrefix, long rowsDone) {
        this.rows = rows;
        this.mapping = mapping;
        this.idPrefix = idPrefix;
        this.rowsDone = rowsDone;
    }

    @Override
    public long number() {
        return rows.number();
    }

    @Override
    public @Nullable NumberedEvent next() throws IOException, RowFault {
        SourceRow row = nextUndone();
        if (row == null) {
            return null;
        }
        MappedEvent event = mapping.map(new Group.RowScope(row), idPrefix + "-" + row.number());
        return new NumberedEvent(row.number(), event.header(), event.event());
    }

    private @Nullable SourceRow nextUndone() throws IOException, RowFault {
        while (true) {
            try {
                SourceRow row = rows.next();
                if (row == null || row.number() > rowsDone) {
                    return row;
                }
            } catch (RowFault e) {
                if (rows.number() > rowsDone) {
                    throw e;
                }
            }
        }
    }
}
