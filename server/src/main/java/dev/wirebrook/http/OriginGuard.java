package dev.wirebrook.http;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets through only requests that name this machine: a page of a foreign site reaches a loopback
 * listener with a {@code Host} that it has rebound, or with its own {@code Origin}.
 */
final class OriginGuard {
    private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private OriginGuard() {}

    /** Why the request is refused, or null when it may pass. */
    static @Nullable String refusal(Headers headers) {
        List<String> hosts = headers.getOrDefault("Host", List.of());
        if (hosts.size() != 1 || !OWN_NAMES.contains(nameOf(hosts.getFirst()))) {
            return "this listener answers only to localhost, 127.0.0.1 and [::1]: "
                    + "use one of them as host";
        }
        for (String origin : headers.getOrDefault("Origin", List.of())) {
            if (!sameAuthority(origin, hosts.getFirst())) {
                return "requests from web pages of other origins are refused";
            }
        }
        String site = headers.getFirst("Sec-Fetch-Site");
        return site == null || site.equals("same-origin") || site.equals("none")
                ? null
                : "requests from web pages of other origins are refused";
    }

    /** The host without its port, in lower case. */
    private static String nameOf(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int end = lower.startsWith("[") ? lower.indexOf(']') + 1 : lower.indexOf(':');
        return end <= 0 ? lower : lower.substring(0, end);
    }

    private static boolean sameAuthority(String origin, String host) {
        try {
            return host.equalsIgnoreCase(new URI(origin).getAuthority());
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
