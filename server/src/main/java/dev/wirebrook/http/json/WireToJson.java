package dev.wirebrook.http.json;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the JSON of a message in one pass over its wire bytes, as long as these are as protobuf's
 * serialisers write them: known fields by rising numbers, each once or, where it is repeated,
 * together; one member of a oneof, no key of a map twice. Everything else is legal too, and is a
 * {@link NotCanonical}. Confined to a thread; for one use.
 */
final class WireToJson {
    /** Bytes for which one pass is not enough. No fault, so it has no trace. */
    static final class NotCanonical extends Exception {
        private static final long serialVersionUID = 1L;

        private NotCanonical() {
            super("not canonical", null, false, false);
        }
    }

    private static final int DEPTH_MAX = JsonMessage.DEPTH_MAX;

    private static final byte[] NO_MEMBER = {};

    private final WireInput in;
    private final JsonOutput out;
    private final ForeignJson foreign;

    WireToJson(byte[] wire, ForeignJson foreign) {
        this.foreign = foreign;
        in = new WireInput(wire);
        out = new JsonOutput(2 * wire.length + 64);
    }

    byte[] convert(TypePlan plan) throws InvalidWireException, NotCanonical {
        message(plan, in.bytes().length, 0);
        return out.toByteArray();
    }

    /** Writes the message that ends at {@code end}. */
    private void message(TypePlan plan, int end, int depth)
            throws InvalidWireException, NotCanonical {
        if (depth > DEPTH_MAX) {
            throw WireInput.tooDeep();
        }
        switch (plan.form()) {
            case OBJECT -> object(plan, end, depth);
            case TIMESTAMP, DURATION -> time(plan, end, depth);
            case WRAPPER -> wrapper(plan.field(1), end, depth);
            case STRUCT -> alone(plan.field(1), "{}", end, depth);
            case VALUE -> value(plan, end, depth);
            case LIST_VALUE -> alone(plan.field(1), "[]", end, depth);
            case FOREIGN -> {
                out.raw(foreign.toJson(in.bytes(), in.position(), end, plan.descriptor()));
                in.position(end);
            }
        }
    }

    private void object(TypePlan plan, int end, int depth)
            throws InvalidWireException, NotCanonical {
        out.raw('{');
        int last = 0;
        long oneofs = 0;
        while (in.position() < end) {
            int tag = in.tag(end);
            FieldPlan field = known(plan, tag);
            if (field == null) {
                in.skip(tag, end, depth);
                continue;
            }
            if (field.number() <= last) {
                throw new NotCanonical();
            }
            last = field.number();
            if (field.oneof() != FieldPlan.NO_ONEOF) {
                long mark = 1L << field.oneof();
                if ((oneofs & mark) != 0) {
                    throw new NotCanonical();
                }
                oneofs |= mark;
            }
            member(field, tag, end, depth);
        }
        out.takeBack(',');
        out.raw('}');
    }

    private static @Nullable FieldPlan known(TypePlan plan, int tag) {
        FieldPlan field = plan.numbered(WireFormat.getTagFieldNumber(tag));
        return field != null && field.reads(WireFormat.getTagWireType(tag)) ? field : null;
    }

    /** Writes a field's name, value and comma, or nothing where the value is as good as absent. */
    private void member(FieldPlan field, int tag, int end, int depth)
            throws InvalidWireException, NotCanonical {
        if (field.repeated()) {
            repeated(field, field.member(), tag, end, depth);
            return;
        }
        switch (field.kind()) {
            case STRING, BYTES -> {
                int stop = in.measured(end);
                if (stop == in.position() && field.implicit()) {
                    return;
                }
                out.raw(field.member());
                text(field, stop);
            }
            case MESSAGE -> {
                int stop = in.measured(end);
                out.raw(field.member());
                message(field.message(), stop, depth + 1);
            }
            case NUMBER -> {
                long bits = readNumber(field, end);
                if (bits == 0 && field.implicit()) {
                    return;
                }
                out.raw(field.member());
                writeNumber(field, bits);
            }
        }
        out.raw(',');
    }

    /** Reads a number's bits; those are 0 for the type's default alone. */
    private long readNumber(FieldPlan field, int end) throws InvalidWireException {
        long bits = in.number(field.wire(), end);
        return field.narrow() ? (int) bits : bits;
    }

