package dev.wirebrook.events.rabbitmq;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.Micros;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.RawEvents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * Dead letters that are also put into the broker's dead queue, where they outlive this node. The
 * store behind it is the one that is listed, replayed and purged. Thread-safe.
 */
final class PublishedDeadLetters implements DeadLetterStore {
    private final DeadLetterStore store;
    private final DeadQueue queue;
    private final RawEvents rawEvents;

    PublishedDeadLetters(DeadLetterStore store, DeadQueue queue, EventCatalog catalog) {
        this.store = store;
        this.queue = queue;
        this.rawEvents = new RawEvents(catalog);
    }

    /**
     * {@inheritDoc} Fills both, the store first: it knows what it was given before, and the queue
     * would keep a copy of every attempt while the store is away.
     */
    @Override
    public void park(List<DeadLetter> letters) {
        store.park(letters);
        try {
            queue.put(letters.stream().map(this::message).toList());
        } catch (IOException | TimeoutException e) {
            throw new UncheckedIOException(
                    new IOException("RabbitMQ does not take the dead letter", e));
        }
    }

    /** The event alone, as the batch of one that it could have come in. */
    private DeadQueue.DeadMessage message(DeadLetter letter) {
        return new DeadQueue.DeadMessage(
                EventMessage.properties(letter.eventId(), false, Micros.of(letter.ingestTime())),
                rawEvents.batchOf(letter.header(), letter.event()),
                letter.route(),
                letter.stage().name().toLowerCase(Locale.ROOT),
                letter.attempts(),
                letter.reason());
    }

    @Override
    public List<DeadLetter> list(DeadLetterFilter filter, long afterId, int limit) {
        return store.list(filter, afterId, limit);
    }

    @Override
    public Optional<DeadLetter> find(long letterId) {
        return store.find(letterId);
    }

    @Override
    public List<DeadLetterCount> stats() {
        return store.stats();
    }

    @Override
    public long count(DeadLetterFilter filter) {
        return store.count(filter);
    }

    @Override
    public void markReplayed(List<Long> letterIds, Instant at) {
        store.markReplayed(letterIds, at);
    }

    @Override
    public long purge(DeadLetterFilter filter) {
        return store.purge(filter);
    }

    @Override
    public Set<Cursor> parkedSince(long position) {
        return store.parkedSince(position);
    }

    @Override
    public Map<Stage, Long> parkedByStage() {
        return store.parkedByStage();
    }

    @Override
    public long lastLetterId() {
        return store.lastLetterId();
    }

    @Override
    public byte[] replayKey() {
        return store.replayKey();
    }

    @Override
    public void check() {
        store.check();
    }

    @Override
    public void close() {
        store.close();
    }
}
