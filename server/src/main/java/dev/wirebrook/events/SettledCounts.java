package dev.wirebrook.events;

/** How events left the log, since it began. */
public record SettledCounts(long stored, long duplicate, long quarantined, long deadLettered) {
    public static final SettledCounts ZERO = new SettledCounts(0, 0, 0, 0);

    public SettledCounts plus(SettledCounts other) {
        return new SettledCounts(
                stored + other.stored,
                duplicate + other.duplicate,
                quarantined + other.quarantined,
                deadLettered + other.deadLettered);
    }

    public long total() {
        return stored + duplicate + quarantined + deadLettered;
    }
}
