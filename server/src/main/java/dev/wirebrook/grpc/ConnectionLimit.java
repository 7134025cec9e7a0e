package dev.wirebrook.grpc;

import dev.wirebrook.telemetry.Counter;
import dev.wirebrook.telemetry.Metrics;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Closes connections that are one too many as they are accepted, before they cost more than their
 * socket. Sits in the pipeline of the listening channel, where accepted channels come by as
 * messages. Thread-safe.
 */
@Sharable
public final class ConnectionLimit extends ChannelInboundHandlerAdapter {
    /** Connections that may be there beyond the limit while others are being closed for them. */
    private static final int SURPLUS_MAX = 64;

    private final int connectionsMax;
    private final BooleanSupplier makesRoom;
    private final AtomicInteger open = new AtomicInteger();
    private final Counter accepted;
    private final Counter refused;

    /**
     * @param listener whose connections these are, as metrics name it
     */
    public ConnectionLimit(String listener, int connectionsMax, Metrics metrics) {
        this(listener, connectionsMax, metrics, () -> false);
    }

    /**
     * @param makesRoom closes a connection that matters less than a new one; false: there is none
     */
    public ConnectionLimit(
            String listener, int connectionsMax, Metrics metrics, BooleanSupplier makesRoom) {
        this.makesRoom = makesRoom;
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
        int now = open.incrementAndGet();
        if (now > connectionsMax
                && (now > connectionsMax + SURPLUS_MAX || !makesRoom.getAsBoolean())) {
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
