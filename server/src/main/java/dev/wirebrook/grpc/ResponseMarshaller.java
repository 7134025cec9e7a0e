package dev.wirebrook.grpc;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Counts a method's responses. */
final class ResponseMarshaller<M> implements Marshaller<M> {
    private final Marshaller<M> marshaller;
    private final MethodMetrics metrics;

    ResponseMarshaller(Marshaller<M> marshaller, MethodMetrics metrics) {
        this.marshaller = marshaller;
        this.metrics = metrics;
    }

    @Override
    public InputStream stream(M message) {
        InputStream stream = marshaller.stream(message);
        try {
            metrics.sent(stream instanceof KnownLength ? stream.available() : 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stream;
    }

    @Override
    public M parse(InputStream stream) {
        return marshaller.parse(stream);
    }
}
