package dev.wirebrook.events;

import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A batch whose sender's thread waits for the answer. Thread-safe. */
public final class AwaitedSubmission implements EventIntake.Sender {
    private final CompletableFuture<Result> result = new CompletableFuture<>();

    private final boolean isServer;

    private AwaitedSubmission(boolean isServer) {
        this.isServer = isServer;
    }

    /** Submits a batch. */
    public static AwaitedSubmission of(byte[] batch, EventIntake intake) {
        return submit(batch, intake, false);
    }

    /** Submits a batch that may hold the server's own types of events. */
    static AwaitedSubmission ofServer(byte[] batch, EventIntake intake) {
        return submit(batch, intake, true);
    }

    private static AwaitedSubmission submit(byte[] batch, EventIntake intake, boolean isServer) {
        AwaitedSubmission submission = new AwaitedSubmission(isServer);
        intake.submit(batch, submission);
        return submission;
    }

    /** What the intake said. */
    public sealed interface Result {}

    public record Answered(BatchOutcome outcome) implements Result {}

    public record Refused(Failure failure) implements Result {}

    /** Blocks until there is an answer. */
    public Result await() throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("no answer fails", e);
        }
    }

    /**
     * Blocks until there is an answer.
     *
     * @throws TimeoutException when there is none within the time; the batch may still be taken
     */
    public Result await(Duration timeout) throws InterruptedException, TimeoutException {
        try {
            return result.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("no answer fails", e);
        }
    }

    @Override
    public Executor executor() {
        return Runnable::run;
    }

    @Override
    public boolean isServer() {
        return isServer;
    }

    @Override
    public boolean usesReservedIds() {
        return true;
    }

    @Override
    public ClientIds clientIds() {
        return ClientIds.ALL;
    }

    @Override
    public boolean reportsDuplicates() {
        return false;
    }

    @Override
    public boolean isGone() {
        return false;
    }

    @Override
    public void answered(BatchOutcome outcome) {
        result.complete(new Answered(outcome));
    }

    @Override
    public void refused(Failure failure) {
        result.complete(new Refused(failure));
    }
}
