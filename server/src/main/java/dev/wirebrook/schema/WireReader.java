package dev.wirebrook.schema;

import org.jspecify.annotations.Nullable;

/**
 * Walks messages on the wire by their plans and accepts exactly what protobuf-java's parsers
 * accept, but for three things. Every {@code string} has to be UTF-8, under proto2 too, since
 * tables and JSON hold text. A varint has ten bytes at most; protobuf-java 4.36.2 reads some longer
 * ones in some places, as if the tenth byte did not say that more follow. And one level of nesting
 * less is taken, see {@link #DEPTH_MAX}.
 *
 * <p>Each walking method takes the position behind what was read before and the end it must not
 * pass, and returns the position behind what it read, or {@link #FAULT}; then the fault's kind,
 * place and path are set. Makes no objects unless there is a fault.
 *
 * <p>Confined to one thread at a time.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">The wire format</a>
 */
final class WireReader {
    static final int FAULT = -1;

    /**
     * Messages and groups within each other in a batch. Protobuf's parsers allow 100 by default,
     * and in a tail's response an event lies one level deeper than in its batch.
     */
    static final int DEPTH_MAX = 99;

    private static final int VARINT_BYTES_MAX = 10;
    private static final int TAG_TYPE_MASK = 7;
    private static final int TAG_TYPE_BITS = 3;

    private static final int WIRE_VARINT = 0;
    private static final int WIRE_FIXED64 = 1;
    private static final int WIRE_LENGTH = 2;
    private static final int WIRE_START_GROUP = 3;
    private static final int WIRE_END_GROUP = 4;
    private static final int WIRE_FIXED32 = 5;

    /** The end of no group: a message that ends with its bytes. */
    private static final int NO_GROUP = 0;

    private byte[] bytes = {};

    /** Behind the varint that was read last. */
    private int cursor;

    private @Nullable WireFault fault;
    private int faultOffset;
    private final FaultPath faultPath = new FaultPath();
    private boolean doubtful;

    void begin(byte[] input) {
        bytes = input;
        clearFault();
    }

    void clearFault() {
        fault = null;
        faultPath.clear();
    }

    /** Forgets what {@link #isDoubtful} says. */
    void clearDoubt() {
        doubtful = false;
    }

    /** Whether a value was met that may have no form in JSON: see {@link JsonLimits}. */
    boolean isDoubtful() {
        return doubtful;
    }

    /** The position behind the varint that {@link #varint32} read, or {@link #FAULT}. */
    int cursor() {
        return cursor;
    }

    WireFault fault() {
        if (fault == null) {
            throw new IllegalStateException("no fault");
        }
        return fault;
    }

    /** Where in the array the fault is. */
    int faultOffset() {
        return faultOffset;
    }

    FaultPath faultPath() {
        return faultPath;
    }

    int fail(WireFault kind, int offset) {
        fault = kind;
        faultOffset = offset;
        return FAULT;
    }

    /**
     * Notes that the fault is inside a field.
     *
     * @param from where the message that has the field begins
     * @param at where the field's tag begins
     */
    int failInside(MessagePlan plan, int tag, int from, int at) {
        faultPath.enclose(plan.descriptor(), tag, bytes, from, at);
        return FAULT;
    }

    /** Walks the fields of a message up to {@code end}, or up to the end of its group. */
    private int message(MessagePlan plan, int start, int end, int depth, int endOfGroup) {
        int position = start;
        while (position < end) {
            int at = position;
            int tag = bytes[position++];
            if (tag < 0) {
                tag = varint32(at, end);
                position = cursor;
                if (position < 0) {
                    return FAULT;
                }
            }
            if (tag == endOfGroup && endOfGroup != NO_GROUP) {
                return position;
            }
            position = field(plan.action(tag), plan, tag, position, end, depth);
            if (position < 0) {
                return failInside(plan, tag, start, at);
            }
        }
        return endOfGroup == NO_GROUP ? end : fail(WireFault.TRUNCATED, end);
    }

    /**
     * Walks one field whose tag was read.
     *
     * @param depth messages and groups around the field, without the outermost message
     */
    int field(int action, MessagePlan plan, int tag, int position, int end, int depth) {
        return switch (action & MessagePlan.OPERATION) {
            case MessagePlan.STRING -> string(position, end);
            case MessagePlan.VARINT -> varint(position, end);
            case MessagePlan.FIXED32 -> fixed(position, end, Integer.BYTES);
            case MessagePlan.FIXED64 -> fixed(position, end, Long.BYTES);
            case MessagePlan.MESSAGE -> subMessage(plan.child(action), position, end, depth);
            case MessagePlan.BYTES -> payloadEnd(position, end);
            case MessagePlan.GROUP -> group(plan.child(action), tag, position, end, depth);
            case MessagePlan.PACKED_VARINT -> packedVarints(position, end);
            case MessagePlan.PACKED_FIXED32 -> packedFixed(position, end, Integer.BYTES);
            case MessagePlan.PACKED_FIXED64 -> packedFixed(position, end, Long.BYTES);
            default -> unknown(tag, position, end, depth);
        };
    }

