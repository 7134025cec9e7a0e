package dev.wirebrook.http;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Answers on threads that may block, and reports the faults of what answers. Thread-safe.
 *
 * @param threads runs each request, on a thread of its own; belongs to the caller
 */
record BlockingEndpoint(Source source, Executor threads) implements Endpoint {
    private static final System.Logger LOGGER = System.getLogger(BlockingEndpoint.class.getName());
    private static final Answer STOPPING =
            Answer.text(503, "this node is stopping").with("Retry-After", "1");

    /** What answers. */
    interface Source {
        /**
         * May ask the exchange for what does not change: its request line and headers.
         *
         * @throws IOException when the client is gone or too slow: nothing is sent
         */
        Answer answer(Exchange exchange) throws IOException, InterruptedException;
    }

    @Override
    public void answer(Exchange exchange) {
        try {
            threads.execute(() -> run(exchange));
        } catch (RejectedExecutionException e) {
            exchange.send(STOPPING);
        }
    }

    private void run(Exchange exchange) {
        try {
            Answer answer = answerOf(exchange);
            exchange.executor().execute(() -> exchange.send(answer));
        } catch (IOException gone) {
            exchange.executor().execute(exchange::abort);
        }
    }

    private Answer answerOf(Exchange exchange) throws IOException {
        try {
            return source.answer(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return STOPPING;
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, "a request failed", e);
            return Answer.text(500, "an unexpected fault; the server's log has the cause");
        }
    }
}
