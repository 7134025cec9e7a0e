package dev.wirebrook.grpc;

import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.telemetry.Tracing;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Puts a {@link CallGuard} before every method, once, when the server is assembled. */
final class ServiceGuard {
    private final GuardContext shared;
    private final Metrics metrics;
    private final Executor blockingCalls;
    private final UnaryDeadlines deadlines;
    private final @Nullable AccessGuard access;
    private final DrainedCalls drainedCalls = new DrainedCalls();

    ServiceGuard(
            GrpcServerSettings.CallLimits limits,
            Metrics metrics,
            Executor blockingCalls,
            LongSupplier nanoTime,
            Optional<Authenticator> authenticator,
            Quotas quotas,
            Optional<Tracing> tracing,
            ScheduledExecutorService timer) {
        this.metrics = metrics;
        this.blockingCalls = blockingCalls;
        shared =
                new GuardContext(
                        limits,
                        new CallLog(limits.slowCall(), nanoTime),
                        nanoTime,
                        quotas,
                        tracing.orElse(null),
                        timer);
        access = authenticator.map(asked -> new AccessGuard(asked, quotas)).orElse(null);
        deadlines = new UnaryDeadlines(limits, nanoTime);
    }

    /** The calls to end when draining begins. */
    DrainedCalls drainedCalls() {
        return drainedCalls;
    }

    /** What ends calls that take too long. */
    UnaryDeadlines deadlines() {
        return deadlines;
    }

    ServerServiceDefinition guard(HostedService service) {
        ServerServiceDefinition definition = service.definition();
        List<? extends ServerMethodDefinition<?, ?>> methods =
                definition.getMethods().stream().map(method -> guard(method, service)).toList();
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(definition.getServiceDescriptor().getName())
                        .setSchemaDescriptor(
                                definition.getServiceDescriptor().getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder guarded =
                ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(guarded::addMethod);
        return guarded.build();
    }

    private <Q, R> ServerMethodDefinition<Q, R> guard(
            ServerMethodDefinition<Q, R> method, HostedService service) {
        MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
        String name = descriptor.getFullMethodName();
        String bareName = HostedService.bareName(method);
        MethodMetrics counts = new MethodMetrics(name, metrics);
        boolean mayBlock = service.executionOf(bareName) == Execution.VIRTUAL_THREAD;
        boolean unary = descriptor.getType() == MethodType.UNARY;
        Optional<Scope> scope = service.scopeOf(bareName);
        RequestMarshaller<Q> requests =
                new RequestMarshaller<>(
                        descriptor.getRequestMarshaller(),
                        mayBlock,
                        shared.limits().messageBytesMax(),
                        counts);
        CallGuard<Q, R> guard =
                new CallGuard<>(
                        name,
                        unary,
                        method.getServerCallHandler(),
                        shared,
                        counts,
                        requests,
                        unary ? deadlines : null,
                        service.endedOnDrain().contains(bareName) ? drainedCalls : null,
                        scope.isPresent() ? access : null,
                        scope.orElse(null));
        MethodDescriptor<Q, R> counted =
                descriptor.toBuilder(
                                requests,
                                new ResponseMarshaller<>(
                                        descriptor.getResponseMarshaller(), counts))
                        .build();
        return ServerMethodDefinition.create(
                counted,
                mayBlock
                        ? new Offload<>(guard, blockingCalls)
                        : (call, headers) -> guard.start(call, headers, Arrival.newest()));
    }

    /** Guards the handler of the methods that are not there; only known callers are told so. */
    ServerCallHandler<byte[], byte[]> guardUnknown(ServerCallHandler<byte[], byte[]> handler) {
        MethodMetrics counts = new MethodMetrics(UnknownMethods.LABEL, metrics);
        RequestMarshaller<byte[]> requests =
                new RequestMarshaller<>(
                        RawMarshaller.INSTANCE, false, shared.limits().messageBytesMax(), counts);
        CallGuard<byte[], byte[]> guard =
                new CallGuard<>(
                        UnknownMethods.LABEL,
                        true,
                        handler,
                        shared,
                        counts,
                        requests,
                        null,
                        null,
                        access,
                        null);
        return (call, headers) -> guard.start(call, headers, Arrival.newest());
    }
}
