package dev.wirebrook.grpc;

import dev.wirebrook.telemetry.Counter;
import dev.wirebrook.telemetry.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Closes connections that are one too many as they are accepted, before they cost more than their
 * socket. Sits in the pipeline of the listening channel, where accepted channels come by as
 * messages. Thread-safe.
 */
@Sharable
public final class ConnectionLimit extends ChannelInboundHandlerAdapter {
    private final int connectionsMax;
    private final AtomicInteger open = new AtomicInteger();
    private final Counter accepted;
    private final Counter refused;

    /**
     * @param listener whose connections these are, as metrics name it
     */
    public ConnectionLimit(String listener, int connectionsMax, Metrics metrics) {
        String prefix = "wirebrook_" + listener;
        this.connectionsMax = connectionsMax;
        metrics.gauge(prefix + "_connections", "Open connections.", Map.of(), open::get);
        accepted =
                metrics.counter(
                        prefix + "_connections_accepted_total", "Connections accepted.", Map.of());
        refused =
                metrics.counter(
                        prefix + "_connections_refused_total",
                        "Connections closed at once because there were too many.",
                        Map.of());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof Channel connection)) {
            context.fireChannelRead(message);
            return;
        }
        if (open.incrementAndGet() > connectionsMax) {
            open.decrementAndGet();
            refused.increment();
            connection.unsafe().closeForcibly();
            return;
        }
        accepted.increment();
        connection.closeFuture().addListener(_ -> open.decrementAndGet());
        context.fireChannelRead(message);
    }
}
