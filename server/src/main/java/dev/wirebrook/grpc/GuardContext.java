package dev.wirebrook.grpc;

import dev.wirebrook.telemetry.Tracing;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the guards of all methods share.
 *
 * @param nanoTime a clock that only rises
 * @param tracing makes spans; null: of no call
 * @param timer lets streams of clients that are too fast wait
 */
record GuardContext(
        GrpcServerSettings.CallLimits limits,
        CallLog log,
        LongSupplier nanoTime,
        Quotas quotas,
        @Nullable Tracing tracing,
        ScheduledExecutorService timer) {}
