package dev.wirebrook.grpc;

import com.google.protobuf.Descriptors;
import dev.wirebrook.failure.Failure;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerMethodDefinition;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.time.Duration;
import java.util.Optional;

/** A method that may be called from within the process. Thread-safe. */
public final class LocalMethod {
    private static final Failure DRAINING =
            new Failure.Draining("this node is stopping; ask another", Duration.ofSeconds(1));

    private final ServerMethodDefinition<?, ?> method;
    private final LocalCalls calls;
    private final Optional<ElementVerdicts> verdicts;

    LocalMethod(
            ServerMethodDefinition<?, ?> method,
            LocalCalls calls,
            Optional<ElementVerdicts> verdicts) {
        this.method = method;
        this.calls = calls;
        this.verdicts = verdicts;
    }

    /** Such as {@code event.EventService/dispatch}. */
    public String fullName() {
        return method.getMethodDescriptor().getFullMethodName();
    }

    /** What its messages look like; empty for a method that is not here. */
    public Optional<Descriptors.MethodDescriptor> schema() {
        return method.getMethodDescriptor().getSchemaDescriptor()
                        instanceof ProtoMethodDescriptorSupplier supplier
                ? Optional.of(supplier.getMethodDescriptor())
                : Optional.empty();
    }

    /** The list in its request whose elements it judges one by one, where there is one. */
    public Optional<ElementVerdicts> verdicts() {
        return verdicts;
    }

    /** Whether a call has one request. */
    public boolean takesOne() {
        MethodType type = method.getMethodDescriptor().getType();
        return type == MethodType.UNARY || type == MethodType.SERVER_STREAMING;
    }

    /** Whether a call has one response. */
    public boolean answersOne() {
        MethodType type = method.getMethodDescriptor().getType();
        return type == MethodType.UNARY || type == MethodType.CLIENT_STREAMING;
    }

    /**
     * Begins a call; to be called on an event loop, which hears the answers and is where the call
     * is used.
     *
     * @param connection that the call came through
     * @param timeout empty: as long as the server lets calls without a deadline go on
     * @param faults of elements of the request; none where the method has no {@link #verdicts}
     * @return empty when the node takes no calls any more; the answers have heard why
     * @throws IllegalStateException off the event loops
     */
    public Optional<LocalCall<?, ?>> start(
            Connection connection,
            Metadata headers,
            Optional<Duration> timeout,
            ElementFaults faults,
            LocalCall.Answers answers) {
        EventLoops.Loop loop = EventLoops.currentLoop();
        if (loop == null) {
            throw new IllegalStateException("calls begin on an event loop");
        }
        if (calls.isDraining()) {
            FailureStatus refusal = FailureStatus.of(DRAINING);
            answers.closed(refusal.status(), refusal.trailers());
            return Optional.empty();
        }
        return Optional.of(
                LocalCall.start(
                        method, calls, loop, connection, headers, timeout, faults, answers));
    }
}
