package dev.wirebrook.http.rpc;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.wirebrook.grpc.ElementVerdicts;
import java.util.Optional;

/** How messages stand in bodies. Thread-safe. */
interface Format {
    /** As they are in gRPC. */
    Format BINARY =
            new Format() {
                @Override
                public Request request(byte[] message) {
                    return Request.of(message);
                }

                @Override
                public byte[] response(byte[] message) {
                    return message;
                }
            };

    /**
     * A request in protobuf.
     *
     * @throws dev.wirebrook.failure.FailureException when the message is none of the method's
     */
    Request request(byte[] message);

    /** What stands for a response's bytes of protobuf. */
    byte[] response(byte[] message);

    /** JSON, as proto3 maps it. */
    static Format json(MethodDescriptor method, Optional<ElementVerdicts> verdicts) {
        return new JsonMessages(method, verdicts);
    }
}
