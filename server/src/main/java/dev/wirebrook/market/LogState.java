package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the updates of one publication are in the log. One that is sent again needs not be logged
 * again once they are, and waits while they are on their way. Thread-safe.
 */
final class LogState {
    /** Of what was read from the log, or from a checkpoint. */
    static final LogState DURABLE = new LogState(true);

    private final List<TickLog.Answer> waiting = new ArrayList<>(0);
    private boolean settled;
    private @Nullable Failure refusal;

    /** On its way. */
    LogState() {
        this(false);
    }

    private LogState(boolean settled) {
        this.settled = settled;
    }

    synchronized boolean isRefused() {
        return refusal != null;
    }

    /** Answers when it is settled, on the answer's executor; at once when it is. */
    void whenSettled(TickLog.Answer answer) {
        synchronized (this) {
            if (!settled) {
                waiting.add(answer);
                return;
            }
        }
        tell(answer);
    }

    void durable() {
        settle(null);
    }

    void refused(Failure failure) {
        settle(failure);
    }

    private void settle(@Nullable Failure failure) {
        List<TickLog.Answer> told;
        synchronized (this) {
            settled = true;
            refusal = failure;
            told = List.copyOf(waiting);
            waiting.clear();
        }
        told.forEach(this::tell);
    }

    private void tell(TickLog.Answer answer) {
        Failure failure;
        synchronized (this) {
            failure = refusal;
        }
        answer.executor()
                .execute(() -> {
                    if (failure == null) {
                        answer.durable();
                    } else {
                        answer.refused(failure);
                    }
                });
    }
}
