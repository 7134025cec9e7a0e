package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers calls of methods that are not here, with what is. They are counted together: a client
 * could make up any number of names.
 */
final class UnknownMethods extends HandlerRegistry {
    /** The label under which they are counted. */
    static final String LABEL = "unknown";

    private static final int NAME_CHARS_MAX = 120;

    private final ServerCallHandler<byte[], byte[]> guard;

    UnknownMethods(ServerCallHandler<byte[], byte[]> guard) {
        this.guard = guard;
    }

    /** The handler to be guarded. */
    static ServerCallHandler<byte[], byte[]> handler(List<String> services) {
        String known = String.join(", ", services);
        return (call, _) -> {
            String name = call.getMethodDescriptor().getFullMethodName();
            String shown = name.substring(0, Math.min(name.length(), NAME_CHARS_MAX));
            throw new FailureException(
                    new Failure.Unimplemented(
                            "no method %s here; the services are %s".formatted(shown, known)));
        };
    }

    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(
            String methodName, @Nullable String authority) {
        MethodDescriptor<byte[], byte[]> descriptor =
                MethodDescriptor.newBuilder(RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                        .setType(MethodType.UNKNOWN)
                        .setFullMethodName(methodName)
                        .build();
        return ServerMethodDefinition.create(descriptor, guard);
    }
}
