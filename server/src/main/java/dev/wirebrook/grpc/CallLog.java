package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.telemetry.CallSpan;
import dev.wirebrook.telemetry.RateLimitedLog;
import io.grpc.Status;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is written about calls: our own faults with their stack, slow calls, and at debug level
 * every call. The first two are limited in rate. Thread-safe.
 */
final class CallLog {
    private static final System.Logger LOGGER = System.getLogger("dev.wirebrook.grpc");
    private static final int LINES_MAX = 20;
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final RateLimitedLog faults;
    private final RateLimitedLog slowCalls;
    private final long slowNanos;
    private final boolean accesses = LOGGER.isLoggable(Level.DEBUG);

    /**
     * @param slowCall from when a call is slow; zero: never
     */
    CallLog(Duration slowCall, LongSupplier nanoTime) {
        faults = new RateLimitedLog(LOGGER, LINES_MAX, INTERVAL, nanoTime);
        slowCalls = new RateLimitedLog(LOGGER, LINES_MAX, INTERVAL, nanoTime);
        slowNanos = slowCall.isZero() ? Long.MAX_VALUE : slowCall.toNanos();
    }

    /**
     * Writes down what nobody expected, and makes what the client may know of it.
     *
     * @param where the method's full name
     * @param span of the call; null where calls are not traced
     */
    Failure.Internal incident(String where, Throwable cause, @Nullable CallSpan span) {
        String id = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        faults.log(
                Level.ERROR,
                () -> "incident %s in %s%s".formatted(id, where, CallTraces.mention(span)),
                cause);
        return new Failure.Internal(
                "an unexpected fault of the server; its log has the cause under incident " + id,
                id);
    }

    void ended(String method, boolean unary, GuardedCall<?, ?> call, Status.Code code, long nanos) {
        if (unary && nanos >= slowNanos) {
            slowCalls.log(
                    Level.WARNING,
                    () ->
                            "slow call: %s took %d ms, ended %s, from %s%s"
                                    .formatted(
                                            method,
                                            nanos / 1_000_000,
                                            code,
                                            Connection.of(call).caller().address(),
                                            CallTraces.mention(call.span())),
                    null);
        }
        if (accesses) {
            LOGGER.log(
                    Level.DEBUG,
                    "%s %s %d us %s%s"
                            .formatted(
                                    method,
                                    code,
                                    nanos / 1_000,
                                    Connection.of(call).caller().address(),
                                    CallTraces.mention(call.span())));
        }
    }
}