    int subMessage(MessagePlan plan, int position, int end, int depth) {
        int stop = payloadEnd(position, end);
        if (stop < 0) {
            return FAULT;
        }
        if (depth >= DEPTH_MAX) {
            return fail(WireFault.TOO_DEEP, position);
        }
        int start = cursor;
        int behind = message(plan, start, stop, depth + 1, NO_GROUP);
        if (behind >= 0
                && plan.wellKnown() != WellKnownValue.NONE
                && !plan.wellKnown().isPlain(bytes, start, stop)) {
            doubtful = true;
        }
        return behind;
    }

    private int group(MessagePlan plan, int tag, int position, int end, int depth) {
        return depth < DEPTH_MAX
                ? message(plan, position, end, depth + 1, endOfGroup(tag))
                : fail(WireFault.TOO_DEEP, position);
    }

    int string(int position, int end) {
        int stop = payloadEnd(position, end);
        if (stop < 0) {
            return FAULT;
        }
        return Utf8.isValid(bytes, cursor, stop) ? stop : fail(WireFault.NOT_UTF8, cursor);
    }

    private int packedVarints(int position, int end) {
        int stop = payloadEnd(position, end);
        int next = stop < 0 ? FAULT : cursor;
        while (next >= 0 && next < stop) {
            next = varint(next, stop);
        }
        return next;
    }

    private int packedFixed(int position, int end, int width) {
        int stop = payloadEnd(position, end);
        if (stop < 0) {
            return FAULT;
        }
        return (stop - cursor) % width == 0 ? stop : fail(WireFault.TRUNCATED, stop);
    }

    private int fixed(int position, int end, int width) {
        return end - position >= width ? position + width : fail(WireFault.TRUNCATED, end);
    }

    /** Passes over a field without a look inside. */
    int skip(int tag, int position, int end) {
        return unknown(tag, position, end, 0);
    }

    private int unknown(int tag, int position, int end, int depth) {
        if (tag >>> TAG_TYPE_BITS == 0) {
            return fail(WireFault.FIELD_NUMBER_ZERO, position);
        }
        return switch (tag & TAG_TYPE_MASK) {
            case WIRE_VARINT -> varint(position, end);
            case WIRE_FIXED64 -> fixed(position, end, Long.BYTES);
            case WIRE_LENGTH -> payloadEnd(position, end);
            case WIRE_START_GROUP -> unknownGroup(tag, position, end, depth);
            case WIRE_END_GROUP -> fail(WireFault.END_GROUP_UNMATCHED, position);
            case WIRE_FIXED32 -> fixed(position, end, Integer.BYTES);
            default -> fail(WireFault.WIRE_TYPE_UNKNOWN, position);
        };
    }

    private int unknownGroup(int tag, int start, int end, int depth) {
        if (depth >= DEPTH_MAX) {
            return fail(WireFault.TOO_DEEP, start);
        }
        int position = start;
        while (position < end) {
            int inner = varint32(position, end);
            position = cursor;
            if (position < 0) {
                return FAULT;
            }
            if (inner == endOfGroup(tag)) {
                return position;
            }
            position = unknown(inner, position, end, depth + 1);
            if (position < 0) {
                return FAULT;
            }
        }
        return fail(WireFault.TRUNCATED, end);
    }

    private static int endOfGroup(int tag) {
        return (tag & ~TAG_TYPE_MASK) | WIRE_END_GROUP;
    }

    /**
     * Reads the length of a payload. Then {@link #cursor} is where it begins, and the answer where
     * it ends.
     */
    int payloadEnd(int position, int end) {
        int length;
        if (position < end && bytes[position] >= 0) {
            length = bytes[position];
            cursor = position + 1;
        } else {
            length = varint32(position, end);
            if (cursor < 0) {
                return FAULT;
            }
            if (length < 0) {
                return fail(WireFault.NEGATIVE_LENGTH, position);
            }
        }
        return length <= end - cursor ? cursor + length : fail(WireFault.TRUNCATED, end);
    }

    private int varint(int start, int end) {
        int stop = Math.min(end - start, VARINT_BYTES_MAX) + start;
        for (int i = start; i < stop; i++) {
            if (bytes[i] >= 0) {
                return i + 1;
            }
        }
        return unendingVarint(start, stop, end);
    }

    /**
     * The lower 32 bits of a varint of at most 64, as tags and lengths are read. Then {@link
     * #cursor} is behind it, or {@link #FAULT}.
     */
    int varint32(int start, int end) {
        int stop = Math.min(end - start, VARINT_BYTES_MAX) + start;
        int value = 0;
        int shift = 0;
        for (int i = start; i < stop; i++) {
            int b = bytes[i];
            if (shift < Integer.SIZE) {
                value |= (b & 0x7F) << shift;
            }
            if (b >= 0) {
                cursor = i + 1;
                return value;
            }
            shift += 7;
        }
        cursor = unendingVarint(start, stop, end);
        return 0;
    }

    private int unendingVarint(int start, int stop, int end) {
        return stop - start == VARINT_BYTES_MAX
                ? fail(WireFault.VARINT_TOO_LONG, start)
                : fail(WireFault.TRUNCATED, end);
    }
}
