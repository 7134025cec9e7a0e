package dev.wirebrook.events.journal;

import dev.wirebrook.events.EventLog;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.journal.ConsumerPosition;
import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalReader;
import dev.wirebrook.journal.JournalRefusal;
import dev.wirebrook.journal.PendingAppend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The event log on the journal: durable means forced to the disk. */
public final class JournalEventLog implements EventLog {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int TAIL_CHUNK_BYTES = 64 << 10;

    private final Journal journal;

    public JournalEventLog(Journal journal) {
        this.journal = journal;
    }

    @Override
    public void append(Append append) {
        journal.append(new EntryAppend(append));
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public Feed feed(String route) {
        return new EntryFeed(route);
    }

    @Override
    public Reader tail(OptionalLong fromPosition) {
        try {
            return new EntryReader(
                    journal.smallReader(fromPosition.orElse(journal.durablePosition())),
                    TAIL_CHUNK_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private EntryReader reader(long fromPosition) {
        try {
            return new EntryReader(journal.reader(fromPosition), CHUNK_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<Hold> hold(String name, OptionalLong fromPosition) {
        try {
            return Optional.of(
                    new EntryHold(
                            journal.consumer(name, fromPosition.orElse(journal.startPosition()))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        journal.close();
    }

    private static final class EntryAppend implements PendingAppend {
        private final Append append;
        private final int length;

        EntryAppend(Append append) {
            this.append = append;
            this.length = EntryFormat.length(append.entry());
        }

        @Override
        public int length() {
            return length;
        }

        @Override
        public void writeTo(ByteBuffer target) {
            EntryFormat.write(append.entry(), target);
        }

        @Override
        public Executor executor() {
            return append.executor();
        }

        @Override
        public void onDurable(long position, long endPosition) {
            append.durable(position, endPosition);
        }

        @Override
        public void onRefused(JournalRefusal refusal) {
            append.refused(failure(refusal));
        }
    }

    private static Failure failure(JournalRefusal refusal) {
        return switch (refusal) {
            case JournalRefusal.Full(String message, Duration retryDelay) ->
                    new Failure.Overloaded(message, retryDelay);
            case JournalRefusal.Backlog(String message, Duration retryDelay) ->
                    new Failure.Overloaded(message, retryDelay);
            case JournalRefusal.Failed(String message) ->
                    new Failure.Unavailable(message, Duration.ofSeconds(10));
            case JournalRefusal.Lost(String message) ->
                    new Failure.Unavailable(message, Duration.ofSeconds(10));
            case JournalRefusal.TooLong(String message, long lengthMax) ->
                    new Failure.TooLarge(message, "journal.record-bytes-max", lengthMax);
            case JournalRefusal.Closed(String message) ->
                    new Failure.Draining(message, Duration.ofSeconds(1));
        };
    }

    /** All routes read the one journal; each holds back what it still needs. */
    private final class EntryFeed implements Feed {
        private final String route;
        private final ConsumerPosition consumer;

        EntryFeed(String route) {
            this.route = route;
            try {
                this.consumer = journal.consumer(route, journal.startPosition());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String cursorName() {
            return route;
        }

        @Override
        public Reader open(long fromPosition) {
            return reader(fromPosition);
        }

        @Override
        public Optional<Reader> history() {
            return Optional.of(reader(journal.startPosition()));
        }

        @Override
        public void release(long settled, long remembered) {
            // In this order: in between, nothing that is remembered may go.
            consumer.holdFrom(remembered);
            consumer.advance(Math.max(consumer.position(), settled));
        }

        @Override
        public long readablePosition() {
            return journal.durablePosition();
        }

        @Override
        public long durablePosition(Duration timeout) {
            return journal.durablePosition();
        }

        @Override
        public int renewals() {
            return 0;
        }

        @Override
        public void close() {}
    }

    /** A consumer of the journal like a route's. */
    private final class EntryHold implements Hold {
        private final ConsumerPosition consumer;

        EntryHold(ConsumerPosition consumer) {
            this.consumer = consumer;
        }

        @Override
        public long endPosition() {
            return journal.durablePosition();
        }

        @Override
        public void release(long position) {
            consumer.advance(position);
        }

        @Override
        public boolean isInTheWay() {
            return journal.refusal().filter(JournalRefusal.Full.class::isInstance).isPresent();
        }
    }

    private static final class EntryReader implements Reader {
        private final JournalReader reader;
        private final PayloadChunks chunks;
        private long missedToldBytes;

        EntryReader(JournalReader reader, int chunkBytes) {
            this.reader = reader;
            chunks = new PayloadChunks(chunkBytes);
        }

        @Override
        public boolean canPark() {
            return true;
        }

        @Override
        public void park(long position) {
            reader.park(position);
            chunks.clear();
        }

        @Override
        public @Nullable LoggedEntry next() {
            try {
                return reader.next()
                        ? new LoggedEntry(
                                reader.position(),
                                reader.endPosition(),
                                EntryFormat.read(reader.payload(), chunks))
                        : null;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean skipDamage() {
            return reader.skipDamage();
        }

        @Override
        public boolean isNextInDoubt() {
            return false;
        }

        @Override
        public void doubtEnds() {}

        @Override
        public void recycle() {
            chunks.recycle();
        }

        @Override
        public boolean await(long bytes, Duration timeout) throws InterruptedException {
            return reader.await(bytes, timeout);
        }

        @Override
        public long position() {
            return reader.endPosition();
        }

        @Override
        public long missedBytes() {
            long missed = reader.skippedBytes() - missedToldBytes;
            missedToldBytes += missed;
            return missed;
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
