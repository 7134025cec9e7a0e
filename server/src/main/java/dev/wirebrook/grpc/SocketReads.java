package dev.wirebrook.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Tells the event loop of each buffer that was read from a socket how large it is. Messages that
 * are not whole keep the buffers that they came in, of which they may have filled a single byte.
 *
 * <p>Sits in the pipeline of the listening channel, and puts itself in front of those of the
 * channels that it accepts. Without state.
 */
@Sharable
final class SocketReads extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Channel connection) {
            connection.pipeline().addFirst(this);
        } else if (message instanceof ByteBuf read) {
            EventLoops.Loop loop = EventLoops.currentLoop();
            if (loop != null) {
                loop.reads++;
                loop.readCapacityBytes = read.capacity();
            }
        }
        context.fireChannelRead(message);
    }
}
