package dev.wirebrook.grpc;

import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/**
 * What the guards of all methods share.
 *
 * @param nanoTime a clock that only rises
 * @param timer lets streams of clients that are too fast wait
 */
record GuardContext(
        GrpcServerSettings.CallLimits limits,
        CallLog log,
        LongSupplier nanoTime,
        Quotas quotas,
        ScheduledExecutorService timer) {}