    /** A list or a map, with all its occurrences, which have to stand together. */
    private void repeated(FieldPlan field, byte[] member, int firstTag, int end, int depth)
            throws InvalidWireException, NotCanonical {
        Set<Object> keys = field.map() ? new HashSet<>() : Set.of();
        boolean open = false;
        int tag = firstTag;
        while (true) {
            int from = in.position();
            boolean packed =
                    field.wire() != WireFormat.WIRETYPE_LENGTH_DELIMITED
                            && WireFormat.getTagWireType(tag)
                                    == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (!open && !(packed && in.measured(end) == in.position())) {
                open = true;
                out.raw(member);
                out.raw(field.map() ? '{' : '[');
            }
            in.position(from);
            occurrence(field, packed, keys, end, depth);
            int behind = in.position();
            if (behind == end) {
                break;
            }
            tag = in.tag(end);
            if (WireFormat.getTagFieldNumber(tag) != field.number()
                    || !field.reads(WireFormat.getTagWireType(tag))) {
                in.position(behind);
                break;
            }
        }
        if (open) {
            out.takeBack(',');
            out.raw(field.map() ? '}' : ']');
            out.raw(',');
        }
    }

    private void occurrence(FieldPlan field, boolean packed, Set<Object> keys, int end, int depth)
            throws InvalidWireException, NotCanonical {
        if (field.map()) {
            entry(field, keys, in.measured(end), depth + 1);
            return;
        }
        if (packed) {
            int stop = in.measured(end);
            while (in.position() < stop) {
                writeNumber(field, readNumber(field, stop));
                out.raw(',');
            }
            return;
        }
        single(field, end, depth);
        out.raw(',');
    }

    /** Reads and writes one value, whatever it is. */
    private void single(FieldPlan field, int end, int depth)
            throws InvalidWireException, NotCanonical {
        switch (field.kind()) {
            case STRING, BYTES -> text(field, in.measured(end));
            case MESSAGE -> message(field.message(), in.measured(end), depth + 1);
            case NUMBER -> writeNumber(field, readNumber(field, end));
        }
    }

    private void entry(FieldPlan map, Set<Object> keys, int end, int depth)
            throws InvalidWireException, NotCanonical {
        if (depth > DEPTH_MAX) {
            throw WireInput.tooDeep();
        }
        TypePlan plan = map.message();
        FieldPlan key = plan.field(1);
        FieldPlan value = plan.field(2);
        int last = 0;
        while (in.position() < end) {
            int tag = in.tag(end);
            FieldPlan field = known(plan, tag);
            if (field == null) {
                in.skip(tag, end, depth);
                continue;
            }
            if (field.number() <= last) {
                throw new NotCanonical();
            }
            if (field.number() == 1) {
                key(key, keys, end);
            } else {
                if (last == 0) {
                    absentKey(key, keys);
                }
                single(value, end, depth);
            }
            last = field.number();
        }
        if (last == 0) {
            absentKey(key, keys);
        }
        if (last < 2) {
            absent(value, depth);
        }
        out.raw(',');
    }

    private void key(FieldPlan key, Set<Object> keys, int end)
            throws InvalidWireException, NotCanonical {
        if (key.kind() == Kind.STRING) {
            int start = in.position();
            int stop = in.measured(end);
            int first = in.position();
            in.position(start);
            once(keys, new String(in.bytes(), first, stop - first, StandardCharsets.UTF_8));
            text(key, in.measured(end));
        } else {
            long bits = readNumber(key, end);
            once(keys, key.type() == FieldDescriptor.Type.BOOL && bits != 0 ? 1L : bits);
            out.raw('"');
            bare(key, bits);
            out.raw('"');
        }
        out.raw(':');
    }

    private void absentKey(FieldPlan key, Set<Object> keys) throws NotCanonical {
        if (key.kind() == Kind.STRING) {
            once(keys, "");
            out.raw("\"\":");
        } else {
            once(keys, 0L);
            out.raw('"');
            bare(key, 0);
            out.raw("\":");
        }
    }

    private static void once(Set<Object> keys, Object key) throws NotCanonical {
        if (!keys.add(key)) {
            throw new NotCanonical();
        }
    }

    /** Writes the default of a value that is not there. */
    private void absent(FieldPlan field, int depth) throws InvalidWireException, NotCanonical {
        switch (field.kind()) {
            case STRING, BYTES -> out.raw("\"\"");
            case MESSAGE -> message(field.message(), in.position(), depth + 1);
            case NUMBER -> writeNumber(field, 0);
        }
    }

    private void text(FieldPlan field, int stop) throws InvalidWireException {
        if (field.kind() == Kind.BYTES) {
            out.base64(in.bytes(), in.position(), stop);
        } else if (!out.string(in.bytes(), in.position(), stop)) {
            throw new InvalidWireException(
                    field.name() + " is not UTF-8, at byte " + in.position());
        }
        in.position(stop);
    }

