package dev.wirebrook.schema;

/** What a walk over a batch came to. */
public sealed interface ScanResult {
    /** The frame is sound: each event has its verdict. */
    record Scanned() implements ScanResult {
        static final Scanned INSTANCE = new Scanned();
    }

    /** The frame is sound and has no event. */
    record Empty() implements ScanResult {
        static final Empty INSTANCE = new Empty();
    }

    /**
     * The frame is broken, so where events begin and end is not known: no event can be taken.
     *
     * @param field path of what is broken, such as {@code header.os}; empty for the batch itself
     * @param reason completes a sentence whose subject is the field
     * @param byteOffset where, from the first byte of the batch
     */
    record Malformed(String field, String reason, int byteOffset) implements ScanResult {
        /** The whole as one sentence. */
        public String message() {
            return "%s %s, at byte %d"
                    .formatted(field.isEmpty() ? "the batch" : field, reason, byteOffset);
        }
    }

    /** There are more events than may be in one batch. */
    record TooManyEvents(int eventsMax) implements ScanResult {}
}
