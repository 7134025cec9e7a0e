/**
 * The gRPC server kit: listeners, what stands around every call, failure to status.
 *
 * <p>Start reading at {@link dev.wirebrook.grpc.GrpcServer}. A service comes in as a {@link
 * dev.wirebrook.grpc.HostedService}, from generated stubs or, for descriptors known only at run
 * time and for messages taken as bytes, from a {@link dev.wirebrook.grpc.ProtoService}. Every
 * method gets a {@code CallGuard} in front of it, and behind that a {@code GuardedCall} and a
 * {@code GuardedListener} for each call; {@code Arrival} watches the bytes before there is a
 * message.
 */
@NullMarked
package dev.wirebrook.grpc;

import org.jspecify.annotations.NullMarked;
