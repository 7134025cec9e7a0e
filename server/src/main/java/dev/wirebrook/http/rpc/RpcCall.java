package dev.wirebrook.http.rpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.ElementFaults;
import dev.wirebrook.grpc.FailureStatus;
import dev.wirebrook.grpc.LocalCall;
import dev.wirebrook.grpc.LocalMethod;
import dev.wirebrook.http.Exchange;
import io.grpc.Metadata;
import io.grpc.Status;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call: the body's requests to the method, its answers to the exchange. A client that goes away
 * cancels it, and one that does not read makes the method wait. Confined to the exchange's
 * executor.
 */
final class RpcCall implements LocalCall.Answers {
    private static final System.Logger LOGGER = System.getLogger(RpcCall.class.getName());

    private static final Status UNSPOKEN =
            Status.INTERNAL.withDescription(
                    "the answer could not be written in this form; the server's log says why");

    private final Exchange exchange;
    private final LocalMethod method;
    private final Dialect dialect;
    private final int messageBytesMax;
    private @Nullable LocalCall<?, ?> call;
    private boolean over;

    RpcCall(Exchange exchange, LocalMethod method, Dialect dialect, int messageBytesMax) {
        this.exchange = exchange;
        this.method = method;
        this.dialect = dialect;
        this.messageBytesMax = messageBytesMax;
    }

    /**
     * Reads the body and calls.
     *
     * @param coding of the body; null: it is plain
     */
    void start(@Nullable String coding) {
        if (!method.takesOne() && method.schema().isPresent()) {
            // Its body may have no end, so nothing waits for that.
            fail(RpcEndpoint.unsupportedStream(method.fullName()));
            return;
        }
        exchange.body(
                messageBytesMax,
                body -> {
                    switch (body) {
                        case Exchange.Body.Whole(byte[] bytes) -> start(coding, bytes);
                        case Exchange.Body.TooLong() ->
                                fail(Failure.TooLarge.ofMessage(messageBytesMax));
                    }
                });
    }

    private void start(@Nullable String coding, byte[] body) {
        try {
            CallHeaders.requireKnownProtocol(exchange);
            List<Request> requests = dialect.requests(Gzip.inflate(coding, body, messageBytesMax));
            Optional<LocalCall<?, ?>> started =
                    method.start(
                            exchange.connection(),
                            CallHeaders.metadata(exchange),
                            CallHeaders.timeout(exchange),
                            requests.isEmpty() ? ElementFaults.NONE : requests.getFirst().faults(),
                            this);
            started.ifPresent(open -> run(open, requests));
        } catch (FailureException e) {
            fail(e.failure());
        }
    }

    private void run(LocalCall<?, ?> open, List<Request> requests) {
        call = open;
        if (over) {
            open.cancel();
            return;
        }
        exchange.onGone(open::cancel);
        exchange.onWritable(() -> open.pause(false));
        requests.forEach(request -> open.send(request.message()));
        open.halfClose();
    }

    private void fail(Failure failure) {
        FailureStatus status = FailureStatus.of(failure);
        closed(status.status(), status.trailers());
    }

    @Override
    public void headers(Metadata headers) {
        speak(() -> dialect.headers(headers));
    }

    @Override
    public void message(byte[] message) {
        speak(() -> dialect.message(message));
        LocalCall<?, ?> open = call;
        if (open != null && !exchange.isWritable()) {
            open.pause(true);
        }
    }

    @Override
    public void closed(Status status, Metadata trailers) {
        speak(() -> dialect.closed(status, trailers));
        over = true;
    }

    /**
     * A fault of the dialect ends the exchange, and not what else runs here. The client is told as
     * of any other failure, also behind the head.
     */
    private void speak(Runnable action) {
        if (over) {
            return;
        }
        try {
            action.run();
        } catch (RuntimeException e) {
            over = true;
            LOGGER.log(Level.ERROR, "an answer of " + method.fullName() + " failed", e);
            endUnspoken();
            LocalCall<?, ?> unanswered = call;
            if (unanswered != null) {
                unanswered.cancel();
            }
        }
    }

    private void endUnspoken() {
        try {
            dialect.closed(UNSPOKEN, new Metadata());
        } catch (RuntimeException e) {
            exchange.abort();
        }
    }
}
