package dev.wirebrook.market;

/**
 * How large a batch of events may be.
 *
 * @param eventsMax events
 * @param bytesMax bytes; a single event may have more, and is then refused by who takes batches
 */
public record BatchLimits(int eventsMax, int bytesMax) {
    public BatchLimits {
        if (eventsMax < 1 || bytesMax < 1) {
            throw new IllegalArgumentException(
                    "a batch of %d events and %d bytes holds nothing"
                            .formatted(eventsMax, bytesMax));
        }
    }
}
