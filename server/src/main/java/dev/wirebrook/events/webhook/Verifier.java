package dev.wirebrook.events.webhook;

import java.util.Optional;

/**
 * Tells the deliveries of a sender from everybody else's. Compares in constant time, and never
 * parses a body. Immutable and thread-safe.
 */
interface Verifier {
    /** Why the request is refused already before its body is read, or empty. */
    default Optional<String> refusal(WebhookRequest request) {
        return Optional.empty();
    }

    /** Why the request is refused, now that its body is there as it came, or empty. */
    default Optional<String> refusal(WebhookRequest request, byte[] body) {
        return Optional.empty();
    }
}
