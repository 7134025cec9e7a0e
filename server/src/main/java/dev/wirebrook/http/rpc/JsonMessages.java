package dev.wirebrook.http.rpc;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.ErrorDetailsProto;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.ElementFaults;
import dev.wirebrook.grpc.ElementVerdicts;
import dev.wirebrook.http.json.InvalidJsonException;
import dev.wirebrook.http.json.InvalidWireException;
import dev.wirebrook.http.json.JsonMessage;
import dev.wirebrook.http.json.JudgedList;
import java.util.Optional;

/** One method's messages as JSON. Thread-safe. */
final class JsonMessages implements Format {
    private final JsonMessage request;
    private final JsonMessage response;
    private final Optional<JudgedList> judged;

    JsonMessages(MethodDescriptor method, Optional<ElementVerdicts> verdicts) {
        JsonFormat.TypeRegistry known =
                JsonFormat.TypeRegistry.newBuilder()
                        .add(ErrorDetailsProto.getDescriptor().getMessageTypes())
                        .add(method.getFile().getMessageTypes())
                        .build();
        request = JsonMessage.of(method.getInputType(), known);
        response = JsonMessage.of(method.getOutputType(), known);
        judged = verdicts.map(each -> new JudgedList(each.list(), each.kept(), each.elementsMax()));
    }

    @Override
    public Request request(byte[] message) {
        try {
            if (judged.isEmpty()) {
                return Request.of(request.toWire(message));
            }
            JudgedList.Converted converted = request.toWire(message, judged.get());
            return new Request(converted.wire(), ElementFaults.of(converted.misfits()));
        } catch (InvalidJsonException e) {
            throw new FailureException(
                    Failure.InvalidRequest.of(
                            e.field().isEmpty() ? "body" : e.field(), e.description()));
        }
    }

    @Override
    public byte[] response(byte[] message) {
        try {
            return response.toJson(message);
        } catch (InvalidWireException e) {
            throw new IllegalStateException("a response is no message of its type", e);
        }
    }
}
