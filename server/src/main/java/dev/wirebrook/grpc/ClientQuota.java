package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.RateLimit;
import dev.wirebrook.grpc.GrpcServerSettings.ClientLimits;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one client has taken of what each may take. Calls and bytes are refused while the client
 * owes some, events when they arrive and before they are stored, each with the time to wait; a
 * stream is read more slowly instead. A debt of events delays nothing but events, and no debt lasts
 * longer than {@link RateLimit#DEBT_MAX}. Thread-safe.
 */
public final class ClientQuota {
    private static final ScopedValue<ClientQuota> CURRENT = ScopedValue.newInstance();

    /** Of a server that sets no bounds. */
    static final ClientQuota UNBOUNDED = new ClientQuota(ClientLimits.NONE, () -> 0, _ -> {});

    private static final Duration STREAM_DELAY = Duration.ofSeconds(1);

    private final @Nullable RateLimit calls;
    private final @Nullable RateLimit events;
    private final @Nullable RateLimit bytes;
    private final int streamsMax;
    private final LongSupplier nanoTime;
    private final Consumer<Resource> refused;
    private final AtomicInteger streams = new AtomicInteger();

    /** What a client may take; the name is that of its setting. */
    enum Resource {
        CALLS("quota.calls-per-second"),
        EVENTS("quota.events-per-second"),
        BYTES("quota.bytes-per-second"),
        STREAMS("quota.streams");

        private final String setting;

        Resource(String setting) {
            this.setting = setting;
        }

        String setting() {
            return setting;
        }
    }

    /** Why a call may not go on. */
    record Refusal(Resource resource, Failure failure) {}

    ClientQuota(ClientLimits limits, LongSupplier nanoTime, Consumer<Resource> refused) {
        this.nanoTime = nanoTime;
        this.refused = refused;
        long nowNanos = nanoTime.getAsLong();
        calls = limit(limits.callsPerSecond(), nowNanos);
        events = limit(limits.eventsPerSecond(), nowNanos);
        bytes = limit(limits.bytesPerSecond(), nowNanos);
        streamsMax = limits.streamsMax();
    }

    private static @Nullable RateLimit limit(long perSecond, long nowNanos) {
        return perSecond == 0 ? null : new RateLimit(perSecond, nowNanos);
    }

    /**
     * Of the client whose call the code that runs serves. Handlers that go on elsewhere take it
     * along.
     */
    public static ClientQuota current() {
        return CURRENT.orElse(UNBOUNDED);
    }

    /** Runs code for a caller with this quota. To be kept: it costs more to make than to use. */
    ScopedValue.Carrier scope(Caller caller) {
        return caller.scope().where(CURRENT, this);
    }

    /** Takes a call; {@link #ended} gives a stream back. */
    Optional<Refusal> start(boolean stream, long nowNanos) {
        Optional<Refusal> owing =
                owing(Resource.CALLS, calls, nowNanos)
                        .or(() -> owing(Resource.BYTES, bytes, nowNanos));
        if (owing.isPresent()) {
            return owing;
        }
        if (stream && streams.incrementAndGet() > streamsMax && streamsMax > 0) {
            streams.decrementAndGet();
            return Optional.of(
                    refusal(
                            Resource.STREAMS,
                            "has %d streams open, which are all that it may have"
                                    .formatted(streamsMax),
                            STREAM_DELAY));
        }
        take(calls, 1, nowNanos);
        return Optional.empty();
    }

    private static Optional<Refusal> owing(
            Resource resource, @Nullable RateLimit limit, long nowNanos) {
        long delay = limit == null ? 0 : limit.delayNanos(nowNanos);
        return delay == 0 ? Optional.empty() : Optional.of(tooFast(resource, delay));
    }

    private static Refusal tooFast(Resource resource, long delayNanos) {
        return refusal(
                resource, "goes faster than it may", Duration.ofMillis(delayNanos / 1_000_000 + 1));
    }

    private static Refusal refusal(Resource resource, String what, Duration delay) {
        return new Refusal(
                resource,
                new Failure.QuotaExceeded(
                        "this client %s (%s); try again after the delay"
                                .formatted(what, resource.setting()),
                        resource.setting(),
                        delay));
    }

    void ended() {
        streams.decrementAndGet();
    }

    void received(long count, long nowNanos) {
        take(bytes, count, nowNanos);
    }

    /** Whether events of this client are counted. */
    public boolean boundsEvents() {
        return events != null;
    }

    /**
     * Charges the events of a stream's message, if nothing is owed.
     *
     * @return 0 when they were charged and may be stored, else in how many nanoseconds to try again
     */
    public long tryTakeEvents(long count) {
        return events == null ? 0 : events.tryTake(count, nanoTime.getAsLong());
    }

    /** Charges the events of a unary call. Returns why they must not be stored. */
    public Optional<Failure> refuseEvents(long count) {
        long delay = tryTakeEvents(count);
        if (delay == 0) {
            return Optional.empty();
        }
        refused.accept(Resource.EVENTS);
        return Optional.of(tooFast(Resource.EVENTS, delay).failure());
    }

    private static void take(@Nullable RateLimit limit, long count, long nowNanos) {
        if (limit != null) {
            limit.take(count, nowNanos);
        }
    }

    /** How long the next message of a stream should wait. */
    long delayNanos(long nowNanos) {
        return bytes == null ? 0 : bytes.delayNanos(nowNanos);
    }

    /** Whether it is as good as a new one. */
    boolean isIdle(long nowNanos) {
        return streams.get() == 0
                && (calls == null || calls.isIdle(nowNanos))
                && (events == null || events.isIdle(nowNanos))
                && (bytes == null || bytes.isIdle(nowNanos));
    }
}
