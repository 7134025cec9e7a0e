package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The way from a message down to a fault in it, such as {@code orderCompletedEvent.items[2].sku}.
 * Built from the inside out, while the walk returns. Elements of a list, maps included, count from
 * 0 in the order they were sent.
 */
final class FaultPath {
    private final Deque<String> segments = new ArrayDeque<>();

    void clear() {
        segments.clear();
    }

    /** Puts a field around the path so far. */
    void enclose(Descriptor message, int tag, byte[] bytes, int from, int at) {
        if (tag >>> 3 != 0) {
            segments.addFirst(segment(message, tag, bytes, from, at));
        }
    }

    private static String segment(Descriptor message, int tag, byte[] bytes, int from, int at) {
        int number = tag >>> 3;
        FieldDescriptor field = message.findFieldByNumber(number);
        if (field == null) {
            return Integer.toString(number);
        }
        return field.isRepeated()
                ? field.getName() + "[" + occurrences(tag, bytes, from, at) + "]"
                : field.getName();
    }

    /** How often a field stands between two places that the walk has passed without a fault. */
    private static int occurrences(int tag, byte[] bytes, int from, int at) {
        WireReader reader = new WireReader();
        reader.begin(bytes);
        int count = 0;
        int position = from;
        while (position < at) {
            int passed = reader.varint32(position, at);
            if (passed == tag) {
                count++;
            }
            position = reader.skip(passed, reader.cursor(), at);
        }
        return count;
    }

    /** The path below {@code root}; {@code root} itself when the fault is in no field. */
    String under(String root) {
        StringBuilder path = new StringBuilder(root);
        for (String segment : segments) {
            if (!path.isEmpty()) {
                path.append('.');
            }
            path.append(segment);
        }
        return path.toString();
    }
}
