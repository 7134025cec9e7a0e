package dev.wirebrook.journal;

/**
 * What one consumer still needs of the journal. A segment is kept as long as any consumer needs a
 * byte of it.
 *
 * <p>Written by one thread at a time, read by any.
 */
public final class ConsumerPosition implements AutoCloseable {
    private static final long NOTHING = Long.MAX_VALUE;

    private final String name;
    private final JournalConsumers consumers;
    private volatile long position;
    private volatile long heldFrom = NOTHING;

    ConsumerPosition(String name, long position, JournalConsumers consumers) {
        this.name = name;
        this.position = position;
        this.consumers = consumers;
    }

    public String name() {
        return name;
    }

    /** Everything before it is done with. */
    public long position() {
        return position;
    }

    /**
     * Says that everything before {@code to} is done with. Call it after the effect is durable
     * elsewhere, position included: what is before may be deleted at once.
     *
     * @throws IllegalArgumentException when {@code to} is before {@link #position}
     */
    public void advance(long to) {
        long from = position;
        if (to < from) {
            throw new IllegalArgumentException(
                    "consumer " + name + " stands at " + from + ", cannot go back to " + to);
        }
        position = to;
        consumers.moved(from, to);
    }

    /**
     * Keeps the log from {@code from} on even though this consumer is past it, such as to rebuild a
     * window after a restart. Overrides {@link JournalSettings#retentionAge}, and gives way to
     * {@link JournalSettings#retentionBytes} and before appends are refused. Replaces an earlier
     * hold. Does not bring back what is gone.
     */
    public void holdFrom(long from) {
        long before = heldFrom;
        heldFrom = from;
        consumers.moved(before, from);
    }

    /** Ends the hold. */
    public void release() {
        holdFrom(NOTHING);
    }

    /** The oldest position that this consumer needs or holds. */
    public long needed() {
        return Math.min(position, heldFrom);
    }

    /** Takes the consumer out: it needs nothing any more. Idempotent. */
    @Override
    public void close() {
        consumers.remove(this);
    }
}
