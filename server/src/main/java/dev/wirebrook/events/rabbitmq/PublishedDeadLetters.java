package dev.wirebrook.events.rabbitmq;

import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import com.rabbitmq.client.AMQP.BasicProperties;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
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
    private final EventCatalog catalog;

    PublishedDeadLetters(DeadLetterStore store, DeadQueue queue, EventCatalog catalog) {
        this.store = store;
        this.queue = queue;
        this.catalog = catalog;
    }

    /** In both, or it throws: then a letter may be in one, and twice after the next try. */
    @Override
    public void park(List<DeadLetter> letters) {
        for (DeadLetter letter : letters) {
            try {
                queue.put(
                        properties(letter),
                        batch(letter),
                        letter.route(),
                        letter.stage().name().toLowerCase(Locale.ROOT),
                        letter.attempts(),
                        letter.reason());
            } catch (IOException | TimeoutException e) {
                throw new UncheckedIOException(
                        new IOException("RabbitMQ does not take the dead letter", e));
            }
        }
        store.park(letters);
    }

    private static BasicProperties properties(DeadLetter letter) {
        return EventMessage.properties(
                letter.eventId(), false, letter.ingestTime().toEpochMilli() * 1_000);
    }

    /** The event alone, as the batch of one that it could have come in. */
    private byte[] batch(DeadLetter letter) {
        return DynamicMessage.newBuilder(catalog.batchMessage())
                .setUnknownFields(
                        UnknownFieldSet.newBuilder()
                                .addField(catalog.header().getNumber(), field(letter.header()))
                                .addField(catalog.events().getNumber(), field(letter.event()))
                                .build())
                .build()
                .toByteArray();
    }

    private static UnknownFieldSet.Field field(byte[] bytes) {
        return UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.copyFrom(bytes))
                .build();
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
    public void close() {
        store.close();
    }
}
