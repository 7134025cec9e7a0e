package dev.wirebrook.app;

import dev.wirebrook.api.market.v1.BookCheckpoint;
import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.events.ClientIds;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventTail;
import dev.wirebrook.market.BookRecovery;
import dev.wirebrook.market.SnapshotBook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Brings the market's book over a restart: what it knew when the last checkpoint was written, and
 * what the log has since. A log that other nodes share has no positions to go on from: there only
 * the checkpoint counts.
 *
 * <p>Confined to one thread at a time.
 */
final class BookKeeper {
    private static final System.Logger LOG = System.getLogger(BookKeeper.class.getName());

    /** Log that a start may have to read; more, where the checkpoint itself is large. */
    private static final long LOG_BYTES = 64L << 20;

    private static final Duration AGE_MAX = Duration.ofMinutes(10);
    private static final String TICK = MarketTick.getDescriptor().getName();

    private final SnapshotBook book;
    private final EventLog log;
    private final EventTail tail;
    private final CheckpointFile file;
    private long position;
    private long sequence;
    private long bytes;
    private long writtenNanos = System.nanoTime();

    BookKeeper(SnapshotBook book, EventLog log, EventTail tail, Path folder) throws IOException {
        this.book = book;
        this.log = log;
        this.tail = tail;
        file = new CheckpointFile(Files.createDirectories(folder).resolve("book"));
    }

    /** Fills the book, which is empty, and keeps a checkpoint of it. */
    void recover() throws IOException, InterruptedException {
        BookRecovery recovery = new BookRecovery();
        Optional<BookCheckpoint> checkpoint = file.read();
        checkpoint.ifPresent(recovery::take);
        if (!log.isShared()) {
            long from = checkpoint.map(BookCheckpoint::getLogPosition).orElse(0L);
            tail.watch(
                    new EventTail.Filter(ClientIds.ALL, Set.of(TICK), List.of()),
                    OptionalLong.of(from),
                    new Ticks(recovery));
        }
        int symbols = recovery.restore(book);
        if (symbols > 0) {
            LOG.log(System.Logger.Level.INFO, "market: {0} symbols are known from before", symbols);
            write();
        }
    }

    /** Writes a checkpoint where one is due. Blocks. */
    void keep() throws IOException {
        long distance = log.isShared() ? 0 : endOfLog() - position;
        boolean isOld = System.nanoTime() - writtenNanos >= AGE_MAX.toNanos();
        if (distance >= Math.max(LOG_BYTES, 2 * bytes) || (isOld && book.sequence() != sequence)) {
            write();
        }
    }

    /** Writes what has changed since the last checkpoint. Blocks. */
    void finish() throws IOException {
        if (book.sequence() != sequence) {
            write();
        }
    }

    private void write() throws IOException {
        // Before the book is read: an update is in the book before it is in the log.
        OptionalLong end = log.isShared() ? OptionalLong.empty() : OptionalLong.of(endOfLog());
        sequence = book.sequence();
        bytes = file.write(book.checkpoint(end));
        position = end.orElse(0);
        writtenNanos = System.nanoTime();
    }

    private long endOfLog() {
        try (EventLog.Reader reader = log.tail(OptionalLong.empty())) {
            return reader.position();
        }
    }

    /** Takes what the log has, up to its end. */
    private static final class Ticks implements EventTail.Watcher {
        private final BookRecovery recovery;
        private boolean atEnd;

        Ticks(BookRecovery recovery) {
            this.recovery = recovery;
        }

        @Override
        public boolean event(EventTail.TailedEvent event) {
            recovery.take(event.bytes(), event.start(), event.end());
            return true;
        }

        @Override
        public void caughtUp(long end) {
            atEnd = true;
        }

        @Override
        public void missed(long missedBytes) {
            // The oldest part of a log that is older than the checkpoint, or than any.
        }

        @Override
        public boolean isGone() {
            return atEnd;
        }
    }
}
