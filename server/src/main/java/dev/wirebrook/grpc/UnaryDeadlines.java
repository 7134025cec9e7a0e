package dev.wirebrook.grpc;

import io.grpc.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How long unary calls may take: those whose client set no deadline, and those whose client set one
 * that is longer than this server goes on with a call. Thread-safe.
 */
final class UnaryDeadlines {
    private final Duration max;
    private final @Nullable CallTimeouts withoutDeadline;
    private final @Nullable CallTimeouts longest;

    UnaryDeadlines(GrpcServerSettings.CallLimits limits, LongSupplier nanoTime) {
        max = limits.unaryDeadlineMax();
        Duration usual = limits.unaryDeadline();
        longest =
                max.isZero()
                        ? null
                        : new CallTimeouts(
                                max,
                                "the call took more than the %d ms that this server gives any call"
                                        .formatted(max.toMillis()),
                                nanoTime);
        withoutDeadline =
                usual.isZero()
                        ? longest
                        : new CallTimeouts(
                                usual,
                                "the call set no deadline and took more than the %d ms that those may take"
                                        .formatted(usual.toMillis()),
                                nanoTime);
    }

    /** Starts a call's time where its own deadline, null for none, does not end it before. */
    void bound(GuardedCall<?, ?> call, @Nullable Deadline deadline) {
        CallTimeouts timeouts = withoutDeadline;
        if (deadline != null) {
            timeouts =
                    deadline.timeRemaining(TimeUnit.NANOSECONDS) > max.toNanos() ? longest : null;
        }
        if (timeouts != null) {
            timeouts.add(call);
        }
    }

    /** What has to be swept. */
    List<CallTimeouts> all() {
        return Stream.of(withoutDeadline, longest)
                .<CallTimeouts>mapMulti((timeouts, all) -> {
                    if (timeouts != null) {
                        all.accept(timeouts);
                    }
                })
                .distinct()
                .toList();
    }
}
