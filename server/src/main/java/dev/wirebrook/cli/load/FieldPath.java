package dev.wirebrook.cli.load;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A field of a message, or of a message in it.
 *
 * @param fields from the outermost; all but the last are messages
 */
record FieldPath(List<FieldDescriptor> fields) {
    FieldPath {
        fields = List.copyOf(fields);
    }

    /**
     * Finds a dotted path. Case and underscores do not count where they do not tell two fields
     * apart.
     */
    static Optional<FieldPath> find(Descriptor message, String path) {
        List<FieldDescriptor> fields = new ArrayList<>();
        Descriptor at = message;
        for (String name : path.split("\\.", -1)) {
            if (at == null) {
                return Optional.empty();
            }
            FieldDescriptor field = field(at, name);
            if (field == null) {
                return Optional.empty();
            }
            fields.add(field);
            at =
                    field.getJavaType() == JavaType.MESSAGE && !field.isRepeated()
                            ? field.getMessageType()
                            : null;
        }
        return Optional.of(new FieldPath(fields));
    }

    private static @org.jspecify.annotations.Nullable FieldDescriptor field(
            Descriptor message, String name) {
        FieldDescriptor exact = message.findFieldByName(name);
        if (exact != null) {
            return exact;
        }
        List<FieldDescriptor> alike =
                message.getFields().stream()
                        .filter(field -> plain(field.getName()).equals(plain(name)))
                        .toList();
        return alike.size() == 1 ? alike.getFirst() : null;
    }

    private static String plain(String name) {
        return name.replace("_", "").replace("-", "").replace(" ", "").toLowerCase(Locale.ROOT);
    }

    FieldDescriptor last() {
        return fields.getLast();
    }

    /** As the user would write it. */
    String name() {
        return fields.stream().map(FieldDescriptor::getName).collect(Collectors.joining("."));
    }

    /** The kind of value that the field takes, for messages to a person. */
    String typeName() {
        FieldDescriptor field = last();
        String name =
                switch (field.getJavaType()) {
                    case MESSAGE -> field.getMessageType().getName();
                    case ENUM -> field.getEnumType().getName();
                    case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING ->
                            field.getType().name().toLowerCase(Locale.ROOT);
                };
        return field.isRepeated() ? "list of " + name : name;
    }

    /** Whether the field holds a point in time as a message. */
    boolean isTimestampMessage() {
        return last().getJavaType() == JavaType.MESSAGE
                && last().getMessageType()
                        .getFullName()
                        .equals(Timestamp.getDescriptor().getFullName());
    }

    /** Whether values can be put into the field. */
    boolean isAssignable() {
        return !last().isMapField()
                && (last().getJavaType() != JavaType.MESSAGE
                        || (isTimestampMessage() && !last().isRepeated()));
    }

    /** Sets the field, making the messages around it. */
    void set(Message.Builder message, Object value) {
        Message.Builder at = message;
        for (FieldDescriptor field : fields.subList(0, fields.size() - 1)) {
            at = at.getFieldBuilder(field);
        }
        at.setField(last(), value);
    }
}
