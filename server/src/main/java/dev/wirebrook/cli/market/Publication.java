package dev.wirebrook.cli.market;

import dev.wirebrook.api.market.v1.PublishResult;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.cli.Terminal;
import dev.wirebrook.client.SnapshotOutcome;
import dev.wirebrook.client.SnapshotSession;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sends rows as updates and counts what becomes of them. What is rejected is told row by row, the
 * first of them. Confined to one thread, but for the counts.
 */
final class Publication {
    private static final int ROWS_OF_REQUEST = 500;
    private static final int TOLD_MAX = 20;

    private final SnapshotSession session;
    private final Terminal terminal;
    private final String noun;
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();
    private final AtomicLong unknown = new AtomicLong();
    private List<Snapshot> updates = new ArrayList<>();
    private List<Long> rows = new ArrayList<>();

    /**
     * @param noun what a row is called, such as "line"
     */
    Publication(SnapshotSession session, Terminal terminal, String noun) {
        this.session = session;
        this.terminal = terminal;
        this.noun = noun;
    }

    /** Takes an update; it goes out with the ones beside it, or with {@link #flush}. */
    void add(long row, Snapshot update) throws InterruptedException {
        updates.add(update);
        rows.add(row);
        if (updates.size() == ROWS_OF_REQUEST) {
            flush();
        }
    }

    void flush() throws InterruptedException {
        if (updates.isEmpty()) {
            return;
        }
        List<Long> sent = rows;
        var _ =
                session.send(updates)
                        .whenComplete((outcome, failure) -> count(sent, outcome, failure));
        updates = new ArrayList<>();
        rows = new ArrayList<>();
    }

    private void count(
            List<Long> sent, @Nullable SnapshotOutcome outcome, @Nullable Throwable failure) {
        if (outcome == null) {
            if (unknown.getAndAdd(sent.size()) == 0) {
                terminal.note(reason(failure));
            }
            return;
        }
        accepted.addAndGet(outcome.accepted());
        for (PublishResult result : outcome.rejected()) {
            long before = rejected.getAndIncrement();
            if (before < TOLD_MAX) {
                terminal.note(
                        "%s %d: %s"
                                .formatted(
                                        noun,
                                        sent.get(result.getIndex()),
                                        result.getStatus().getMessage()));
            } else if (before == TOLD_MAX) {
                terminal.note("more are rejected; they are counted and not told one by one");
            }
        }
    }

    private static String reason(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        Status status = Status.fromThrowable(cause == null ? new CompletionException(null) : cause);
        return String.valueOf(status.getDescription());
    }

    /** Sends what is left, and returns when all of it is answered. */
    void finish() throws InterruptedException {
        flush();
        session.awaitAnswers();
    }

    long accepted() {
        return accepted.get();
    }

    long rejected() {
        return rejected.get();
    }

    /** Rows of which nobody can tell whether they were taken. */
    long unknown() {
        return unknown.get();
    }

    boolean isComplete() {
        return rejected() == 0 && unknown() == 0;
    }

    /** Such as "5 updates accepted, 1 rejected". */
    String summary() {
        return "%,d updates accepted%s%s"
                .formatted(
                        accepted(),
                        rejected() == 0 ? "" : ", %,d rejected".formatted(rejected()),
                        unknown() == 0
                                ? ""
                                : ", %,d lost with the connection or taken, nobody can tell"
                                        .formatted(unknown()));
    }
}
