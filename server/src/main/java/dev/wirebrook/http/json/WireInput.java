package dev.wirebrook.http.json;

import com.google.protobuf.WireFormat;

/** Reads the elements of the wire format from bytes. Confined to a thread. */
final class WireInput {
    private static final int VARINT_BITS_MAX = 64;

    private final byte[] bytes;
    private int at;

    WireInput(byte[] bytes) {
        this.bytes = bytes;
    }

    byte[] bytes() {
        return bytes;
    }

    int position() {
        return at;
    }

    void position(int position) {
        at = position;
    }

    int tag(int end) throws InvalidWireException {
        int tag = (int) varint(end);
        if (WireFormat.getTagFieldNumber(tag) == 0) {
            throw new InvalidWireException("no message: a field with the number 0 at byte " + at);
        }
        return tag;
    }

    long varint(int end) throws InvalidWireException {
        long value = 0;
        for (int shift = 0; shift < VARINT_BITS_MAX; shift += 7) {
            if (at >= end) {
                throw truncated();
            }
            byte b = bytes[at++];
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new InvalidWireException("no message: a varint that does not end at byte " + at);
    }

    /** The bits of a value that is not measured. */
    long number(int wireType, int end) throws InvalidWireException {
        return switch (wireType) {
            case WireFormat.WIRETYPE_VARINT -> varint(end);
            case WireFormat.WIRETYPE_FIXED32 -> fixed(Integer.BYTES, end);
            default -> fixed(Long.BYTES, end);
        };
    }

    private long fixed(int width, int end) throws InvalidWireException {
        if (end - at < width) {
            throw truncated();
        }
        long bits = 0;
        for (int i = 0; i < width; i++) {
            bits |= (bytes[at++] & 0xFFL) << (Byte.SIZE * i);
        }
        return bits;
    }

    /** Reads a length; returns where what it measures ends. */
    int measured(int end) throws InvalidWireException {
        int length = (int) varint(end);
        if (length < 0 || length > end - at) {
            throw truncated();
        }
        return at + length;
    }

    /** Passes over the value of a field that is not known. */
    void skip(int tag, int end, int depth) throws InvalidWireException {
        switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> varint(end);
            case WireFormat.WIRETYPE_FIXED32 -> fixed(Integer.BYTES, end);
            case WireFormat.WIRETYPE_FIXED64 -> fixed(Long.BYTES, end);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> at = measured(end);
            case WireFormat.WIRETYPE_START_GROUP -> skipGroup(tag, end, depth);
            default ->
                    throw new InvalidWireException(
                            "no message: an impossible wire type at byte " + at);
        }
    }

    private void skipGroup(int tag, int end, int depth) throws InvalidWireException {
        if (depth >= JsonMessage.DEPTH_MAX) {
            throw tooDeep();
        }
        int close = (tag & ~7) | WireFormat.WIRETYPE_END_GROUP;
        for (int inner = tag(end); inner != close; inner = tag(end)) {
            skip(inner, end, depth + 1);
        }
    }

    static InvalidWireException tooDeep() {
        return new InvalidWireException(
                "nested deeper than " + JsonMessage.DEPTH_MAX + " messages");
    }

    private InvalidWireException truncated() {
        return new InvalidWireException("no message: it ends within a field, at byte " + at);
    }
}
