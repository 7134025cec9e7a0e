package dev.wirebrook.cli.load;

import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.EventResult.Verdict;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.load.EventSource.NumberedEvent;
import dev.wirebrook.cli.load.HeaderBatches.OpenBatch;
import dev.wirebrook.client.DispatchOutcome;
import dev.wirebrook.client.IngestSession;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;

/**
 * The load itself: source to batches to session, and answers back to the ledger. Confined to one
 * thread; only the completed batches come from another.
 */
final class Loader {
    /** Between looks at what else there is to do. */
    private static final Duration SLICE = Duration.ofMillis(100);

    private static final Duration SAVE_INTERVAL = Duration.ofSeconds(2);
    private static final Duration LAST_ANSWERS_PATIENCE = Duration.ofSeconds(3);
    private static final Duration BATCH_OPEN_MAX = Duration.ofSeconds(1);

    private final EventSource source;
    private final IngestSession session;
    private final HeaderBatches batches;
    private final RowLedger ledger;
    private final BadRows badRows;
    private final Checkpoint checkpoint;
    private final ProgressLine progress;
    private final DoubleSupplier fractionRead;
    private final BooleanSupplier interrupted;
    private final boolean strict;
    private final Pace pace;
    private final long resumedBehind;

    /** Bounded by the session's window. */
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();

    private long accepted;
    private long duplicate;
    private long rejected;
    private long quarantined;
    private long savedNanos = System.nanoTime();

    private record Answer(OpenBatch batch, Optional<DispatchOutcome> outcome) {}

    /** Where the progress is made to outlast this process. */
    @FunctionalInterface
    interface Checkpoint {
        void save(long rowsDone) throws IOException;
    }

    /**
     * What a load is put together from.
     *
     * @param resumedBehind rows that are done
     * @param eventsPerSecond 0: as fast as the server takes them
     */
    record Parts(
            EventSource source,
            IngestSession session,
            int batchEventsMax,
            BadRows badRows,
            Checkpoint checkpoint,
            ProgressLine progress,
            DoubleSupplier fractionRead,
            BooleanSupplier interrupted,
            boolean strict,
            double eventsPerSecond,
            long resumedBehind) {}

    Loader(Parts parts) {
        source = parts.source();
        session = parts.session();
        ledger = new RowLedger(parts.resumedBehind());
        batches = new HeaderBatches(parts.batchEventsMax(), ledger::opened);
        badRows = parts.badRows();
        checkpoint = parts.checkpoint();
        progress = parts.progress();
        fractionRead = parts.fractionRead();
        interrupted = parts.interrupted();
        strict = parts.strict();
        pace = new Pace(parts.eventsPerSecond());
        resumedBehind = parts.resumedBehind();
    }

    /**
     * Loads to the end of the file or to an interruption. The progress is saved whichever way it
     * ends.
     *
     * @throws io.grpc.StatusRuntimeException when the session fails
     * @throws CommandFailure at the first bad row, if the load is strict
     */
    LoadSummary run() throws IOException, InterruptedException {
        try {
            boolean atEnd = readAll();
            if (atEnd) {
                for (Optional<OpenBatch> rest = batches.removeAny();
                        rest.isPresent() && !interrupted.getAsBoolean();
                        rest = batches.removeAny()) {
                    send(rest.get());
                }
            }
            boolean answered = awaitAnswers();
            return summary(atEnd && answered);
        } finally {
            progress.clear();
            takeAnswers();
            checkpoint.save(ledger.rowsDone());
        }
    }

    /** False when it was interrupted. */
    private boolean readAll() throws IOException, InterruptedException {
        while (!interrupted.getAsBoolean()) {
            NumberedEvent event;
            try {
                event = source.next();
            } catch (RowFault fault) {
                refuse(source.number(), fault.text());
                continue;
            }
            if (event == null) {
                return !interrupted.getAsBoolean();
            }
            long now = System.nanoTime();
            ledger.passed(event.number());
            for (OpenBatch full : batches.add(event, now)) {
                send(full);
            }
            afterEvent(event.number(), now);
        }
        return false;
    }

    private void afterEvent(long number, long now) throws IOException, InterruptedException {
        Optional<OpenBatch> overdue = batches.overdue(number, now - BATCH_OPEN_MAX.toNanos());
        if (overdue.isPresent()) {
            send(overdue.get());
        }
        tick();
        for (long wait = pace.nanosToWait();
                wait > 0 && !interrupted.getAsBoolean();
                wait = pace.nanosToWait()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(wait, SLICE.toNanos()));
            tick();
        }
        pace.count();
    }

    private void refuse(long number, String reason) {
        badRows.add(number, reason);
        if (strict) {
            throw CommandFailure.failed(
                    badRows.first().getFirst(),
                    "Stopped there, as --strict asks. Rows before it are in.");
        }
    }

    private void send(OpenBatch batch) throws IOException, InterruptedException {
        Optional<CompletableFuture<DispatchOutcome>> sent = session.offer(batch.batch(), SLICE);
        while (sent.isEmpty()) {
            tick();
            if (interrupted.getAsBoolean()) {
                return;
            }
            sent = session.offer(batch.batch(), SLICE);
        }
        var _ =
                sent.get()
                        .whenComplete((outcome, failure) ->
                                answers.add(new Answer(batch, Optional.ofNullable(outcome))));
    }

    /** Whether every batch was answered. */
    private boolean awaitAnswers() throws IOException, InterruptedException {
        long since = System.nanoTime();
        while (!session.awaitAnswers(SLICE)) {
            tick();
            if (interrupted.getAsBoolean()
                    && System.nanoTime() - since > LAST_ANSWERS_PATIENCE.toNanos()) {
                return false;
            }
        }
        session.awaitAnswers();
        return !interrupted.getAsBoolean();
    }

    private void tick() throws IOException {
        takeAnswers();
        progress.update(
                fractionRead.getAsDouble(),
                answered(),
                session.isReconnecting() ? "the server is away, trying again" : "");
        long now = System.nanoTime();
        if (now - savedNanos > SAVE_INTERVAL.toNanos()) {
            savedNanos = now;
            checkpoint.save(ledger.rowsDone());
        }
    }

    private long answered() {
        return accepted + duplicate + rejected + quarantined;
    }

    private void takeAnswers() {
        for (Answer answer = answers.poll(); answer != null; answer = answers.poll()) {
            OpenBatch batch = answer.batch();
            if (answer.outcome().isPresent()) {
                count(batch, answer.outcome().get());
                ledger.settled(batch.firstNumber());
            }
        }
    }

    private void count(OpenBatch batch, DispatchOutcome outcome) {
        accepted += outcome.accepted();
        duplicate += outcome.duplicate();
        rejected += outcome.rejected();
        quarantined += outcome.quarantined();
        for (EventResult result : outcome.results()) {
            if (result.getVerdict() == Verdict.REJECTED) {
                badRows.add(
                        batch.number(result.getIndex()),
                        "rejected: " + SendCommand.reasons(result));
            }
        }
    }

    private LoadSummary summary(boolean complete) {
        takeAnswers();
        return new LoadSummary(
                resumedBehind,
                ledger.rowsDone(),
                answered(),
                accepted,
                duplicate,
                rejected,
                quarantined,
                badRows.count() - rejected,
                session.resentBatches(),
                session.position(),
                complete);
    }
}
