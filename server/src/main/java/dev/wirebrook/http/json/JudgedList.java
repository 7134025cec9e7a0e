package dev.wirebrook.http.json;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.wirebrook.failure.Violation;
import java.util.List;
import java.util.Map;

/**
 * A repeated field of messages in which a misfit costs its element and not the document.
 *
 * @param list the field; stands in the outermost message
 * @param kept fields of an element that are kept when the rest of it does not fit, such as its id;
 *     singular, and no messages
 * @param misfitsMax misfits that are described; more are left as they are made, without a
 *     description
 */
public record JudgedList(FieldDescriptor list, List<FieldDescriptor> kept, int misfitsMax) {
    /**
     * @throws IllegalArgumentException when the field is not a list of messages, or a kept one has
     *     several values or parts
     */
    public JudgedList {
        kept = List.copyOf(kept);
        if (!list.isRepeated()
                || list.isMapField()
                || list.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
            throw new IllegalArgumentException(list.getFullName() + " is not a list of messages");
        }
        for (FieldDescriptor field : kept) {
            if (field.isRepeated() || field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                throw new IllegalArgumentException(field.getFullName() + " is not a single value");
            }
        }
    }

    /**
     * A document on the wire.
     *
     * @param wire the message. In the place of an element that does not fit stands one with its
     *     kept fields only
     * @param misfits what is wrong with each such element, by its index in the list
     */
    @SuppressWarnings("ArrayRecordComponent") // made, sent, forgotten
    public record Converted(byte[] wire, Map<Integer, Violation> misfits) {
        public Converted {
            misfits = Map.copyOf(misfits);
        }
    }
}
