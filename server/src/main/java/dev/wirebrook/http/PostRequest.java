package dev.wirebrook.http;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request with a body that is still to be read.
 *
 * @param path from the root, decoded
 * @param rawQuery as it stands in the request line
 * @param headers the values by name
 * @param peer who is at the other end of the connection
 */
public record PostRequest(
        String path,
        @Nullable String rawQuery,
        Map<String, List<String>> headers,
        InetAddress peer,
        Body body) {
    /** Read once, by one thread. */
    public interface Body {
        /**
         * All of it, or empty when it is longer than that.
         *
         * @throws IOException when the client is gone, or slower than the listener waits
         */
        Optional<byte[]> read(int bytesMax) throws IOException, InterruptedException;
    }
}
