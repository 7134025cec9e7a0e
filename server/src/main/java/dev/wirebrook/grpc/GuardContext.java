package dev.wirebrook.grpc;

import java.util.function.LongSupplier;

/**
 * What the guards of all methods share.
 *
 * @param nanoTime a clock that only rises
 */
record GuardContext(GrpcServerSettings.CallLimits limits, CallLog log, LongSupplier nanoTime) {}
