package dev.wirebrook.events.webhook;

import java.util.Set;

/**
 * Which sender a path belongs to.
 *
 * @param source name of the sender, such as {@code shopify} or {@code custom/orders}; empty when
 *     the path names none
 * @param longer whether the path goes on behind the name
 */
record WebhookPath(String source, boolean longer) {
    static final String ROOT = "/webhooks/";
    static final String CUSTOM = "custom/";
    static final Set<String> BUILT_IN = Set.of("shopify", "branch", "webengage");

    static WebhookPath of(String path) {
        String below = path.startsWith(ROOT) ? path.substring(ROOT.length()) : "";
        int from = below.startsWith(CUSTOM) ? CUSTOM.length() : 0;
        int end = below.indexOf('/', from);
        return end < 0
                ? new WebhookPath(below, false)
                : new WebhookPath(below.substring(0, end), end + 1 < below.length());
    }
}
