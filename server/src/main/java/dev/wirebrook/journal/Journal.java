package dev.wirebrook.journal;

import dev.wirebrook.journal.JournalRecovery.RecoveredLog;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A durable log of records in a directory of its own. What was confirmed to an append is there
 * after a crash of the process or of the machine; readers see only that.
 *
 * <p>Records stand in the order in which they were appended; those of one thread in its order.
 * Positions are bytes of an endless log and only rise. Thread-safe.
 */
public final class Journal implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Journal.class.getName());

    /**
     * Positions for a millisecond, more than any disk takes: no log ever comes to the position that
     * belongs to the present time.
     */
    private static final int POSITIONS_PER_MILLI_BITS = 21;

    /** 2100-01-01: a clock beyond is wrong, and what it says could use up the positions. */
    private static final long MILLIS_MAX = 4_102_444_800_000L;

    /** Skipped where the clock says less than the log has come to. */
    private static final long SKIPPED_WITHOUT_CLOCK = 1L << 40;

    private static final Duration BACKLOG_RETRY_DELAY = Duration.ofMillis(100);
    private static final Duration CLOSE_AT_MOST = Duration.ofSeconds(30);

    private final JournalStorage storage;
    private final JournalSettings settings;
    private final SegmentTable segments;
    private final SegmentSupply supply;
    private final OpenFiles openFiles;
    private final InstantSource clock;
    private final long acceptedEnd;
    private final DurableMark durable = new DurableMark();
    private final AppendQueue queue;
    private final JournalCounters counters = new JournalCounters();
    private final DamageRegister damages;
    private final long cutBytes;
    private final JournalWriter writer;
    private final Thread writerThread;
    private final Thread supplyThread;

    private final AtomicBoolean closing = new AtomicBoolean();
    private final JournalRefusal.Backlog backlog;
    private final JournalRefusal.Closed closed;

    /**
     * Opens the journal in a directory, or begins one where there is none.
     *
     * @param clock dates groups and segments
     * @throws JournalInUseException where somebody else has it open
     * @throws JournalDamagedException where something that was durable does not read
     */
    public static Journal open(Path directory, JournalSettings settings, InstantSource clock)
            throws IOException {
        return open(new DiskStorage(directory), settings, clock, new SecureRandom()::nextLong);
    }

    static Journal open(
            JournalStorage storage,
            JournalSettings settings,
            InstantSource clock,
            LongSupplier epochs)
            throws IOException {
        storage.lock();
        try {
            DamageRegister damages = new DamageRegister();
            RecoveredLog log = new JournalRecovery(storage, settings, damages).recover();
            Journal journal = new Journal(storage, settings, clock, epochs, log, damages);
            journal.start();
            return journal;
        } catch (IOException | RuntimeException | Error e) {
            storage.close();
            throw e;
        }
    }

    private Journal(
            JournalStorage storage,
            JournalSettings settings,
            InstantSource clock,
            LongSupplier epochs,
            RecoveredLog log,
            DamageRegister damages) {
        this.storage = storage;
        this.damages = damages;
        this.clock = clock;
        this.acceptedEnd = log.acceptedEnd();
        this.cutBytes = log.cutBytes();
        this.settings = settings;
        this.queue = new AppendQueue(settings.pendingBytesMax());
        this.segments = new SegmentTable(log.segments());
        this.openFiles = new OpenFiles(storage);
        this.supply =
                new SegmentSupply(
                        storage, settings, clock, segments, log.spares(), openFiles, counters);
        durable.raise(log.end());
        this.writer =
                new JournalWriter(
                        storage, settings, queue, segments, supply, openFiles, durable, counters,
                        clock, epochs);
        this.writerThread = Thread.ofPlatform().daemon().name("journal-writer").unstarted(writer);
        this.supplyThread = Thread.ofPlatform().daemon().name("journal-supply").unstarted(supply);
        queue.writer(writerThread);
        this.backlog =
                new JournalRefusal.Backlog(
                        "more than "
                                + settings.pendingBytesMax()
                                + " bytes wait for the journal's writer",
                        BACKLOG_RETRY_DELAY);
        this.closed = new JournalRefusal.Closed("the journal is closed or closing");
    }

    private void start() throws IOException {
        openFiles.locked();
        writer.open();
        writerThread.start();
        supplyThread.start();
    }

    /**
     * Hands a record to the journal. Never blocks; the answer comes through the append.
     *
     * @throws IllegalArgumentException when the length is below 1
     */
    public void append(PendingAppend append) {
        int length = append.length();
        if (length < 1) {
            throw new IllegalArgumentException("a record must have a byte, has " + length);
        }
        QueuedAppend queued = new QueuedAppend(append, length);
        JournalRefusal refusal =
                length > settings.recordBytesMax() ? tooLong(length) : standingRefusal();
        if (refusal == null) {
            refusal = enqueue(queued);
        }
        if (refusal != null) {
            counters.refused(refusal, 1);
            Completions.refuse(queued, refusal);
        }
    }

    private @Nullable JournalRefusal enqueue(QueuedAppend queued) {
        return switch (queue.offer(queued)) {
            case TAKEN -> null;
            case FULL -> backlog;
            case CLOSED -> closed;
        };
    }

    private JournalRefusal.TooLong tooLong(int length) {
        int max = settings.recordBytesMax();
        return new JournalRefusal.TooLong(
                "a record of " + length + " bytes is longer than the journal takes, " + max, max);
    }

    /** Why appends of any length are refused now; empty while they are taken. */
    public Optional<JournalRefusal> refusal() {
        JournalRefusal refusal = standingRefusal();
        if (refusal == null && queue.isFull()) {
            refusal = backlog;
        }
        return Optional.ofNullable(refusal);
    }

    private @Nullable JournalRefusal standingRefusal() {
        if (closing.get()) {
            return closed;
        }
        JournalRefusal refusal = writer.failure();
        if (refusal == null) {
            refusal = openFiles.lost();
        }
        if (refusal == null) {
            refusal = writer.shortage();
        }
        return refusal != null ? refusal : supply.refusal();
    }

    /**
     * A reader of everything durable from a position on. Positions older than {@link
     * #startPosition} are skipped and counted.
     *
     * @param fromPosition where a record stands or ended
     * @throws JournalDamagedException when {@code fromPosition} is behind {@link #durablePosition}
     */
    public JournalReader reader(long fromPosition) throws IOException {
        requireWritten("a reader", fromPosition);
        return new JournalReader(
                storage, segments, durable, damages, fromPosition, JournalReader.LARGE_CHUNK_BYTES);
    }

    /**
     * As {@link #reader}, for readers of which there can be many: reads less at once.
     *
     * @throws IllegalArgumentException as {@link #reader}
     */
    public JournalReader smallReader(long fromPosition) throws IOException {
        requireWritten("a reader", fromPosition);
        return new JournalReader(
                storage, segments, durable, damages, fromPosition, JournalReader.SMALL_CHUNK_BYTES);
    }

    /**
     * Registers who still needs what. Nothing from {@code position} on is deleted until the
     * consumer advances.
     *
     * @param name unique among the open consumers
     * @throws JournalDamagedException when {@code position} is behind {@link #durablePosition}: the
     *     consumer took in more than the journal has
     */
    public ConsumerPosition consumer(String name, long position) throws IOException {
        requireWritten("consumer " + name, position);
        return supply.consumers().add(name, position);
    }

    private void requireWritten(String who, long position) throws IOException {
        long end = durable.position();
        if (position > end) {
            Segment active = segments.active();
            String file = active == null ? JournalFormat.segmentName(0) : active.name();
            throw new JournalDamagedException(
                    storage.describe(file),
                    end,
                    active == null ? 0 : active.header().offsetOf(end),
                    who
                            + " stands at position "
                            + position
                            + ", but the log ends at "
                            + end
                            + ": its end was lost, or the directory was replaced");
        }
    }

    /**
     * Lets retention begin. Until then nothing is deleted: call it when all consumers are
     * registered.
     */
    public void startRetention() {
        supply.startRetention();
    }

    /**
     * Waits for {@link #durablePosition} to be at least {@code position}. A reader that has caught
     * up waits for one more than its end; one that would rather read much at once waits for more.
     *
     * @return false when the time was up or the journal was closed before
     */
    public boolean awaitDurable(long position, Duration atMost) throws InterruptedException {
        return durable.await(position, atMost);
    }

    /** Position of the oldest byte kept. */
    public long startPosition() {
        var kept = segments.list();
        return kept.isEmpty() ? durable.position() : kept.getFirst().base();
    }

    /** Position behind the last durable record. */
    public long durablePosition() {
        return durable.position();
    }

    /**
     * The position that the last repair was told to go on at, 0 for none: up to there consumers may
     * have seen more than this log holds, and that is accepted.
     */
    public long acceptedEnd() {
        return acceptedEnd;
    }

    /**
     * Lets the next record stand behind every position that was ever used, also by a later state of
     * this log that is lost or by a copy of it. Nothing is written before that record, and nothing
     * counts as missing between. To be called before the first append.
     *
     * <p>The position follows from the clock. Positions rise more slowly than time, so whatever was
     * used until now is before it, unless the clock was set back since.
     *
     * @return where the next record will stand
     */
    public long skipUsedPositions() {
        long millis = clock.millis();
        long present = millis < MILLIS_MAX ? millis << POSITIONS_PER_MILLI_BITS : 0;
        long end = durable.position();
        long next = present > end ? present : end + SKIPPED_WITHOUT_CLOCK;
        writer.skipTo(next);
        return next;
    }

    /** How many segments hold the log. */
    public long segments() {
        return segments.list().size();
    }

    /** Bytes on disk, spare segments included. */
    public long bytes() {
        return supply.bytes();
    }

    /** What waits for the writer is charged, in bytes. */
    public long pendingBytes() {
        return queue.pendingBytes();
    }

    /**
     * Bytes behind the last complete group that were overwritten when this was opened: what a crash
     * left of a group that nobody was told of.
     */
    public long cutBytes() {
        return cutBytes;
    }

    /**
     * Stretches of what is kept that were met since this was opened and do not read. Nothing looks
     * for damage: what nobody reads is not known.
     */
    public List<JournalDamage> damages() {
        return damages.from(startPosition());
    }

    /** How many stretches that do not read were met since this was opened. */
    public long damagesFound() {
        return damages.count();
    }

    public JournalCounters counters() {
        return counters;
    }

    /**
     * Stops taking appends, writes and answers those taken, and releases the directory. Readers may
     * read on to the end. Idempotent. Gives up on a disk that hangs after 30 seconds; the directory
     * then stays locked until the process ends.
     */
    @Override
    public void close() {
        long until = System.nanoTime() + CLOSE_AT_MOST.toNanos();
        if (!closing.compareAndSet(false, true)) {
            join(supplyThread, until);
            return;
        }
        queue.close();
        join(writerThread, until);
        supply.close();
        durable.close();
        join(supplyThread, until);
        if (writerThread.isAlive() || supplyThread.isAlive()) {
            LOG.log(Level.ERROR, "journal {0} does not close: its disk hangs", directory());
        } else {
            release();
        }
    }

    private static void join(Thread thread, long until) {
        boolean interrupted = false;
        while (thread.isAlive() && until - System.nanoTime() > 0) {
            try {
                thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void release() {
        try (storage) {
            if (writer.failure() == null && openFiles.checkNow() == null) {
                new CheckpointFile(storage, JournalFormat.CLOSED_AT_NAME).write(durable.position());
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "journal " + directory() + " is left as after a crash", e);
        }
    }

    private String directory() {
        return storage.describe("");
    }
}
