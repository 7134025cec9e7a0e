package dev.wirebrook.events.webhook;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where the value of a message's field comes from. Immutable. */
sealed interface FieldSource {
    /**
     * What stands at the first of the paths that leads anywhere.
     *
     * @param lenient whether a value that the field cannot hold is left out, also an array or an
     *     object for a field of text, where else the delivery would not fit: for what is known from
     *     elsewhere too
     */
    record FromPath(List<JsonPath> paths, boolean lenient) implements FieldSource {}

    /** The same entries in a map from text to text, whatever the document says. */
    record ConstantEntries(Map<String, String> entries) implements FieldSource {
        public ConstantEntries {
            entries = Collections.unmodifiableMap(new TreeMap<>(entries));
        }
    }

    /** The same in every event. */
    record Constant(String text) implements FieldSource {}

    /** A message in a field, filled from the same document. */
    record Nested(MessageFields fields) implements FieldSource {}

    /** A message for each element of an array; the paths begin at the element. */
    record Each(JsonPath array, MessageFields fields) implements FieldSource {}

    /**
     * The members of an object, in a map from text to text; arrays and objects as their JSON, null
     * left out.
     */
    record Entries(JsonPath object) implements FieldSource {}

    /** The sum of what stands at a path in each element of an array. Exact until it is stored. */
    record Sum(JsonPath array, JsonPath amount) implements FieldSource {}

    static FieldSource at(String... paths) {
        return new FromPath(List.of(paths).stream().map(JsonPath::parse).toList(), false);
    }

    static FieldSource ifItFits(String... paths) {
        return new FromPath(List.of(paths).stream().map(JsonPath::parse).toList(), true);
    }
}