    private void writeNumber(FieldPlan field, long bits) {
        if (field.quoted()) {
            out.raw('"');
        }
        bare(field, bits);
        if (field.quoted()) {
            out.raw('"');
        }
    }

    private void bare(FieldPlan field, long bits) {
        switch (field.type()) {
            case BOOL -> out.raw(bits != 0 ? "true" : "false");
            case ENUM -> enumName(field.values(), (int) bits);
            case INT32, SFIXED32 -> {
                int value = (int) bits;
                out.signed(value);
            }
            case SINT32 -> out.signed(CodedInputStream.decodeZigZag32((int) bits));
            case UINT32, FIXED32 -> out.signed(bits & 0xFFFF_FFFFL);
            case INT64, SFIXED64 -> out.signed(bits);
            case SINT64 -> out.signed(CodedInputStream.decodeZigZag64(bits));
            case UINT64, FIXED64 -> out.unsigned(bits);
            case FLOAT -> out.float32(Float.intBitsToFloat((int) bits));
            case DOUBLE -> out.float64(Double.longBitsToDouble(bits));
            case STRING, BYTES, MESSAGE, GROUP ->
                    throw new IllegalStateException(field.name() + " is " + field.type());
        }
    }

    private void enumName(EnumPlan values, int number) {
        byte[] name = values.isNull() ? null : values.name(number);
        if (name != null) {
            out.raw('"');
            out.raw(name);
            out.raw('"');
        } else if (values.isNull()) {
            out.raw("null");
        } else {
            out.signed(number);
        }
    }

    private void time(TypePlan plan, int end, int depth) throws InvalidWireException {
        long seconds = 0;
        int nanos = 0;
        while (in.position() < end) {
            int tag = in.tag(end);
            FieldPlan field = known(plan, tag);
            if (field == null) {
                in.skip(tag, end, depth);
            } else if (field.number() == 1) {
                seconds = in.varint(end);
            } else {
                nanos = (int) in.varint(end);
            }
        }
        boolean isTimestamp = plan.form() == Form.TIMESTAMP;
        if (isTimestamp
                ? !TimeText.isTimestamp(seconds, nanos)
                : !TimeText.isDuration(seconds, nanos)) {
            throw new InvalidWireException(
                    "a "
                            + plan.descriptor().getFullName()
                            + " out of its range, before byte "
                            + end);
        }
        if (isTimestamp) {
            TimeText.writeTimestamp(out, seconds, nanos);
        } else {
            TimeText.writeDuration(out, seconds, nanos);
        }
    }

    private void wrapper(FieldPlan field, int end, int depth)
            throws InvalidWireException, NotCanonical {
        if (!toField(field, end, depth)) {
            absent(field, depth);
            return;
        }
        single(field, end, depth);
        if (toField(field, end, depth)) {
            throw new NotCanonical();
        }
    }

    /** Passes over what is not {@code field}; whether it comes. */
    private boolean toField(FieldPlan field, int end, int depth) throws InvalidWireException {
        while (in.position() < end) {
            int tag = in.tag(end);
            if (WireFormat.getTagFieldNumber(tag) == field.number()
                    && field.reads(WireFormat.getTagWireType(tag))) {
                return true;
            }
            in.skip(tag, end, depth);
        }
        return false;
    }

    /** Writes the one list or map that a message is. */
    private void alone(FieldPlan field, String empty, int end, int depth)
            throws InvalidWireException, NotCanonical {
        if (!toField(field, end, depth)) {
            out.raw(empty);
            return;
        }
        repeated(field, NO_MEMBER, field.tag(), end, depth);
        out.takeBack(',');
        if (toField(field, end, depth)) {
            throw new NotCanonical();
        }
    }

    private void value(TypePlan plan, int end, int depth)
            throws InvalidWireException, NotCanonical {
        boolean written = false;
        while (in.position() < end) {
            int tag = in.tag(end);
            FieldPlan field = known(plan, tag);
            if (field == null) {
                in.skip(tag, end, depth);
                continue;
            }
            if (written) {
                throw new NotCanonical();
            }
            written = true;
            if (field.type() == FieldDescriptor.Type.DOUBLE) {
                finite(in.number(field.wire(), end));
            } else {
                single(field, end, depth);
            }
        }
        if (!written) {
            out.raw("null");
        }
    }

    private void finite(long bits) throws InvalidWireException {
        double value = Double.longBitsToDouble(bits);
        if (!Double.isFinite(value)) {
            throw new InvalidWireException(
                    "a google.protobuf.Value that is " + value + ", which JSON cannot say");
        }
        out.float64(value);
    }
}
