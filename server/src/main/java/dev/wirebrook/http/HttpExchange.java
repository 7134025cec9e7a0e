package dev.wirebrook.http;

import dev.wirebrook.grpc.Connection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An exchange on the connection, or the stream, of a {@link RequestHandler}. */
final class HttpExchange implements Exchange {
    /**
     * So much of a body is read that nobody wants, for a client hears the answer when it is done.
     */
    private static final long LET_GO_BYTES_MAX = 4 << 20;

    private static final Answer GIVEN_UP =
            Answer.text(503, "too many requests are arriving at once; send it again later")
                    .with("Retry-After", "1");

    private static final Answer FAULT =
            Answer.text(500, "an unexpected fault; the server's log has the cause");

    private final RequestHandler handler;
    private final Channel channel;
    private final FrontContext front;
    private final HttpRequest request;
    private final boolean stream;
    private final String rawPath;
    private final Patience patience;
    private final Timers timers;
    private final List<Map.Entry<String, String>> always = new ArrayList<>();

    private @Nullable RequestBody body;
    private boolean requestEnded;
    private long letGoBytes;
    private @Nullable HttpResponse head;
    private boolean answerEnded;
    private boolean gone;
    private boolean stays;
    private Runnable whenWritable = () -> {};
    private Runnable whenGone = () -> {};

    HttpExchange(
            RequestHandler handler,
            Channel channel,
            FrontContext front,
            HttpRequest request,
            boolean stream) {
        this.handler = handler;
        this.channel = channel;
        this.front = front;
        this.request = request;
        this.stream = stream;
        rawPath = PercentCoding.normalized(Heads.path(request.uri()));
        patience = new Patience(front.timeoutNanos());
        timers = new Timers(channel.eventLoop());
        boolean http10 = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        stays = stream || (HttpUtil.isKeepAlive(request) && !http10);
        // Its end comes as a part of its own, but there is nothing between.
        requestEnded =
                !stream
                        && request.decoderResult().isSuccess()
                        && !HttpUtil.isTransferEncodingChunked(request)
                        && HttpUtil.getContentLength(request, 0L) == 0;
    }

    @Override
    public String method() {
        return request.method().name();
    }

    @Override
    public String rawPath() {
        return rawPath;
    }

    @Override
    public String path() {
        return PercentCoding.decoded(rawPath);
    }

    @Override
    public @Nullable String rawQuery() {
        int query = request.uri().indexOf('?');
        return query < 0 ? null : request.uri().substring(query + 1);
    }

    @Override
    public @Nullable String header(String name) {
        return request.headers().get(name);
    }

    @Override
    public List<String> headers(String name) {
        return request.headers().getAll(name);
    }

    @Override
    public List<Map.Entry<String, String>> headers() {
        return Heads.entries(request.headers());
    }

    @Override
    public Connection connection() {
        return handler.connection();
    }

    @Override
    public InetAddress peer() {
        return handler.peer();
    }

    @Override
    public Executor executor() {
        return channel.eventLoop();
    }

    @Override
    public void answerWith(String name, String value) {
        always.add(Map.entry(name, value));
    }

    // The request.

    @Override
    public void body(int bytesMax, Consumer<Body> receiver) {
        if (gone) {
            return;
        }
        RequestBody wanted =
                new RequestBody(
                        bytesMax, receiver, front.unfinished(), channel.eventLoop(), this::giveUp);
        body = wanted;
        if (requestEnded) {
            wanted.add(Unpooled.EMPTY_BUFFER, true);
            return;
        }
        long announced = HttpUtil.getContentLength(request, -1L);
        if (announced > bytesMax) {
            wanted.finish();
            receiver.accept(new Body.TooLong());
            return;
        }
        patience.start();
        if (HttpUtil.is100ContinueExpected(request)) {
            var _ =
                    channel.writeAndFlush(
                            new DefaultFullHttpResponse(
                                    HttpVersion.HTTP_1_1,
                                    HttpResponseStatus.CONTINUE,
                                    Unpooled.EMPTY_BUFFER));
        }
        handler.takeWhatIsWanted();
    }

    private void giveUp() {
        send(GIVEN_UP);
        whenGone.run();
    }

    /** Whether the next part of the request may come. */
    boolean wants(HttpContent part) {
        return body != null || answerEnded || isEmptyEnd(part);
    }

    /** A request without a body has ended, whether or not anybody wants the body. */
    private static boolean isEmptyEnd(HttpContent part) {
        return part instanceof LastHttpContent && !part.content().isReadable();
    }

