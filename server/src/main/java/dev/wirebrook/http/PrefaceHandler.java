package dev.wirebrook.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Looks at the first bytes of a connection in plain text: one that speaks HTTP/2 from the start
 * begins with the preface of RFC 9113, 3.4, and everything else is HTTP/1.1. Confined to the
 * connection's event loop.
 */
final class PrefaceHandler extends ByteToMessageDecoder implements LateConnections.Timed {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n".getBytes(StandardCharsets.US_ASCII);

    private final FrontContext front;
    private final Connections connections;
    private final Patience patience;
    private final Channel channel;

    PrefaceHandler(Channel channel, FrontContext front, Connections connections) {
        this.channel = channel;
        this.front = front;
        this.connections = connections;
        patience = new Patience(front.timeoutNanos());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        front.late().add(this);
        patience.start();
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext removed) {
        front.late().remove(this);
    }

    @Override
    public void check(long nowNanos) {
        if (patience.isOver(nowNanos)) {
            var _ = channel.close();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext read, ByteBuf bytes, List<Object> out) {
        int length = Math.min(bytes.readableBytes(), PREFACE.length);
        for (int i = 0; i < length; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != PREFACE[i]) {
                connections.http1(read.channel(), front, null);
                read.pipeline().remove(this);
                return;
            }
        }
        if (length == PREFACE.length) {
            connections.http2(read.channel(), front, null);
            read.pipeline().remove(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
        var _ = failed.close();
    }
}
