package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import io.grpc.ServerCall;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
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
    private final ServerCall<?, ?> call;
    private final int window;
    private final OpenStreams openStreams;
    private final Executor eventLoop = EventLoops.currentOr(Runnable::run);
    private final ArrayDeque<Turn> turns = new ArrayDeque<>();

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
        this.window = window;
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
            take(message, turn);
        } catch (FailureException e) {
            turn.refuse(e.failure());
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
        openStreams.remove(this);
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
