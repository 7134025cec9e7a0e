package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.telemetry.Counter;
import dev.wirebrook.telemetry.Metrics;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Watches the bytes of a call's messages arrive, before a message is whole and anybody else sees
 * it. Ends the call when one grows too long. A client may also have a thousand calls open and send
 * nearly all of each: when the unfinished messages of all calls together take too much memory, the
 * one that has been on its way the longest is given up.
 *
 * <p>The transport has a limit of its own and tells it without details; so that one is off.
 *
 * <p>Confined to the connection's event loop, but for {@link #belongsTo}.
 */
final class Arrival extends ServerStreamTracer {
    private static final VarHandle CALL;

    static {
        try {
            CALL = MethodHandles.lookup().findVarHandle(Arrival.class, "call", GuardedCall.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What may still come in while the refusal is on its way out. */
    private static final int BYTES_AFTER_REFUSAL_MAX = 1 << 20;

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    /** About what the objects take that keep a frame of a message which is not whole. */
    private static final int FRAME_KEPT_BYTES = 256;

    /**
     * How many times its length a message may hold when it is the only one. Reads that fill half of
     * their buffers hold twice what arrived: the longest message must come through when it is sent
     * again, however little the others are given.
     */
    private static final int LONE_FACTOR = 4;

    private final Watch watch;
    private final EventLoops.Loop loop;
    private final Unfinished unfinished;

    @SuppressWarnings("UnusedVariable") // used through CALL
    private @Nullable GuardedCall<?, ?> call;

    private long bytes;
    private long heldBytes;

    // The newest of the loop's reads that brought some of this message, and what else it may have.
    private long newestRead = -1;
    private long unusedOfRead;

    private long refusedAtBytes = -1;

    // Belong to Unfinished.
    @Nullable Arrival before;
    @Nullable Arrival after;

    private Arrival(Watch watch, EventLoops.Loop loop) {
        this.watch = watch;
        this.loop = loop;
        unfinished = loop.unfinished;
    }

    /** What arrives of the call that this event loop has just begun, or null off the loops. */
    static @Nullable Arrival newest() {
        EventLoops.Loop loop = EventLoops.currentLoop();
        return loop == null ? null : loop.newestArrival;
    }

    /** Names the call to end when too much arrives. Any thread. */
    void belongsTo(GuardedCall<?, ?> started) {
        CALL.setRelease(this, started);
    }

    @Override
    public void inboundWireSize(long more) {
        if (bytes == 0) {
            unfinished.add(this);
        }
        bytes += more;
        hold(more);
        if (refusedAtBytes >= 0) {
            if (bytes - refusedAtBytes > BYTES_AFTER_REFUSAL_MAX) {
                // Lets go of what has arrived, and resets the stream.
                throw Status.RESOURCE_EXHAUSTED.asRuntimeException();
            }
        } else if (bytes > watch.messageBytesMax) {
            GuardedCall<?, ?> started = call();
            if (started != null) {
                refusedAtBytes = bytes;
                started.endWith(
                        FailureStatus.of(Failure.TooLarge.ofMessage(watch.messageBytesMax)));
            }
        }
        while (unfinished.bytes() > watch.bytesMax(unfinished)) {
            Arrival oldest = unfinished.oldest();
            if (oldest == null) {
                return;
            }
            oldest.giveUp();
        }
    }

    /**
     * A frame of the message arrived, or several that had waited. It keeps the buffer that its
     * socket was read into, with all else that came in there, and even if that is nearly empty.
     */
    private void hold(long more) {
        long held = FRAME_KEPT_BYTES;
        if (newestRead != loop.reads) {
            newestRead = loop.reads;
            unusedOfRead = loop.readCapacityBytes;
            held += unusedOfRead;
        }
        held += Math.max(0, more - unusedOfRead);
        unusedOfRead = Math.max(0, unusedOfRead - more);
        heldBytes += held;
        unfinished.grow(held);
    }

    private void giveUp() {
        release();
        refusedAtBytes = 0;
        watch.givenUp.increment();
        GuardedCall<?, ?> started = call();
        if (started != null) {
            started.endAndReset(
                    FailureStatus.of(
                            new Failure.Overloaded(
                                    "too many messages are arriving at once, and this one takes"
                                            + " the longest; send it again later",
                                    RETRY_DELAY)));
        }
    }

    private @Nullable GuardedCall<?, ?> call() {
        return (GuardedCall<?, ?>) CALL.getAcquire(this);
    }

    @Override
    public void inboundMessageRead(int number, long wireBytes, long uncompressedBytes) {
        release();
    }

    @Override
    public void streamClosed(Status status) {
        release();
    }

    private void release() {
        if (bytes != 0) {
            unfinished.remove(this);
            unfinished.grow(-heldBytes);
            bytes = 0;
            heldBytes = 0;
            newestRead = -1;
        }
    }

    @Override
    public void serverCallStarted(ServerCallInfo<?, ?> started) {
        // The inherited one makes a copy for those who look at it.
    }

    /** Makes the watchers of one server's calls. */
    static final class Watch extends ServerStreamTracer.Factory {
        private final int messageBytesMax;
        private final long unfinishedBytesMax;
        private final long loneBytesMax;
        private final Counter givenUp;

        Watch(GrpcServerSettings.CallLimits limits, EventLoops loops, Metrics metrics) {
            messageBytesMax = limits.messageBytesMax();
            // For each loop, so that the loops need not count together.
            unfinishedBytesMax =
                    Math.max(messageBytesMax, limits.unfinishedBytesMax() / loops.count());
            loneBytesMax = Math.max(unfinishedBytesMax, LONE_FACTOR * (long) messageBytesMax);
            metrics.gauge(
                    "wirebrook_grpc_unfinished_bytes",
                    "Bytes held for request messages that are not whole yet.",
                    Map.of(),
                    loops::unfinishedBytes);
            givenUp =
                    metrics.counter(
                            "wirebrook_grpc_unfinished_given_up_total",
                            "Messages given up because too many unfinished ones were held.",
                            Map.of());
        }

        /** How much they may hold before the oldest is given up. */
        long bytesMax(Unfinished messages) {
            return messages.isOnlyOne() ? loneBytesMax : unfinishedBytesMax;
        }

        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            EventLoops.Loop loop = EventLoops.currentLoop();
            if (loop == null) {
                throw new IllegalStateException("streams begin on an event loop");
            }
            Arrival arrival = new Arrival(this, loop);
            loop.newestArrival = arrival;
            return arrival;
        }
    }
}
