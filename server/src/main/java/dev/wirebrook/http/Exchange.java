package dev.wirebrook.http;

import dev.wirebrook.grpc.Connection;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, on HTTP/1.1 or HTTP/2. The answer is either sent whole with {@link
 * #send}, or begun, written and ended.
 *
 * <p>Confined to {@link #executor}, the event loop of its connection: whoever answers elsewhere
 * comes back through it. What is done after the client has gone has no effect.
 */
public interface Exchange {
    /** Such as {@code POST}. */
    String method();

    /** From the root, as it stands in the request line. */
    String rawPath();

    /** From the root, decoded; an octet that is no UTF-8 becomes the replacement character. */
    String path();

    /** Without the question mark; null when there is none. */
    @Nullable String rawQuery();

    /** The first value of a header; null when there is none. */
    @Nullable String header(String name);

    /** All values of a header. */
    List<String> headers(String name);

    /** All headers in their order, names in lower case. */
    List<Map.Entry<String, String>> headers();

    /** What the request came through, and who is at its other end. */
    Connection connection();

    /** The address at the other end of the connection. */
    InetAddress peer();

    /** Runs what touches this exchange. */
    Executor executor();

    /** Adds a header to whatever will be answered. */
    void answerWith(String name, String value);

    /**
     * Reads the body; until then what comes of it waits in the connection. To be called once at
     * most. When the client goes away or is too slow, or all bodies on their way take too much
     * memory, the receiver hears nothing: {@link #onGone} does.
     */
    void body(int bytesMax, Consumer<Body> receiver);

    /** A body that was read. */
    sealed interface Body {
        @SuppressWarnings("ArrayRecordComponent") // handed over once
        record Whole(byte[] bytes) implements Body {}

        /** Longer than what was to be read; the rest of it is let go. */
        record TooLong() implements Body {}
    }

    /** Sends a whole answer. */
    void send(Answer answer);

    /** Begins an answer whose length is not known yet; its head goes out with the first bytes. */
    void begin(int status, Map<String, String> headers);

    /** Writes more of an answer that has begun, and flushes. The array must not change any more. */
    void write(byte[] bytes);

    /** Ends an answer that has begun. */
    void end();

    /**
     * Runs the action on the executor after the delay, unless the exchange is over by then.
     *
     * @return takes it back
     */
    Runnable after(Duration delay, Runnable action);

    /** Ends the exchange so that the client knows that the answer is not whole. */
    void abort();

    /** Whether what is written leaves the process; where it is not, it takes memory. */
    boolean isWritable();

    /** What to run whenever the exchange has become writable again. */
    void onWritable(Runnable action);

    /** What to run when the client has gone before the answer was ended; at once if it has. */
    void onGone(Runnable action);
}
