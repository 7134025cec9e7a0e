package dev.wirebrook.http;

import dev.wirebrook.grpc.Callers;
import dev.wirebrook.grpc.Connection;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What every connection of the listener is fitted with. Thread-safe. */
final class Connections extends ChannelInitializer<Channel> {
    private static final int LINE_BYTES_MAX = 8 << 10;
    private static final int HEADER_BYTES_MAX = 16 << 10;
    private static final int CHUNK_BYTES_MAX = 64 << 10;
    private static final int FLUSHES_HELD_MAX = 256;
    private static final int WINDOW_BYTES = 256 << 10;
    private static final int RESETS_MAX = 200;
    private static final int RESETS_WINDOW_SECONDS = 30;

    private final WebServerSettings settings;
    private final Optional<SslContext> secured;
    private final Function<Channel, FrontContext> fronts;
    private final Callers callers;

    /**
     * @param callers makes what is known of a connection
     * @param fronts what the connections of a channel's event loop share
     */
    Connections(
            WebServerSettings settings,
            Optional<SslContext> secured,
            Function<Channel, FrontContext> fronts,
            Callers callers) {
        this.settings = settings;
        this.callers = callers;
        this.secured = secured;
        this.fronts = fronts;
    }

    @Override
    protected void initChannel(Channel channel) {
        FrontContext front = fronts.apply(channel);
        if (secured.isEmpty()) {
            channel.pipeline().addLast(new PrefaceHandler(channel, front, this));
            return;
        }
        SslHandler handshake = secured.get().newHandler(channel.alloc());
        handshake.setHandshakeTimeoutMillis(settings.requestTimeout().toMillis());
        channel.pipeline().addLast(handshake, new Negotiated(front));
    }

    private final class Negotiated extends ApplicationProtocolNegotiationHandler {
        private final FrontContext front;

        Negotiated(FrontContext front) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.front = front;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext context, String protocol) {
            SSLSession session = context.pipeline().get(SslHandler.class).engine().getSession();
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                http2(context.channel(), front, session);
            } else {
                http1(context.channel(), front, session);
            }
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
            // Any client can cause as many as it likes.
            var _ = context.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }

    void http1(Channel channel, FrontContext front, @Nullable SSLSession session) {
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast(
                new FlushConsolidationHandler(FLUSHES_HELD_MAX, true),
                new HttpServerCodec(
                        new HttpDecoderConfig()
                                .setMaxInitialLineLength(LINE_BYTES_MAX)
                                .setMaxHeaderSize(HEADER_BYTES_MAX)
                                .setMaxChunkSize(CHUNK_BYTES_MAX)));
        pipeline.addLast(
                new RequestHandler(
                        channel, front, false, connection(channel, session), peer(channel)));
    }

    void http2(Channel channel, FrontContext front, @Nullable SSLSession session) {
        Connection connection = connection(channel, session);
        InetAddress peer = peer(channel);
        Http2FrameCodec frames =
                Http2FrameCodecBuilder.forServer()
                        .initialSettings(
                                Http2Settings.defaultSettings()
                                        .maxConcurrentStreams(settings.streamsPerConnectionMax())
                                        .maxHeaderListSize(HEADER_BYTES_MAX)
                                        .initialWindowSize(WINDOW_BYTES))
                        .decoderEnforceMaxRstFramesPerWindow(RESETS_MAX, RESETS_WINDOW_SECONDS)
                        .validateHeaders(true)
                        .build();
        channel.pipeline()
                .addLast(
                        frames,
                        new Http2MultiplexHandler(
                                new ChannelInitializer<>() {
                                    @Override
                                    protected void initChannel(Channel stream) {
                                        stream.pipeline()
                                                .addLast(
                                                        new PseudoHeaders(),
                                                        new Http2StreamFrameToHttpObjectCodec(true),
                                                        new RequestHandler(
                                                                stream,
                                                                front,
                                                                true,
                                                                connection,
                                                                peer));
                                    }
                                }),
                        new ConnectionWatch(channel, front, frames));
    }

    private Connection connection(Channel channel, @Nullable SSLSession session) {
        return callers.connected(channel.remoteAddress(), session);
    }

    private static InetAddress peer(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress inet
                ? inet.getAddress()
                : InetAddress.getLoopbackAddress();
    }
}
