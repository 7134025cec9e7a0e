package dev.wirebrook.http;

import dev.wirebrook.grpc.Connection;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.ReferenceCountUtil;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection of HTTP/1.1, one after the other, or the one request of a stream
 * of HTTP/2. What comes before its turn waits here, and while any waits the connection is not read.
 * Confined to the connection's event loop.
 */
final class RequestHandler extends ChannelInboundHandlerAdapter implements LateConnections.Timed {
    /** More parts than one read of a socket brings of a client that means well. */
    private static final int WAITING_MAX = 4_096;

    private static final int HEADERS_MAX = 128;
    private static final System.Logger LOGGER = System.getLogger(RequestHandler.class.getName());

    private final FrontContext front;
    private final boolean stream;
    private final Connection connection;
    private final InetAddress peer;
    private final Channel channel;
    private final Deque<HttpObject> waiting = new ArrayDeque<>();
    private final Patience head;
    private @Nullable HttpExchange current;
    private OpenConnections.@Nullable Use inUse;
    private boolean taking;

    /**
     * @param stream whether this is a stream of HTTP/2, and not a connection
     */
    RequestHandler(
            Channel channel,
            FrontContext front,
            boolean stream,
            Connection connection,
            InetAddress peer) {
        this.channel = channel;
        this.front = front;
        this.stream = stream;
        this.connection = connection;
        this.peer = peer;
        head = new Patience(front.timeoutNanos());
        front.late().add(this);
        head.start();
    }

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object message) {
        if (!(message instanceof HttpObject part)) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (part instanceof FullHttpRequest whole) {
            waiting.add(Heads.of(whole));
            waiting.add(new DefaultLastHttpContent(whole.content()));
        } else {
            waiting.add(part);
        }
        takeWhatIsWanted();
    }

    /** Goes on with what waits, as far as it is wanted now. */
    void takeWhatIsWanted() {
        if (taking) {
            return;
        }
        taking = true;
        try {
            while (!waiting.isEmpty() && wants(waiting.getFirst())) {
                take(waiting.removeFirst());
            }
        } finally {
            taking = false;
        }
        if (waiting.size() > WAITING_MAX) {
            var _ = channel.close();
        }
        channel.config().setAutoRead(waiting.isEmpty());
    }

    private boolean wants(HttpObject part) {
        HttpExchange open = current;
        // Who sends requests and takes no answers would have us hold all of the answers.
        return part instanceof HttpRequest
                ? open == null && (stream || channel.isWritable())
                : open == null || open.wants((HttpContent) part);
    }

    /** A fault of what answers ends its exchange, and not what else runs on the event loop. */
    private void take(HttpObject part) {
        try {
            if (part instanceof HttpRequest request) {
                takeHead(request);
            } else {
                takeContent((HttpContent) part);
            }
        } catch (RuntimeException | StackOverflowError e) {
            LOGGER.log(Level.ERROR, "a request failed", e);
            HttpExchange failed = current;
            if (failed == null) {
                var _ = channel.close();
            } else {
                failed.fail();
            }
        } finally {
            ReferenceCountUtil.release(part);
        }
    }

    private void takeHead(HttpRequest request) {
        head.stop();
        HttpExchange exchange = new HttpExchange(this, channel, front, request, stream);
        current = exchange;
        use();
        if (request.decoderResult().isFailure()) {
            exchange.refuseHead(request.decoderResult().cause());
        } else if (request.headers().size() > HEADERS_MAX) {
            exchange.refuseHead(new TooLongHttpHeaderException());
        } else if (Heads.isCodedOtherwise(request)) {
            exchange.refuseHead(new IllegalArgumentException("transfer coding"));
        } else if (!Heads.saysItsHost(request, stream)) {
            exchange.refuseHost();
        } else {
            front.endpoint().answer(exchange);
        }
    }

    private void use() {
        OpenConnections.Use use = OpenConnections.Use.of(channel);
        if (use != null && inUse == null) {
            inUse = use;
            use.began();
        }
    }

    private void unuse(boolean answered) {
        OpenConnections.Use use = inUse;
        if (use != null) {
            inUse = null;
            use.ended(answered);
        }
    }

    private void takeContent(HttpContent content) {
        HttpExchange open = current;
        if (open == null) {
            return;
        }
        if (content.decoderResult().isFailure()) {
            open.close();
        } else {
            open.take(content.content(), content instanceof LastHttpContent);
        }
    }

    Connection connection() {
        return connection;
    }

    InetAddress peer() {
        return peer;
    }

    /**
     * The exchange has its request and its answer whole, and the connection stays. A stream stays
     * too, until its client has taken the answer.
     */
    void finished() {
        current = null;
        unuse(true);
        head.start();
        if (!stream) {
            takeWhatIsWanted();
        }
    }

    @Override
    public void check(long nowNanos) {
        HttpExchange open = current;
        if (open == null ? head.isOver(nowNanos) : open.isLate(nowNanos)) {
            // Nothing to answer: it has not said what it wants, or does not take what it is given.
            if (stream) {
                // A stream whose end waits to be written would only leave its channel.
                var _ = channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
            }
            var _ = channel.close();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ignored) {
        HttpExchange open = current;
        if (open != null) {
            open.writabilityChanged();
        }
        takeWhatIsWanted();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ignored) {
        front.late().remove(this);
        unuse(false);
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        HttpExchange open = current;
        current = null;
        if (open != null) {
            open.gone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable cause) {
        // A client's broken bytes or broken connection: any client can cause as many as it likes.
        var _ = channel.close();
    }
}
