package dev.wirebrook.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;

/**
 * Closes a connection of HTTP/2 that has had no request for a while, and one whose client pings or
 * changes its settings so often that it only means to keep the event loop busy (CVE-2019-9512,
 * CVE-2019-9515). Confined to the connection's event loop.
 */
final class ConnectionWatch extends ChannelInboundHandlerAdapter implements LateConnections.Timed {
    /** A client that means well pings every some seconds, and sets its settings once. */
    private static final int CONTROLS_MAX = 200;

    private static final long CONTROLS_WINDOW_NANOS = Duration.ofSeconds(30).toNanos();

    private final Channel channel;
    private final FrontContext front;
    private final Http2FrameCodec frames;
    private final Patience patience;
    private long windowStartNanos = System.nanoTime();
    private int controls;

    ConnectionWatch(Channel channel, FrontContext front, Http2FrameCodec frames) {
        this.channel = channel;
        this.front = front;
        this.frames = frames;
        patience = new Patience(front.timeoutNanos());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        front.late().add(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext read, Object frame) {
        ReferenceCountUtil.release(frame);
        if (frame instanceof Http2SettingsFrame
                || (frame instanceof Http2PingFrame ping && !ping.ack())) {
            count();
        }
    }

    private void count() {
        long now = System.nanoTime();
        if (now - windowStartNanos > CONTROLS_WINDOW_NANOS) {
            windowStartNanos = now;
            controls = 0;
        }
        controls++;
        if (controls == CONTROLS_MAX + 1) {
            frames.onError(
                    channel.pipeline().context(frames),
                    false,
                    Http2Exception.connectionError(
                            Http2Error.ENHANCE_YOUR_CALM, "too many pings or settings"));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        front.late().remove(this);
        inactive.fireChannelInactive();
    }

    @Override
    public void check(long nowNanos) {
        if (frames.connection().numActiveStreams() > 0) {
            patience.stop();
            return;
        }
        patience.startOnce();
        if (patience.isOver(nowNanos)) {
            var _ = channel.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
        // The codec says by itself what was wrong with the frames, and closes.
        if (!(cause instanceof Http2Exception)) {
            var _ = failed.close();
        }
    }
}
