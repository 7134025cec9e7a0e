package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class NetworkMemoryTest {
    private static final int SENT_BYTES = 4 << 20;

    @Test
    void a_connection_that_has_much_is_read_twice_before_it_is_anothers_turn() throws Exception {
        Reads reads = new Reads();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Channel listener =
                    new ServerBootstrap()
                            .group(loop)
                            .channel(NioServerSocketChannel.class)
                            .childOption(ChannelOption.RECVBUF_ALLOCATOR, NetworkMemory.reads())
                            .childHandler(reads)
                            .bind(InetAddress.getLoopbackAddress(), 0)
                            .sync()
                            .channel();
            InetSocketAddress address = (InetSocketAddress) listener.localAddress();
            try (Socket client = new Socket(address.getAddress(), address.getPort())) {
                client.getOutputStream().write(new byte[SENT_BYTES]);
                await().until(() -> reads.bytes.get() == SENT_BYTES);
            }
            assertThat(reads.mostInTurn).hasValue(2);
        } finally {
            loop.shutdownGracefully().sync();
        }
    }

    @Sharable
    private static final class Reads extends ChannelInboundHandlerAdapter {
        final AtomicLong bytes = new AtomicLong();
        final AtomicInteger mostInTurn = new AtomicInteger();
        private int inTurn;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            mostInTurn.accumulateAndGet(++inTurn, Math::max);
            ByteBuf read = (ByteBuf) message;
            bytes.addAndGet(read.readableBytes());
            read.release();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            inTurn = 0;
        }
    }
}
