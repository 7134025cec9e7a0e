package dev.wirebrook.http.rpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages behind a byte of flags and their length in four, as gRPC-Web and the streams of the
 * Connect protocol have them.
 */
final class Frames {
    static final int COMPRESSED = 1;
    private static final int HEAD_BYTES = 5;

    private Frames() {}

    static byte[] frame(int flags, byte[] message) {
        return ByteBuffer.allocate(HEAD_BYTES + message.length)
                .put((byte) flags)
                .putInt(message.length)
                .put(message)
                .array();
    }

    /**
     * The message in a body, if there is one.
     *
     * @param coding of those that are compressed
     * @throws FailureException when a frame is cut off, has flags that no request has, holds more
     *     than the most when it is plain, or is not the only one
     */
    static List<byte[]> messages(byte[] body, @Nullable String coding, int bytesMax) {
        List<byte[]> messages = new ArrayList<>();
        int at = 0;
        while (at < body.length) {
            if (body.length - at < HEAD_BYTES) {
                throw cutOff();
            }
            int flags = body[at];
            int length = ByteBuffer.wrap(body).getInt(at + 1);
            at += HEAD_BYTES;
            if (length < 0 || length > body.length - at) {
                throw cutOff();
            }
            if ((flags & ~COMPRESSED) != 0) {
                throw new FailureException(
                        Failure.InvalidRequest.of(
                                "body", "a frame of a request has the flags 0 or 1"));
            }
            if (!messages.isEmpty()) {
                // A thousand that each grow a thousandfold would be more than there is memory.
                throw new FailureException(
                        Failure.InvalidRequest.of(
                                "body", "holds several messages; calls over HTTP take one"));
            }
            byte[] message = Arrays.copyOfRange(body, at, at + length);
            messages.add(
                    (flags & COMPRESSED) == 0 ? message : Gzip.inflate(coding, message, bytesMax));
            at += length;
        }
        return messages;
    }

    private static FailureException cutOff() {
        return new FailureException(
                Failure.InvalidRequest.of("body", "ends within a frame, or its length is wrong"));
    }
}
