package dev.wirebrook.cli.load;

import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the user said of how rows become events.
 *
 * @param type name of the event type
 * @param fields expression by field of the event
 * @param header expression by field of the header
 * @param groupBy columns whose values make a group; none: every row is an event
 * @param timeFormat see {@link Timestamps#of}
 */
record MappingSpec(
        String type,
        Map<String, String> fields,
        Map<String, String> header,
        List<String> groupBy,
        String timeFormat,
        ZoneId zone) {
    MappingSpec {
        fields = Map.copyOf(fields);
        header = Map.copyOf(header);
        groupBy = List.copyOf(groupBy);
    }

    /** The same for the same mapping, in whatever order it was given. */
    String canonicalText() {
        return String.join(
                "\n",
                type,
                new TreeMap<>(fields).toString(),
                new TreeMap<>(header).toString(),
                groupBy.toString(),
                timeFormat,
                zone.getId());
    }
}
