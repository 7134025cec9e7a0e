package dev.wirebrook.client;

import java.time.Duration;

/**
 * How a stream of batches behaves.
 *
 * @param windowBytes of batches that are sent and not yet answered; a batch larger than this goes
 *     alone
 * @param windowBatches that are sent and not yet answered
 * @param reportDuplicates whether the outcomes tell duplicates from new events; costs the server a
 *     look-up an event
 * @param patience how long the session goes on trying while nothing at all is accepted, before it
 *     fails
 * @param backoffMin first wait before a new try
 * @param backoffMax longest wait before a new try
 */
public record IngestOptions(
        int windowBytes,
        int windowBatches,
        boolean reportDuplicates,
        Duration patience,
        Duration backoffMin,
        Duration backoffMax) {
    public static final IngestOptions DEFAULT =
            new IngestOptions(
                    4 << 20,
                    256,
                    false,
                    Duration.ofMinutes(1),
                    Duration.ofMillis(100),
                    Duration.ofSeconds(5));

    public IngestOptions {
        if (windowBytes < 1 || windowBatches < 1) {
            throw new IllegalArgumentException(
                    "window of " + windowBytes + " bytes, " + windowBatches + " batches");
        }
        Backoff.check(backoffMin, backoffMax);
    }

    /** The same, telling duplicates from new events. */
    public IngestOptions withDuplicatesReported() {
        return new IngestOptions(
                windowBytes, windowBatches, true, patience, backoffMin, backoffMax);
    }

    /** The same with another patience. */
    public IngestOptions withPatience(Duration value) {
        return new IngestOptions(
                windowBytes, windowBatches, reportDuplicates, value, backoffMin, backoffMax);
    }
}
