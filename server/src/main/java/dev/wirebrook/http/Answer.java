package dev.wirebrook.http;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What is sent back.
 *
 * @param status HTTP status code
 * @param headers besides those that every answer carries
 */
@SuppressWarnings("ArrayRecordComponent") // made, sent, forgotten
public record Answer(int status, String contentType, byte[] body, Map<String, String> headers) {
    private static final String TEXT = "text/plain; charset=utf-8";

    public Answer {
        Objects.requireNonNull(contentType, "contentType");
        headers = Map.copyOf(headers);
    }

    /**
     * @param text without the last line's end
     */
    public static Answer text(int status, String text) {
        return new Answer(status, TEXT, (text + "\n").getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** The same with one more header. */
    public Answer with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Answer(status, contentType, body, more);
    }

    /**
     * @param allowed the methods that are, such as {@code GET, HEAD}
     */
    public static Answer methodNotAllowed(String allowed) {
        return text(405, "method not allowed here; use " + allowed).with("Allow", allowed);
    }
}
