package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What the decoder knows of one field: its slot, its encoding, and whom it displaces. */
final class RowField {
    private static final int[] NO_PEERS = {};

    final int slot;
    final FieldDescriptor descriptor;
    final FieldDescriptor.Type type;
    final boolean repeated;
    final int wireType;
    final Finish finish;
    final int[] peers;
    private final Map<Integer, byte[]> enumNames;
    private final boolean closedEnum;

    private RowField(int slot, FieldDescriptor descriptor, int[] peers) {
        this.slot = slot;
        this.descriptor = descriptor;
        this.peers = peers;
        type = descriptor.getType();
        repeated = descriptor.isRepeated();
        wireType = wireType(type);
        finish = finish(descriptor);
        boolean isEnum = type == FieldDescriptor.Type.ENUM;
        enumNames = isEnum ? names(descriptor.getEnumType()) : Map.of();
        closedEnum = isEnum && descriptor.legacyEnumFieldTreatedAsClosed();
    }

    /** The field of a column at {@code slot}; its peers are the other members of its oneof. */
    static RowField of(List<Column> columns, int index, int firstSlot) {
        FieldDescriptor descriptor = columns.get(index).field();
        OneofDescriptor oneof = descriptor.getRealContainingOneof();
        int[] peers = NO_PEERS;
        if (oneof != null) {
            peers =
                    IntStream.range(0, columns.size())
                            .filter(i -> i != index)
                            .filter(i -> oneof == columns.get(i).field().getRealContainingOneof())
                            .map(i -> firstSlot + i)
                            .toArray();
        }
        return new RowField(firstSlot + index, descriptor, peers);
    }

    static RowField alone(FieldDescriptor descriptor, int slot) {
        return new RowField(slot, descriptor, NO_PEERS);
    }

    /** What is left to do with a value once the whole message has been read. */
    enum Finish {
        NOTHING,
        UTF8,
        ENUM_NAME,
        JSON
    }

    private static Finish finish(FieldDescriptor field) {
        if (ColumnType.of(field) == ColumnType.JSON) {
            return Finish.JSON;
        }
        if (ColumnType.of(field) != ColumnType.TEXT) {
            return Finish.NOTHING;
        }
        return field.getType() == FieldDescriptor.Type.ENUM ? Finish.ENUM_NAME : Finish.UTF8;
    }

    private static int wireType(FieldDescriptor.Type type) {
        return switch (type) {
            case INT32, INT64, UINT32, UINT64, SINT32, SINT64, BOOL, ENUM -> RowCursor.VARINT;
            case FIXED64, SFIXED64, DOUBLE -> RowCursor.FIXED64;
            case FIXED32, SFIXED32, FLOAT -> RowCursor.FIXED32;
            case STRING, BYTES, MESSAGE -> RowCursor.LENGTH;
            case GROUP -> RowCursor.GROUP;
        };
    }

    /** The first name stands where several share a number, as in protobuf's JSON mapping. */
    private static Map<Integer, byte[]> names(EnumDescriptor type) {
        Map<Integer, byte[]> names = new HashMap<>();
        for (EnumValueDescriptor value : type.getValues()) {
            names.putIfAbsent(value.getNumber(), value.getName().getBytes(StandardCharsets.UTF_8));
        }
        return names;
    }

    /** Whether an enum's number counts as set; an unknown one of a closed enum does not. */
    boolean knows(int number) {
        return !closedEnum || enumNames.containsKey(number);
    }

    /** Name of an enum's number, or the number in decimal. */
    byte[] enumName(int number) {
        byte[] name = enumNames.get(number);
        return name != null ? name : Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    boolean accepts(int foundWireType) {
        return foundWireType == wireType || (repeated && foundWireType == RowCursor.LENGTH);
    }
}
