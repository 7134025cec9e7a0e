package dev.wirebrook.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;

/** A schema that is made at run time, as a user's is: {@code test.EchoService}. */
public final class EchoSchema {
    public static final ServiceDescriptor SERVICE;
    static final Descriptor MESSAGE;

    static {
        FileDescriptorProto file =
                FileDescriptorProto.newBuilder()
                        .setName("test/echo.proto")
                        .setPackage("test")
                        .setSyntax("proto3")
                        .addMessageType(
                                DescriptorProto.newBuilder()
                                        .setName("Echo")
                                        .addField(
                                                FieldDescriptorProto.newBuilder()
                                                        .setName("payload")
                                                        .setNumber(1)
                                                        .setLabel(
                                                                FieldDescriptorProto.Label
                                                                        .LABEL_OPTIONAL)
                                                        .setType(
                                                                FieldDescriptorProto.Type
                                                                        .TYPE_BYTES)))
                        .addService(
                                ServiceDescriptorProto.newBuilder()
                                        .setName("EchoService")
                                        .addMethod(method("Echo", false, false))
                                        .addMethod(method("Block", false, false))
                                        .addMethod(method("Typed", false, false))
                                        .addMethod(method("Act", false, false))
                                        .addMethod(method("Absent", false, false))
                                        .addMethod(method("Tail", false, true))
                                        .addMethod(method("Chat", true, true)))
                        .build();
        try {
            FileDescriptor linked = FileDescriptor.buildFrom(file, new FileDescriptor[0]);
            SERVICE = linked.findServiceByName("EchoService");
            MESSAGE = linked.findMessageTypeByName("Echo");
        } catch (DescriptorValidationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private EchoSchema() {}

    private static MethodDescriptorProto method(
            String name, boolean clientStreaming, boolean serverStreaming) {
        return MethodDescriptorProto.newBuilder()
                .setName(name)
                .setInputType(".test.Echo")
                .setOutputType(".test.Echo")
                .setClientStreaming(clientStreaming)
                .setServerStreaming(serverStreaming)
                .build();
    }

    /** A serialised Echo with this payload. */
    public static byte[] message(byte[] payload) {
        return DynamicMessage.newBuilder(MESSAGE)
                .setField(MESSAGE.findFieldByName("payload"), ByteString.copyFrom(payload))
                .build()
                .toByteArray();
    }

    /** A client's view of a method. */
    public static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.newBuilder(RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                .setType(type)
                .setFullMethodName("test.EchoService/" + name)
                .build();
    }
}
