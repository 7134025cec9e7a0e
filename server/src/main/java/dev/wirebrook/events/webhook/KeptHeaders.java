package dev.wirebrook.events.webhook;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which headers of a request are stored with its delivery. What authenticates a sender is never
 * stored. Bounded, since the listener takes heads of 16 KiB at most. Immutable.
 */
public final class KeptHeaders {
    /** Keeps every header whose name does not look like that of a secret or a signature. */
    public static final KeptHeaders ALL = new KeptHeaders(true, Set.of());

    private static final String AUTHORIZATION = "authorization";

    /** Of one connection only, or of no meaning once the body was read. */
    private static final Set<String> OF_CONNECTION =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "http2-settings",
                    "expect",
                    "content-length");

    private static final Pattern SECRET =
            Pattern.compile(
                    "auth|cookie|secret|token|password|passwd|credential|signature|hmac|api-?key|session");

    private final boolean all;
    private final Set<String> names;

    private KeptHeaders(boolean all, Set<String> names) {
        this.all = all;
        this.names = Set.copyOf(names);
    }

    /**
     * Keeps the named headers.
     *
     * @param names in any case; {@code *} among them: {@link #ALL} and what is named beside it
     */
    public static KeptHeaders named(List<String> names) {
        Set<String> lower = new TreeSet<>();
        names.forEach(name -> lower.add(name.toLowerCase(Locale.ROOT)));
        boolean all = lower.remove("*");
        return new KeptHeaders(all, lower);
    }

    /**
     * The kept headers of a request by lower-case name, several values joined by a comma.
     *
     * @param signatureHeader the header that authenticates the sender, in any case; may be empty
     */
    Map<String, String> of(WebhookRequest request, String signatureHeader) {
        String signature = signatureHeader.toLowerCase(Locale.ROOT);
        Map<String, String> kept = new TreeMap<>();
        request.headers()
                .forEach((name, values) -> {
                    if (keeps(name) && !name.equals(signature)) {
                        kept.put(name, String.join(", ", values));
                    }
                });
        return kept;
    }

    private boolean keeps(String name) {
        if (name.equals(AUTHORIZATION) || name.startsWith(":")) {
            return false;
        }
        return names.contains(name)
                || (all && !OF_CONNECTION.contains(name) && !SECRET.matcher(name).find());
    }
}