    void take(ByteBuf content, boolean last) {
        requestEnded |= last;
        RequestBody wanted = body;
        if (wanted != null && !wanted.isDone()) {
            if (last) {
                patience.stop();
            }
            wanted.add(content, last);
        } else {
            letGoBytes += content.readableBytes();
        }
        if (answerEnded && (last || letGoBytes > LET_GO_BYTES_MAX)) {
            finish();
        }
    }

    void refuseHead(Throwable cause) {
        stays = false;
        requestEnded = true;
        send(
                switch (cause) {
                    case TooLongHttpLineException _ ->
                            Answer.text(414, "the request line is too long");
                    case TooLongHttpHeaderException _ ->
                            Answer.text(431, "the headers are too long");
                    default -> Answer.text(400, "this is no request of HTTP");
                });
    }

    void refuseHost() {
        stays = false;
        send(Answer.text(400, "a request names one host, and the same one everywhere"));
    }

    /** What answers had a fault. */
    void fail() {
        if (gone || answerEnded) {
            return;
        }
        if (head == null) {
            send(FAULT);
        } else {
            abort();
        }
        whenGone.run();
    }

    // The answer.

    @Override
    public void send(Answer answer) {
        if (gone || answerEnded || head != null) {
            return;
        }
        boolean bare = method().equals("HEAD");
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.valueOf(answer.status()),
                        bare ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(answer.body()));
        HttpHeaders headers = response.headers();
        Heads.careful(headers);
        headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        headers.setInt(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
        answer.headers().forEach(headers::set);
        settle(headers);
        ended(channel.writeAndFlush(response));
    }

    @Override
    public void begin(int status, Map<String, String> headers) {
        if (gone || answerEnded || head != null) {
            return;
        }
        HttpResponse response =
                new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
        Heads.careful(response.headers());
        headers.forEach(response.headers()::set);
        if (!stream && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
        settle(response.headers());
        head = response;
        var _ = channel.write(response);
    }

    /** Says whether the connection stays. */
    private void settle(HttpHeaders headers) {
        always.forEach(header -> headers.set(header.getKey(), header.getValue()));
        // What is left of a request may be long, and may be made to look like the next one.
        if (!requestEnded && !stream) {
            stays = false;
        }
        if (!stays && !stream) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    @Override
    public void write(byte[] bytes) {
        if (!gone && !answerEnded && head != null) {
            var _ = channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
            if (!isWritable()) {
                patience.startOnce();
            }
        }
    }

    @Override
    public void end() {
        if (!gone && !answerEnded && head != null) {
            ended(channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
        }
    }

    private void ended(ChannelFuture written) {
        answerEnded = true;
        timers.cancelAll();
        RequestBody unwanted = body;
        if (unwanted != null) {
            unwanted.finish();
        }
        patience.start();
        if (requestEnded) {
            written.addListener(_ -> patience.stop());
            finish();
        } else {
            handler.takeWhatIsWanted();
        }
    }

    private void finish() {
        if (gone) {
            return;
        }
        gone = true;
        if (stays) {
            handler.finished();
        } else {
            var _ =
                    channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                            .addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public Runnable after(Duration delay, Runnable action) {
        return gone || answerEnded ? () -> {} : timers.after(delay, action);
    }

    @Override
    public void abort() {
        if (!gone && !answerEnded) {
            answerEnded = true;
            timers.cancelAll();
            patience.start();
            var _ =
                    channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                            .addListener(ChannelFutureListener.CLOSE);
        }
    }

    void close() {
        var _ = channel.close();
    }

    @Override
    public boolean isWritable() {
        return !gone && channel.isWritable();
    }

    @Override
    public void onWritable(Runnable action) {
        whenWritable = action;
    }

    void writabilityChanged() {
        if (head == null || answerEnded) {
            return;
        }
        if (channel.isWritable()) {
            patience.stop();
            whenWritable.run();
        } else {
            patience.startOnce();
        }
    }

    /** Whether the client takes too long to send, or to take what it is given. */
    boolean isLate(long nowNanos) {
        return patience.isOver(nowNanos);
    }

    @Override
    public void onGone(Runnable action) {
        if (gone && !answerEnded) {
            action.run();
        } else {
            whenGone = action;
        }
    }

    /** The connection, or the stream, is no more. */
    void gone() {
        if (gone) {
            return;
        }
        gone = true;
        timers.cancelAll();
        RequestBody unfinished = body;
        if (unfinished != null) {
            unfinished.finish();
        }
        if (!answerEnded) {
            whenGone.run();
        }
    }
}
