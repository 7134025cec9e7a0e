package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts a method's requests, bounds them, and lets none of them throw. */
final class RequestMarshaller<M> implements Marshaller<M> {
    private final Marshaller<M> marshaller;
    private final boolean parsedLater;
    private final int bytesMax;
    private final MethodMetrics metrics;

    /**
     * @param parsedLater whether the event loop is spared the parsing
     */
    RequestMarshaller(
            Marshaller<M> marshaller, boolean parsedLater, int bytesMax, MethodMetrics metrics) {
        this.marshaller = marshaller;
        // Reading the bytes is all that there is to do for this one.
        this.parsedLater = parsedLater && !(marshaller instanceof RawMarshaller);
        this.bytesMax = bytesMax;
        this.metrics = metrics;
    }

    @Override
    public InputStream stream(M message) {
        return marshaller.stream(message);
    }

    @Override
    public M parse(InputStream stream) {
        try {
            if (stream instanceof KnownLength) {
                int length = stream.available();
                metrics.received(length);
                return length > bytesMax
                        ? inPlace(new Received.Unreadable(Failure.TooLarge.ofMessage(bytesMax)))
                        : parseBounded(stream);
            }
            metrics.received(0);
            return parseBounded(new BoundedStream(stream, bytesMax));
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // The JDK's reader of gzip calls itself for every member that holds nothing.
            return inPlace(new Received.Unreadable(failureOf(e)));
        }
    }

    private M parseBounded(InputStream stream) {
        return parsedLater
                ? inPlace(new Received.Unparsed(RawMarshaller.INSTANCE.parse(stream)))
                : marshaller.parse(stream);
    }

    /** Parses what {@link #parse} has left for later. May give an unreadable one in its place. */
    M parse(Received.Unparsed unparsed) {
        try {
            return marshaller.parse(RawMarshaller.INSTANCE.stream(unparsed.message()));
        } catch (RuntimeException e) {
            return inPlace(new Received.Unreadable(failureOf(e)));
        }
    }

    private Failure failureOf(Throwable e) {
        if (e instanceof FailureException failed) {
            return failed.failure();
        }
        // What decompression gives when the plain text would be too long.
        if (e instanceof StatusRuntimeException status
                && status.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
            return Failure.TooLarge.ofMessage(bytesMax);
        }
        return Failure.InvalidRequest.of(
                "message",
                "is not a well-formed protobuf message of the method's request type; was it"
                        + " encoded with another schema, or cut off?");
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // GuardedListener takes it out
    private static <M> M inPlace(Received received) {
        return (M) received;
    }

    /** What decompression gives, up to a length that is not known before. */
    private static final class BoundedStream extends FilterInputStream {
        private final int bytesMax;
        private long bytes;

        BoundedStream(InputStream stream, int bytesMax) {
            super(stream);
            this.bytesMax = bytesMax;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            count(Math.max(0, read));
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = super.skip(count);
            count(skipped);
            return skipped;
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        private void count(long more) {
            bytes += more;
            if (bytes > bytesMax) {
                throw new FailureException(Failure.TooLarge.ofMessage(bytesMax));
            }
        }
    }
}
