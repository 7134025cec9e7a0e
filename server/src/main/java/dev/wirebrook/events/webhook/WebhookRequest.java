package dev.wirebrook.events.webhook;

import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request before its body is read. Immutable.
 *
 * @param path from the root, decoded
 * @param rawQuery as it stands in the request line, without the question mark
 * @param headers the values by name; names in any case
 * @param peer who is at the other end of the connection
 */
public record WebhookRequest(
        String path,
        @Nullable String rawQuery,
        Map<String, List<String>> headers,
        InetAddress peer) {
    public WebhookRequest {
        Map<String, List<String>> lower = new HashMap<>();
        headers.forEach(
                (name, values) -> lower.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        headers = Map.copyOf(lower);
    }

    /** The first value of the first header that is there; empty when none is. */
    String header(List<String> names) {
        for (String name : names) {
            List<String> values = headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
            if (!values.isEmpty()) {
                return values.getFirst().strip();
            }
        }
        return "";
    }

    /** The first value of a parameter of the query; empty when it is not there. */
    String parameter(String name) {
        if (rawQuery == null) {
            return "";
        }
        for (String part : rawQuery.split("&", -1)) {
            int equals = part.indexOf('=');
            if (equals > 0 && decoded(part.substring(0, equals)).equals(name)) {
                return decoded(part.substring(equals + 1));
            }
        }
        return "";
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // A lone percent sign is no reason to refuse the rest.
            return text;
        }
    }
}
