package dev.wirebrook.app;

import dev.wirebrook.events.webhook.WebhookAnswer;
import dev.wirebrook.events.webhook.WebhookDelivery;
import dev.wirebrook.events.webhook.WebhookRequest;
import dev.wirebrook.events.webhook.Webhooks;
import dev.wirebrook.http.Answer;
import dev.wirebrook.http.PostReceiver;
import dev.wirebrook.http.PostRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Between the HTTP listener and the webhooks; it only translates. Thread-safe. */
final class WebhookReceiver implements PostReceiver {
    static final String PATH = "/webhooks/";

    private final Webhooks webhooks;

    WebhookReceiver(Webhooks webhooks) {
        this.webhooks = webhooks;
    }

    @Override
    public Answer receive(PostRequest post) throws IOException, InterruptedException {
        WebhookRequest request =
                new WebhookRequest(post.path(), post.rawQuery(), post.headers(), post.peer());
        return switch (webhooks.open(request)) {
            case Webhooks.Refused(WebhookAnswer answer) -> toHttp(answer);
            case Webhooks.Opened(WebhookDelivery delivery) -> receive(delivery, post.body());
        };
    }

    private static Answer receive(WebhookDelivery delivery, PostRequest.Body body)
            throws IOException, InterruptedException {
        try (delivery) {
            Optional<byte[]> bytes = body.read(delivery.bodyBytesMax());
            return toHttp(bytes.isPresent() ? delivery.receive(bytes.get()) : delivery.tooLarge());
        }
    }

    private static Answer toHttp(WebhookAnswer answer) {
        Answer http = Answer.text(answer.status(), answer.text());
        return answer.retryDelay()
                .map(delay -> http.with("Retry-After", Long.toString(wholeSeconds(delay))))
                .orElse(http);
    }

    /** Rounded up: the header knows no fractions, and 0 would be at once. */
    private static long wholeSeconds(Duration delay) {
        return Math.max(1, delay.plusMillis(999).toSeconds());
    }
}
