package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The shape that descriptors must have to serve as event catalogue. */
final class CatalogRules {
    /** The view over all types. */
    private static final String ALL_EVENTS = "events";

    private CatalogRules() {}

    static FieldDescriptor message(Descriptor owner, String name, boolean repeated) {
        String expected = repeated ? "repeated message" : "message";
        return field(owner, name, FieldDescriptor.Type.MESSAGE, repeated, expected);
    }

    static FieldDescriptor string(Descriptor owner, String name) {
        return field(
                owner, name, FieldDescriptor.Type.STRING, false, "string outside of any oneof");
    }

    private static FieldDescriptor field(
            Descriptor owner,
            String name,
            FieldDescriptor.Type type,
            boolean repeated,
            String expected) {
        FieldDescriptor field = owner.findFieldByName(name);
        if (field == null
                || field.getType() != type
                || field.isRepeated() != repeated
                || field.isMapField()
                || field.getRealContainingOneof() != null) {
            throw new InvalidCatalogException(
                    "%s needs a field \"%s\" that is a %s; keep it as in proto/event/event.proto"
                            .formatted(owner.getFullName(), name, expected));
        }
        return field;
    }

    static OneofDescriptor onlyOneof(Descriptor event) {
        List<OneofDescriptor> oneofs = event.getRealOneofs();
        if (oneofs.size() != 1) {
            throw new InvalidCatalogException(
                    "%s needs exactly one oneof, whose variants are the event types; it has %d"
                            .formatted(event.getFullName(), oneofs.size()));
        }
        return oneofs.getFirst();
    }

    static void checkVariant(FieldDescriptor variant) {
        if (variant.getType() != FieldDescriptor.Type.MESSAGE) {
            throw new InvalidCatalogException(
                    variant.getFullName()
                            + " is no length-prefixed message; every event type is one");
        }
    }

    /**
     * Refuses a table that is not the type's alone.
     *
     * @param other the variant that has the table already
     */
    static void checkTable(EventType type, @Nullable FieldDescriptor other) {
        if (type.table().equals(ALL_EVENTS)) {
            throw new InvalidCatalogException(
                    "%s is of type %s, whose table would be named %s as the view over all types; rename the message"
                            .formatted(
                                    type.field().getFullName(),
                                    type.field().getMessageType().getFullName(),
                                    type.table()));
        }
        if (other != null) {
            throw new InvalidCatalogException(
                    "%s of type %s and %s of type %s have the same table name %s; give each variant a message of its own with another name"
                            .formatted(
                                    other.getFullName(),
                                    other.getMessageType().getFullName(),
                                    type.field().getFullName(),
                                    type.field().getMessageType().getFullName(),
                                    type.table()));
        }
    }

    /** Refuses what would make an event's validity depend on more than its bytes and fields. */
    static void checkAllMessages(Descriptor root) {
        Set<Descriptor> seen = new HashSet<>(Set.of(root));
        Deque<Descriptor> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            Descriptor message = open.remove();
            if (message.getOptions().getMessageSetWireFormat()) {
                throw new InvalidCatalogException(
                        message.getFullName()
                                + " has message_set_wire_format, which is not supported; remove the option");
            }
            for (FieldDescriptor field : message.getFields()) {
                if (field.isRequired()) {
                    throw new InvalidCatalogException(
                            field.getFullName()
                                    + " is required, so that old and new clients could not live side by side; make it optional");
                }
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                        && seen.add(field.getMessageType())) {
                    open.add(field.getMessageType());
                }
            }
        }
    }
}
