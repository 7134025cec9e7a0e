package dev.wirebrook.app;

import dev.wirebrook.api.market.v1.BookCheckpoint;
import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.events.ClientIds;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventTail;
import dev.wirebrook.failure.Failure;
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
 * what the log has since, which is held there until the next. A log that keeps no past has nothing
 * to go on from: there only the checkpoint counts, and is written every few seconds.
 *
 * <p>Confined to one thread at a time.
 */
final class BookKeeper {
    private static final System.Logger LOG = System.getLogger(BookKeeper.class.getName());

    /** What the log calls it, beside the names of its routes. */
    private static final String HOLDER = "the market's book";

    /** Log that a start may have to read; more, where the checkpoint itself is large. */
    private static final long LOG_BYTES = 64L << 20;

    private static final Duration AGE_MAX = Duration.ofMinutes(10);

    /** The same where the checkpoint is all there is. */
    private static final Duration AGE_MAX_ALONE = Duration.ofSeconds(5);

    /** So many times as long as a checkpoint takes to write is none written then. */
    private static final int REST = 10;

    private static final String TICK = MarketTick.getDescriptor().getName();

    private final SnapshotBook book;
    private final EventLog log;
    private final EventTail tail;
    private final Path folder;
    private final CheckpointFile file;

    /** Empty where the log keeps no past. */
    private Optional<EventLog.Hold> hold = Optional.empty();

    /** Of the last checkpoint. */
    private long position;

    private long sequence;
    private long bytes;
    private long writtenNanos = System.nanoTime();
    private long tookNanos;

    BookKeeper(SnapshotBook book, EventLog log, EventTail tail, Path folder) throws IOException {
        this.book = book;
        this.log = log;
        this.tail = tail;
        this.folder = folder;
        file = new CheckpointFile(Files.createDirectories(folder).resolve("book"));
    }

    /**
     * Fills the book, which is empty, and writes a checkpoint of it.
     *
     * @throws IOException when there is no room in it for what was known, too
     */
    void recover() throws IOException, InterruptedException {
        BookRecovery recovery = new BookRecovery();
        Optional<BookCheckpoint> checkpoint = file.read();
        checkpoint.ifPresent(recovery::take);
        OptionalLong from =
                checkpoint.filter(BookCheckpoint::hasLogPosition).stream()
                        .mapToLong(BookCheckpoint::getLogPosition)
                        .findFirst();
        hold = log.hold(HOLDER, from);
        if (hold.isPresent()) {
            read(recovery, checkpoint, from);
        }
        restore(recovery);
        if (book.size() > 0) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "market: {0} symbols are known from before",
                    book.size());
        }
        position = from.orElse(0);
        // Also without any symbol: else the next start would read the whole log for nothing.
        if (hold.isPresent() || book.size() > 0 || checkpoint.isPresent()) {
            writeIfPossible();
        }
    }

    /** A full disk must not prevent the start: the log still has what the checkpoint would have. */
    private void writeIfPossible() {
        try {
            write();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "market: no checkpoint can be written to "
                            + folder
                            + "; it is tried again later, and until then a start reads more of the log",
                    e);
        }
    }

    private void read(BookRecovery recovery, Optional<BookCheckpoint> checkpoint, OptionalLong from)
            throws InterruptedException {
        if (checkpoint.isPresent() && from.isEmpty()) {
            // It was written with another log, and this one has only what was before.
            return;
        }
        Ticks ticks = new Ticks(recovery);
        tail.watch(
                new EventTail.Filter(ClientIds.ALL, Set.of(TICK), List.of()),
                OptionalLong.of(from.orElse(0)),
                ticks);
        // While nothing was known, nothing was held.
        boolean isLoss =
                ticks.missedBytes > 0
                        && (recovery.size() > 0
                                || checkpoint.map(BookCheckpoint::getSnapshotsCount).orElse(0) > 0);
        if (isLoss) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "market: {0} bytes of the log are gone that came after the last checkpoint; publish every snapshot anew, for updates may be missing",
                    ticks.missedBytes);
        }
    }

    private void restore(BookRecovery recovery) throws IOException {
        Optional<Failure> refusal = recovery.restore(book);
        if (refusal.isPresent()) {
            throw new IOException(
                    "market: %,d symbols are known from before, and not all of them are taken: %s"
                            .formatted(recovery.size(), refusal.get().message()));
        }
    }

    /** Writes a checkpoint where one is due. Blocks. */
    void keep() throws IOException {
        long end = endOfLog().orElse(0);
        if (isDue(end)) {
            write();
        } else if (book.sequence() == 0) {
            // Asked after the log: what is in it was in the book before.
            hold.ifPresent(held -> held.release(end));
        }
    }

    private boolean isDue(long end) {
        long ageNanos = System.nanoTime() - writtenNanos;
        boolean isChanged = book.sequence() != sequence;
        if (hold.isEmpty()) {
            return isChanged && ageNanos >= Math.max(AGE_MAX_ALONE.toNanos(), REST * tookNanos);
        }
        long distance = end - position;
        return distance >= Math.max(LOG_BYTES, 2 * bytes)
                || (distance > 0 && hold.get().isInTheWay())
                || (isChanged && ageNanos >= AGE_MAX.toNanos());
    }

    /** Writes a checkpoint if the book or the log has changed since the last one. Blocks. */
    void finish() throws IOException {
        if (book.sequence() != sequence || endOfLog().orElse(0) > position) {
            write();
        }
    }

    private void write() throws IOException {
        long start = System.nanoTime();
        // Before the book is read: an update is in the book before it is in the log.
        OptionalLong end = endOfLog();
        long last = book.sequence();
        bytes = file.write(book.checkpoint(end));
        sequence = last;
        position = end.orElse(0);
        hold.ifPresent(held -> held.release(position));
        writtenNanos = System.nanoTime();
        tookNanos = writtenNanos - start;
    }

    private OptionalLong endOfLog() {
        return hold.stream().mapToLong(EventLog.Hold::endPosition).findFirst();
    }

    /** Takes what the log has, up to its end. */
    private static final class Ticks implements EventTail.Watcher {
        private final BookRecovery recovery;
        private long missedBytes;
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
        public void missed(long bytes) {
            missedBytes += bytes;
        }

        @Override
        public boolean isGone() {
            return atEnd;
        }
    }
}
