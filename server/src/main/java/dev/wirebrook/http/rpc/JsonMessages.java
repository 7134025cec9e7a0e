package dev.wirebrook.http.rpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.nio.charset.StandardCharsets;

/** One method's messages as JSON. Thread-safe. */
final class JsonMessages implements Format {
    private final Descriptor request;
    private final Descriptor response;

    JsonMessages(MethodDescriptor method) {
        request = method.getInputType();
        response = method.getOutputType();
    }

    @Override
    public byte[] request(byte[] message) {
        DynamicMessage.Builder builder = DynamicMessage.newBuilder(request);
        try {
            if (message.length > 0) {
                JsonFormat.parser().merge(new String(message, StandardCharsets.UTF_8), builder);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new FailureException(
                    Failure.InvalidRequest.of("body", String.valueOf(e.getMessage())));
        }
        return builder.build().toByteArray();
    }

    @Override
    public byte[] response(byte[] message) {
        try {
            return JsonFormat.printer()
                    .omittingInsignificantWhitespace()
                    .print(DynamicMessage.parseFrom(response, message))
                    .getBytes(StandardCharsets.UTF_8);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a response is no message of its type", e);
        }
    }
}
