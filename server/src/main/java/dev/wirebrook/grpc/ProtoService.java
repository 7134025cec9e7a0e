package dev.wirebrook.grpc;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.stub.ServerCalls;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Binds a service by its protobuf descriptor, without generated stubs: for descriptors that a user
 * brings, and for messages that are taken as bytes. Reflection serves the descriptor as for any
 * other service. Methods that nothing is bound to answer UNIMPLEMENTED. Confined to one thread.
 */
public final class ProtoService {
    private final ServiceDescriptor service;
    private final Map<MethodDescriptor, ServerMethodDefinition<?, ?>> bound = new LinkedHashMap<>();

    private ProtoService(ServiceDescriptor service) {
        this.service = service;
    }

    public static ProtoService of(ServiceDescriptor service) {
        return new ProtoService(service);
    }

    /** Binds a unary method whose messages are bytes. */
    public ProtoService unary(String method, ServerCalls.UnaryMethod<byte[], byte[]> handler) {
        return raw(method, MethodType.UNARY, ServerCalls.asyncUnaryCall(handler));
    }

    /** Binds a method with one request and many responses, whose messages are bytes. */
    public ProtoService serverStreaming(
            String method, ServerCalls.ServerStreamingMethod<byte[], byte[]> handler) {
        return raw(
                method, MethodType.SERVER_STREAMING, ServerCalls.asyncServerStreamingCall(handler));
    }

    /** Binds a method with many requests and one response, whose messages are bytes. */
    public ProtoService clientStreaming(
            String method, ServerCalls.ClientStreamingMethod<byte[], byte[]> handler) {
        return raw(
                method, MethodType.CLIENT_STREAMING, ServerCalls.asyncClientStreamingCall(handler));
    }

    /** Binds a method with many requests and many responses, whose messages are bytes. */
    public ProtoService bidiStreaming(
            String method, ServerCalls.BidiStreamingMethod<byte[], byte[]> handler) {
        return raw(method, MethodType.BIDI_STREAMING, ServerCalls.asyncBidiStreamingCall(handler));
    }

    private ProtoService raw(
            String method, MethodType type, ServerCallHandler<byte[], byte[]> handler) {
        MethodType declared = typeOf(find(method));
        if (declared != type) {
            throw new IllegalArgumentException(
                    "%s.%s is %s, not %s".formatted(service.getFullName(), method, declared, type));
        }
        return method(method, RawMarshaller.INSTANCE, RawMarshaller.INSTANCE, handler);
    }

    /**
     * Binds any method, with any form of messages; the call's type is the descriptor's.
     *
     * @throws IllegalArgumentException when the service has no such method, or it is bound already
     */
    public <Q, R> ProtoService method(
            String name,
            Marshaller<Q> requests,
            Marshaller<R> responses,
            ServerCallHandler<Q, R> handler) {
        MethodDescriptor method = find(name);
        ServerMethodDefinition<Q, R> definition =
                ServerMethodDefinition.create(descriptor(method, requests, responses), handler);
        if (bound.putIfAbsent(method, definition) != null) {
            throw new IllegalArgumentException(method.getFullName() + " is bound already");
        }
        return this;
    }

    private MethodDescriptor find(String name) {
        MethodDescriptor method = service.findMethodByName(name);
        if (method == null) {
            throw new IllegalArgumentException(
                    "no method %s in %s".formatted(name, service.getFullName()));
        }
        return method;
    }

    /** The service, to be hosted. */
    public ServerServiceDefinition build() {
        io.grpc.ServiceDescriptor.Builder descriptor =
                io.grpc.ServiceDescriptor.newBuilder(service.getFullName())
                        .setSchemaDescriptor(new ServiceSchema(service));
        Map<MethodDescriptor, ServerMethodDefinition<?, ?>> all = new LinkedHashMap<>(bound);
        service.getMethods().forEach(method -> all.computeIfAbsent(method, ProtoService::absent));
        all.values().forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder definition =
                ServerServiceDefinition.builder(descriptor.build());
        all.values().forEach(definition::addMethod);
        return definition.build();
    }

    private static ServerMethodDefinition<?, ?> absent(MethodDescriptor method) {
        return ServerMethodDefinition.create(
                descriptor(method, RawMarshaller.INSTANCE, RawMarshaller.INSTANCE),
                (_, _) -> {
                    throw new FailureException(
                            new Failure.Unimplemented(
                                    method.getFullName() + " is not offered by this server"));
                });
    }

    private static <Q, R> io.grpc.MethodDescriptor<Q, R> descriptor(
            MethodDescriptor method, Marshaller<Q> requests, Marshaller<R> responses) {
        return io.grpc.MethodDescriptor.newBuilder(requests, responses)
                .setType(typeOf(method))
                .setFullMethodName(
                        io.grpc.MethodDescriptor.generateFullMethodName(
                                method.getService().getFullName(), method.getName()))
                .setSchemaDescriptor(new MethodSchema(method))
                .build();
    }

    private static MethodType typeOf(MethodDescriptor method) {
        if (method.isClientStreaming()) {
            return method.isServerStreaming()
                    ? MethodType.BIDI_STREAMING
                    : MethodType.CLIENT_STREAMING;
        }
        return method.isServerStreaming() ? MethodType.SERVER_STREAMING : MethodType.UNARY;
    }

    /** Where reflection finds the file. */
    private record ServiceSchema(ServiceDescriptor service) implements ProtoFileDescriptorSupplier {
        @Override
        public FileDescriptor getFileDescriptor() {
            return service.getFile();
        }
    }

    private record MethodSchema(MethodDescriptor method) implements ProtoMethodDescriptorSupplier {
        @Override
        public MethodDescriptor getMethodDescriptor() {
            return method;
        }

        @Override
        public ServiceDescriptor getServiceDescriptor() {
            return method.getService();
        }

        @Override
        public FileDescriptor getFileDescriptor() {
            return method.getFile();
        }
    }
}
