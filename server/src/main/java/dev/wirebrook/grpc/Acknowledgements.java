package dev.wirebrook.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.Executor;

/**
 * The answers of a stream of requests, added up until its client takes them: requests that became
 * durable together are acknowledged by one message, and so is all that a client has sent while it
 * did not read.
 *
 * <p>Counts add up to no more, however many they are; results, which are told one by one, do not.
 * So a message goes out when it has {@link #RESULTS_MAX} of them, and when the client does not take
 * it the stream must not be read on: what then waits are the results of the requests under way.
 *
 * <p>Confined to the event loop that it is made on.
 */
public final class Acknowledgements implements Reply {
    /** Results of a message, beyond which no further request's are added to it. */
    private static final int RESULTS_MAX = 1_000;

    /** What was answered, and is not sent yet. */
    public interface Sum {
        /** Results in it. */
        int results();

        /** The message of it; what is answered next begins another. */
        byte[] take();
    }

    private final ServerCall<?, byte[]> call;
    private final Sum sum;
    private final Executor eventLoop = EventLoops.currentOr(Runnable::run);
    private boolean unsent;
    private boolean flushing;
    private boolean overfull;

    public Acknowledgements(ServerCall<?, byte[]> call, Sum sum) {
        this.call = call;
        this.sum = sum;
    }

    /** An answer was added to the sum. */
    public void added() {
        unsent = true;
        if (sum.results() >= RESULTS_MAX) {
            overfull = !call.isReady();
            flush();
        } else if (!flushing) {
            flushing = true;
            eventLoop.execute(this::flushWhenReady);
        }
    }

    /** Not while so many results wait for the client that no further request is to be read. */
    @Override
    public boolean readsOn() {
        return !overfull;
    }

    @Override
    public void ready() {
        overfull = false;
        flushWhenReady();
    }

    private void flushWhenReady() {
        flushing = false;
        if (call.isReady()) {
            flush();
        }
    }

    /** Whether or not the client takes it now. */
    @Override
    public void flush() {
        if (unsent && !call.isCancelled()) {
            unsent = false;
            call.sendMessage(sum.take());
        }
    }

    @Override
    public void complete() {
        flush();
        if (!call.isCancelled()) {
            call.close(Status.OK, new Metadata());
        }
    }
}
