package dev.wirebrook.http.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Wire bytes as protobuf's serialisers write them: fields sorted and merged, the last value of
 * each, the last member of a oneof, the last entry for each key of a map.
 */
final class CanonicalForm {
    private CanonicalForm() {}

    static byte[] of(byte[] wire, Descriptor type) throws InvalidWireException {
        DynamicMessage message;
        try {
            message = DynamicMessage.parseFrom(type, wire);
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidWireException("no message: " + e.getMessage());
        }
        return of(message).toByteArray();
    }

    private static Message of(Message message) {
        Message.Builder canonical = message.toBuilder();
        message.getAllFields()
                .forEach((field, value) -> {
                    if (field.getJavaType() == JavaType.MESSAGE) {
                        canonical.setField(
                                field,
                                value instanceof Message one
                                        ? of(one)
                                        : all(field, (List<?>) value));
                    }
                });
        return canonical.build();
    }

    private static List<Message> all(FieldDescriptor field, List<?> values) {
        List<Message> canonical = new ArrayList<>(values.size());
        for (Object value : values) {
            canonical.add(of((Message) value));
        }
        return field.isMapField() ? lastOfEachKey(field, canonical) : canonical;
    }

    /** Dynamic messages keep maps as lists. */
    private static List<Message> lastOfEachKey(FieldDescriptor map, List<Message> entries) {
        FieldDescriptor key = map.getMessageType().findFieldByNumber(1);
        Map<Object, Message> last = new LinkedHashMap<>();
        entries.forEach(entry -> last.put(entry.getField(key), entry));
        return List.copyOf(last.values());
    }
}
