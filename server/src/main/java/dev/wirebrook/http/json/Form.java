package dev.wirebrook.http.json;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DoubleValue;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.FloatValue;
import com.google.protobuf.Int32Value;
import com.google.protobuf.Int64Value;
import com.google.protobuf.ListValue;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a message type looks like in JSON.
 *
 * @see <a href="https://protobuf.dev/programming-guides/json/">The ProtoJSON format</a>
 */
enum Form {
    /** An object with a member for each field. */
    OBJECT,
    TIMESTAMP,
    DURATION,
    /** The value that is wrapped. */
    WRAPPER,
    STRUCT,
    VALUE,
    LIST_VALUE,
    /** What is rare, and left to protobuf's own printer and parser. */
    FOREIGN;

    /** What is marked in a {@code long} while wire bytes are read. */
    private static final int ONEOFS_MAX = Long.SIZE;

    private static final Map<String, Known> KNOWN = known();

    private record Known(Form form, Descriptor shape) {}

    private static Map<String, Known> known() {
        Map<String, Known> known = new HashMap<>();
        add(known, TIMESTAMP, List.of(Timestamp.getDescriptor()));
        add(known, DURATION, List.of(Duration.getDescriptor()));
        add(known, STRUCT, List.of(Struct.getDescriptor()));
        add(known, VALUE, List.of(Value.getDescriptor()));
        add(known, LIST_VALUE, List.of(ListValue.getDescriptor()));
        add(known, FOREIGN, List.of(Any.getDescriptor(), FieldMask.getDescriptor()));
        add(
                known,
                WRAPPER,
                List.of(
                        BoolValue.getDescriptor(),
                        Int32Value.getDescriptor(),
                        UInt32Value.getDescriptor(),
                        Int64Value.getDescriptor(),
                        UInt64Value.getDescriptor(),
                        FloatValue.getDescriptor(),
                        DoubleValue.getDescriptor(),
                        StringValue.getDescriptor(),
                        BytesValue.getDescriptor()));
        return Map.copyOf(known);
    }

    private static void add(Map<String, Known> known, Form form, List<Descriptor> types) {
        types.forEach(type -> known.put(type.getFullName(), new Known(form, type)));
    }

    static Form of(Descriptor type) {
        Known known = KNOWN.get(type.getFullName());
        if (known != null) {
            // Descriptors come from users: what only bears the name is left to protobuf.
            return hasShape(type, known.shape) ? known.form : FOREIGN;
        }
        return isOld(type) || type.getRealOneofs().size() > ONEOFS_MAX ? FOREIGN : OBJECT;
    }

    private static boolean hasShape(Descriptor type, Descriptor shape) {
        return type.getFields().size() == shape.getFields().size()
                && shape.getFields().stream()
                        .allMatch(
                                field -> isLike(type.findFieldByNumber(field.getNumber()), field));
    }

    private static boolean isLike(@Nullable FieldDescriptor field, FieldDescriptor model) {
        return field != null
                && field.getType() == model.getType()
                && field.isRepeated() == model.isRepeated()
                && field.isMapField() == model.isMapField();
    }

    /** Whether it has what proto3 took away: groups, extensions, required fields, closed enums. */
    private static boolean isOld(Descriptor type) {
        return type.isExtendable() || type.getFields().stream().anyMatch(Form::isOld);
    }

    private static boolean isOld(FieldDescriptor field) {
        if (field.isMapField()) {
            return isOld(field.getMessageType());
        }
        return field.isRequired()
                || field.getType() == FieldDescriptor.Type.GROUP
                || (field.getType() == FieldDescriptor.Type.ENUM
                        && field.legacyEnumFieldTreatedAsClosed());
    }
}
