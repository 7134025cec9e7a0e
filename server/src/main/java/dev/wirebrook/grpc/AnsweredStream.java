package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import io.grpc.ServerCall;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a stream of requests that are each answered later: reads the next one only
 * while fewer than a window of them are on their way, and hands the answers on in the order in
 * which the requests came. A refusal stands in line like an answer, so that all that was taken
 * before it is acknowledged first; then the stream ends with it. A stream whose answers its client
 * does not take may be read no further until it does.
 *
 * <p>For handlers on the event loop: everything happens there.
 *
 * @param <Q> what comes in
 * @param <A> what becomes of one
 */
public abstract class AnsweredStream<Q, A> extends ServerCall.Listener<Q> {
    /** The window of a client whose events are counted: few, because they may have to wait. */
    private static final int BOUNDED_WINDOW = 8;

    private final ServerCall<?, ?> call;
    private final int window;
    private final OpenStreams openStreams;
    private final Executor eventLoop = EventLoops.currentOr(Runnable::run);
    private final ArrayDeque<Turn> turns = new ArrayDeque<>();
    private final ClientQuota quota = ClientQuota.current();

    /** Requests that wait until their client's quota of events allows them, in order. */
    private final ArrayDeque<Held> held = new ArrayDeque<>();

    /** Requests that were answered, and for which no other has been asked for yet. */
    private int unreplaced;

    private boolean halfClosed;
    private boolean refused;
    private boolean ended;

    /**
     * @param window requests that may be between arrival and answer
     */
    protected AnsweredStream(ServerCall<?, ?> call, int window, OpenStreams openStreams) {
        this.call = call;
        this.window = quota.boundsEvents() ? Math.min(window, BOUNDED_WINDOW) : window;
        this.openStreams = openStreams;
    }

    /** Allows the client to send. To be called once, after the listener is made. */
    public final AnsweredStream<Q, A> open() {
        call.request(window);
        openStreams.add(this);
        return this;
    }

    /** Ends the stream when all that was sent so far is answered. May be called from any thread. */
    final void end(Failure reason) {
        eventLoop.execute(() -> {
            if (!refused && !ended) {
                Turn last = new Turn();
                turns.add(last);
                last.refuse(reason);
            }
        });
    }

    /** How many events a request brings, for its client's quota. */
    protected abstract long events(Q request);

    /**
     * A request came.
     *
     * @param turn to be answered or refused, once
     * @throws FailureException to refuse it, and with it the stream
     */
    protected abstract void take(Q request, Turn turn);

    /** A request is answered; calls come in the order of the stream. */
    protected abstract void answered(A answer);

    /** What the client is told of the answers; one and the same for the stream. */
    protected abstract Reply reply();

    @Override
    public final void onReady() {
        reply().ready();
        readOn();
    }

    private void readOn() {
        if (unreplaced > 0 && !refused && !ended && reply().readsOn()) {
            int count = unreplaced;
            unreplaced = 0;
            call.request(count);
        }
    }

    @Override
    public final void onMessage(Q message) {
        if (refused || ended) {
            return;
        }
        Turn turn = new Turn();
        turns.add(turn);
        try {
            long events = quota.boundsEvents() ? events(message) : 0;
            held.add(new Held(message, events, turn));
        } catch (FailureException e) {
            turn.refuse(e.failure());
            return;
        }
        if (held.size() == 1) {
            takeHeld();
        }
    }

    /** Takes what the quota allows; the rest waits, and the client with it. */
    private void takeHeld() {
        for (Held next = held.peek(); !refused && !ended && next != null; next = held.peek()) {
            long delayNanos = quota.tryTakeEvents(next.events);
            if (delayNanos > 0) {
                CompletableFuture.delayedExecutor(delayNanos, TimeUnit.NANOSECONDS, eventLoop)
                        .execute(this::takeHeld);
                return;
            }
            held.remove();
            try {
                take(next.request, next.turn);
            } catch (FailureException e) {
                next.turn.refuse(e.failure());
            }
        }
    }

    @Override
    public final void onHalfClose() {
        halfClosed = true;
        handOn();
    }

    @Override
    public final void onCancel() {
        close();
    }

    @Override
    public final void onComplete() {
        close();
    }

    private void handOn() {
        for (Turn next = turns.peek(); !ended && next != null; next = turns.peek()) {
            if (next.failure != null) {
                reply().flush();
                close();
                FailureStatus refusal = FailureStatus.of(next.failure);
                call.close(refusal.status(), refusal.trailers());
            } else if (next.answer != null) {
                turns.remove();
                unreplaced++;
                answered(next.answer);
            } else {
                break;
            }
        }
        if (ended) {
            return;
        }
        if (halfClosed && turns.isEmpty()) {
            close();
            reply().complete();
        } else {
            readOn();
        }
    }

    private void close() {
        ended = true;
        turns.clear();
        held.clear();
        openStreams.remove(this);
    }

    /** A request that was not taken yet. */
    private final class Held {
        private final Q request;
        private final long events;
        private final Turn turn;

        Held(Q request, long events, Turn turn) {
            this.request = request;
            this.events = events;
            this.turn = turn;
        }
    }

    /** One request between arrival and answer. Its methods are called on {@link #executor}. */
    protected final class Turn {
        private @Nullable A answer;
        private @Nullable Failure failure;

        /** The stream's event loop. */
        public Executor executor() {
            return eventLoop;
        }

        /** Whether nobody waits for the answer any more. */
        public boolean isGone() {
            return ended;
        }

        public void answer(A given) {
            answer = given;
            handOn();
        }

        /** Ends the stream with this when its turn comes; nothing more is read. */
        public void refuse(Failure reason) {
            failure = reason;
            refused = true;
            handOn();
        }
    }
}
