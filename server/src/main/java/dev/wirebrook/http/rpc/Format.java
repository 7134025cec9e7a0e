package dev.wirebrook.http.rpc;

import com.google.protobuf.Descriptors.MethodDescriptor;

/** How messages stand in bodies. Thread-safe. */
interface Format {
    /** As they are in gRPC. */
    Format BINARY =
            new Format() {
                @Override
                public byte[] request(byte[] message) {
                    return message;
                }

                @Override
                public byte[] response(byte[] message) {
                    return message;
                }
            };

    /**
     * A request's bytes of protobuf.
     *
     * @throws dev.wirebrook.failure.FailureException when the message is none of the method's
     */
    byte[] request(byte[] message);

    /** What stands for a response's bytes of protobuf. */
    byte[] response(byte[] message);

    /** JSON, as proto3 maps it. */
    static Format json(MethodDescriptor method) {
        return new JsonMessages(method);
    }
}
