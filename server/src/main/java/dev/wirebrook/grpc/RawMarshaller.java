package dev.wirebrook.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * Messages as the bytes that are on the wire. Reading copies once, into an array of exactly the
 * message's length; writing copies once, into the transport's buffer. An array that was handed over
 * for writing must not change any more; it may be written to many calls. Thread-safe.
 */
public final class RawMarshaller implements Marshaller<byte[]> {
    public static final RawMarshaller INSTANCE = new RawMarshaller();

    private RawMarshaller() {}

    @Override
    public InputStream stream(byte[] message) {
        return new WholeArray(message);
    }

    /**
     * @throws UncheckedIOException when the stream ends early
     */
    @Override
    public byte[] parse(InputStream stream) {
        try {
            // Compressed messages have no known length: only those are read in pieces.
            return stream instanceof KnownLength
                    ? readExactly(stream, stream.available())
                    : stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] readExactly(InputStream stream, int length) throws IOException {
        byte[] message = new byte[length];
        if (stream.readNBytes(message, 0, length) != length) {
            throw new EOFException("message ends before its " + length + " bytes");
        }
        return message;
    }

    /** Lets the transport take the array in one copy, without a buffer between. */
    private static final class WholeArray extends ByteArrayInputStream
            implements Drainable, KnownLength {
        WholeArray(byte[] message) {
            super(message);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int length = available();
            target.write(buf, pos, length);
            pos += length;
            return length;
        }
    }
}
