package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.Descriptor;

/**
 * The well-known types some of whose values protobuf's JSON mapping cannot express, and a quick
 * look at such a value on the wire. The bytes have been walked before: they are a message.
 */
enum WellKnownValue {
    /** Every other type. */
    NONE {
        @Override
        boolean isPlain(byte[] bytes, int start, int end) {
            return true;
        }
    },
    TIMESTAMP {
        @Override
        boolean isPlain(byte[] bytes, int start, int end) {
            return isTime(bytes, start, end, TIMESTAMP_SECONDS_MIN, TIMESTAMP_SECONDS_MAX);
        }
    },
    /** Negative durations are rare: whether both parts have the same sign is left to the parser. */
    DURATION {
        @Override
        boolean isPlain(byte[] bytes, int start, int end) {
            return isTime(bytes, start, end, 0, DURATION_SECONDS_MAX);
        }
    },
    /** A number in a {@code google.protobuf.Value} must be finite. */
    VALUE {
        @Override
        boolean isPlain(byte[] bytes, int start, int end) {
            int at = start;
            while (at < end) {
                int tag = (int) varint(bytes, at);
                at = varintEnd(bytes, at);
                switch (tag & 7) {
                    case RowCursor.VARINT -> at = varintEnd(bytes, at);
                    case RowCursor.LENGTH -> {
                        int length = (int) varint(bytes, at);
                        at = varintEnd(bytes, at) + length;
                    }
                    case RowCursor.FIXED64 -> {
                        at += Long.BYTES;
                        boolean isFinite =
                                (bytes[at - 1] & 0x7F) != 0x7F || (bytes[at - 2] & 0xF0) != 0xF0;
                        if (!isFinite) {
                            return false;
                        }
                    }
                    default -> {
                        return false;
                    }
                }
            }
            return true;
        }
    },
    /** Types that are always left to the parser. */
    OTHER {
        @Override
        boolean isPlain(byte[] bytes, int start, int end) {
            return false;
        }
    };

    private static final long TIMESTAMP_SECONDS_MIN = -62_135_596_800L;
    private static final long TIMESTAMP_SECONDS_MAX = 253_402_300_799L;
    private static final long DURATION_SECONDS_MAX = 315_576_000_000L;
    private static final long NANOS_MAX = 999_999_999;
    private static final int SECONDS_TAG = 1 << 3;
    private static final int NANOS_TAG = 2 << 3;

    static WellKnownValue of(Descriptor type) {
        return switch (type.getFullName()) {
            case "google.protobuf.Timestamp" -> TIMESTAMP;
            case "google.protobuf.Duration" -> DURATION;
            case "google.protobuf.Value" -> VALUE;
            case "google.protobuf.Any", "google.protobuf.FieldMask" -> OTHER;
            default -> NONE;
        };
    }

    /**
     * Whether JSON certainly has a form for the value; false if only a parser can tell. {@code
     * bytes[start, end)} is the message; occurrences that are merged are looked at one by one.
     */
    abstract boolean isPlain(byte[] bytes, int start, int end);

    private static boolean isTime(byte[] bytes, int start, int end, long min, long max) {
        int at = start;
        while (at < end) {
            int tag = (int) varint(bytes, at);
            at = varintEnd(bytes, at);
            if (tag != SECONDS_TAG && tag != NANOS_TAG) {
                return false;
            }
            long value = varint(bytes, at);
            at = varintEnd(bytes, at);
            boolean inRange =
                    tag == SECONDS_TAG
                            ? value >= min && value <= max
                            : (int) value >= 0 && (int) value <= NANOS_MAX;
            if (!inRange) {
                return false;
            }
        }
        return true;
    }

    private static long varint(byte[] bytes, int start) {
        long value = 0;
        int shift = 0;
        int at = start;
        for (; bytes[at] < 0; at++) {
            value |= (long) (bytes[at] & 0x7F) << shift;
            shift += 7;
        }
        return value | (long) bytes[at] << shift;
    }

    private static int varintEnd(byte[] bytes, int start) {
        int at = start;
        while (bytes[at] < 0) {
            at++;
        }
        return at + 1;
    }
}
