package dev.wirebrook.events.webhook;

import java.time.Duration;
import java.util.Optional;

/**
 * What a sender is told.
 *
 * @param status of HTTP
 * @param text for people, one line
 * @param retryDelay how long to wait before it is sent again, where that helps
 */
public record WebhookAnswer(int status, String text, Optional<Duration> retryDelay) {
    static WebhookAnswer of(int status, String text) {
        return new WebhookAnswer(status, text, Optional.empty());
    }

    static WebhookAnswer unavailable(String text, Duration retryDelay) {
        return new WebhookAnswer(503, text, Optional.of(retryDelay));
    }
}
