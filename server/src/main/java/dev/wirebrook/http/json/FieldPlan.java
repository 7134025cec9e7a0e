package dev.wirebrook.http.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Value;
import com.google.protobuf.WireFormat;
import org.jspecify.annotations.Nullable;

/**
 * What has to be known of a field on its way from or to JSON. Thread-safe: the plan of its message
 * type is looked up when it is first needed, as types may contain themselves.
 */
final class FieldPlan {
    static final int NO_ONEOF = -1;

    private final int index;
    private final int number;
    private final FieldDescriptor.Type type;
    private final Kind kind;
    private final boolean quoted;
    private final boolean narrow;
    private final int wire;
    private final int tag;
    private final boolean repeated;
    private final boolean map;
    private final boolean packed;
    private final boolean packable;
    private final boolean implicit;
    private final boolean takesNull;
    private final int oneof;
    private final String name;
    private final byte[] member;
    private final @Nullable EnumPlan values;
    private final @Nullable Descriptor messageType;
    private final TypePlans plans;
    private @Nullable TypePlan message;

    FieldPlan(FieldDescriptor field, int index, TypePlans plans) {
        this.index = index;
        this.plans = plans;
        number = field.getNumber();
        type = field.getType();
        kind = Kind.of(field);
        quoted = field.getJavaType() == JavaType.LONG;
        narrow = field.getJavaType() == JavaType.INT || field.getJavaType() == JavaType.ENUM;
        wire = field.getLiteType().getWireType();
        packed = field.isPacked();
        packable = field.isPackable();
        tag = (number << 3) | (packed ? WireFormat.WIRETYPE_LENGTH_DELIMITED : wire);
        repeated = field.isRepeated();
        map = field.isMapField();
        implicit = !repeated && !field.hasPresence();
        OneofDescriptor containing = field.getRealContainingOneof();
        oneof = containing == null ? NO_ONEOF : containing.getIndex();
        name = field.getJsonName();
        member = JsonOutput.member(name);
        values = type == FieldDescriptor.Type.ENUM ? new EnumPlan(field.getEnumType()) : null;
        messageType = kind == Kind.MESSAGE ? field.getMessageType() : null;
        takesNull =
                (values != null && values.isNull())
                        || (messageType != null
                                && messageType
                                        .getFullName()
                                        .equals(Value.getDescriptor().getFullName()));
    }

    /** Place among the type's fields, by rising numbers. */
    int index() {
        return index;
    }

    int number() {
        return number;
    }

    FieldDescriptor.Type type() {
        return type;
    }

    Kind kind() {
        return kind;
    }

    /** Whether JSON has the number in quotes, for many readers cannot hold 64 bits. */
    boolean quoted() {
        return quoted;
    }

    /** Whether of a varint the lower 32 bits count. */
    boolean narrow() {
        return narrow;
    }

    /** Wire type of one value. */
    int wire() {
        return wire;
    }

    /** What is written before a value, or before all where {@link #packed}. */
    int tag() {
        return tag;
    }

    boolean repeated() {
        return repeated;
    }

    boolean map() {
        return map;
    }

    boolean packed() {
        return packed;
    }

    /** Whether a value of this wire type belongs to the field. */
    boolean reads(int wireType) {
        return wireType == wire || (packable && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED);
    }

    /** Whether its default is the same as its absence. */
    boolean implicit() {
        return implicit;
    }

    /** Whether null is one of its values. */
    boolean takesNull() {
        return takesNull;
    }

    /** Place of its oneof among the type's, or {@link #NO_ONEOF}. */
    int oneof() {
        return oneof;
    }

    /** As JSON has it. */
    String name() {
        return name;
    }

    /** The name in quotes, and a colon. */
    byte[] member() {
        return member;
    }

    EnumPlan values() {
        if (values == null) {
            throw new IllegalStateException(name + " is no enum");
        }
        return values;
    }

    TypePlan message() {
        TypePlan known = message;
        if (known == null) {
            if (messageType == null) {
                throw new IllegalStateException(name + " is no message");
            }
            known = plans.of(messageType);
            message = known;
        }
        return known;
    }
}
