package dev.wirebrook.schema;

/**
 * Reads protobuf's wire format from an array. Source: the protobuf encoding guide.
 *
 * <p>Every read is given the end of the message that it must not pass, and fails with a {@link
 * RowFormatException} where it would. Not thread-safe.
 */
final class RowCursor {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int LENGTH = 2;
    static final int GROUP = 3;
    private static final int GROUP_END = 4;
    static final int FIXED32 = 5;

    private static final int GROUP_DEPTH_MAX = 100;
    private static final int VARINT_BITS_MAX = 70;

    private byte[] bytes = {};
    private int at;

    void moveTo(byte[] source, int position) {
        bytes = source;
        at = position;
    }

    byte[] bytes() {
        return bytes;
    }

    int at() {
        return at;
    }

    /** Reads a length and steps over the value that it announces; returns the value's start. */
    int value(int end) {
        int length = length(end);
        int start = at;
        at += length;
        return start;
    }

    int length(int end) {
        long length = varint(end);
        if (length < 0 || length > end - at) {
            throw cutShort();
        }
        return (int) length;
    }

    long varint(int end) {
        long value = 0;
        for (int shift = 0; shift < VARINT_BITS_MAX; shift += 7) {
            if (at >= end) {
                throw cutShort();
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new RowFormatException("a varint has more than ten bytes");
    }

    int fixed32(int end) {
        int from = at;
        advance(Integer.BYTES, end);
        return (bytes[from] & 0xFF)
                | (bytes[from + 1] & 0xFF) << 8
                | (bytes[from + 2] & 0xFF) << 16
                | bytes[from + 3] << 24;
    }

    long fixed64(int end) {
        long low = fixed32(end) & 0xFFFF_FFFFL;
        return low | (long) fixed32(end) << 32;
    }

    /** Steps over the value that follows a tag. */
    void skip(int tag, int end) {
        skip(tag, end, 0);
    }

    private void skip(int tag, int end, int depth) {
        switch (tag & 7) {
            case VARINT -> varint(end);
            case FIXED64 -> advance(Long.BYTES, end);
            case LENGTH -> advance(length(end), end);
            case FIXED32 -> advance(Integer.BYTES, end);
            case GROUP -> skipGroup(tag, end, depth);
            default -> throw new RowFormatException("there is no wire type " + (tag & 7));
        }
    }

    private void skipGroup(int tag, int end, int depth) {
        if (depth == GROUP_DEPTH_MAX) {
            throw new RowFormatException("groups nest deeper than " + GROUP_DEPTH_MAX);
        }
        int inner = (int) varint(end);
        while ((inner & 7) != GROUP_END) {
            skip(inner, end, depth + 1);
            inner = (int) varint(end);
        }
        if (inner >>> 3 != tag >>> 3) {
            throw new RowFormatException("a group ends under another number");
        }
    }

    private void advance(int count, int end) {
        if (count > end - at) {
            throw cutShort();
        }
        at += count;
    }

    private static RowFormatException cutShort() {
        return new RowFormatException("the message is cut short");
    }
}
