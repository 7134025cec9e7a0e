package dev.wirebrook.events.webhook;

import dev.wirebrook.events.AwaitedSubmission;
import dev.wirebrook.events.BatchOutcome;
import dev.wirebrook.events.DeliveryTransform;
import dev.wirebrook.events.EventIntake;
import dev.wirebrook.failure.Failure;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;

/**
 * One sender's way in. Each has its own places, so that slow bodies sent to one hold up none of the
 * others. Thread-safe.
 */
final class WebhookDoor {
    private static final System.Logger LOGGER = System.getLogger(WebhookDoor.class.getName());

    /** Bodies held at a time; what comes beyond waits. */
    static final int DELIVERIES_MAX = 64;

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);
    private static final Duration RETRY_DELAY_AFTER_FAULT = Duration.ofSeconds(10);

    // immutable state
    private final WebhookSource source;
    private final WebhookTransform transform;
    private final EventIntake intake;
    private final ParkedDeliveries parked;

    // mutable state
    private final Semaphore places = new Semaphore(DELIVERIES_MAX);
    private final Map<WebhookOutcome, LongAdder> counts = new EnumMap<>(WebhookOutcome.class);

    WebhookDoor(
            WebhookSource source,
            WebhookTransform transform,
            EventIntake intake,
            ParkedDeliveries parked) {
        this.source = source;
        this.transform = transform;
        this.intake = intake;
        this.parked = parked;
        for (WebhookOutcome outcome : WebhookOutcome.values()) {
            counts.put(outcome, new LongAdder());
        }
    }

    WebhookSource source() {
        return source;
    }

    long count(WebhookOutcome outcome) {
        return counter(outcome).sum();
    }

    private LongAdder counter(WebhookOutcome outcome) {
        return Objects.requireNonNull(counts.get(outcome));
    }

    Webhooks.Opening open(WebhookRequest request, int bodyBytesMax) throws InterruptedException {
        Optional<String> refusal = source.verifier().refusal(request);
        if (refusal.isPresent()) {
            return new Webhooks.Refused(unverified(refusal.get()));
        }
        if (!places.tryAcquire(source.patience().toNanos(), TimeUnit.NANOSECONDS)) {
            return new Webhooks.Refused(
                    unavailable("too many deliveries are on their way", RETRY_DELAY));
        }
        return new Webhooks.Opened(new WebhookDelivery(this, request, bodyBytesMax));
    }

    void leave() {
        places.release();
    }

    WebhookAnswer tooLarge(int bodyBytesMax) {
        return counted(
                WebhookOutcome.TOO_LARGE,
                WebhookAnswer.of(
                        413,
                        "the body is longer than the %,d bytes of webhooks.body-bytes-max"
                                .formatted(bodyBytesMax)));
    }

    WebhookAnswer receive(WebhookRequest request, byte[] bytes) throws InterruptedException {
        Optional<String> refusal = source.verifier().refusal(request, bytes);
        if (refusal.isPresent()) {
            return unverified(refusal.get());
        }
        WebhookBody body = new WebhookBody(bytes);
        DeliveryHead head = source.head(request, body);
        return switch (transform.transform(head, body)) {
            case DeliveryTransform.Batch(byte[] batch) -> submit(head, bytes, batch);
            case DeliveryTransform.Unfit(String reason) -> park(head, bytes, reason);
        };
    }

    private WebhookAnswer submit(DeliveryHead head, byte[] body, byte[] batch)
            throws InterruptedException {
        try {
            return switch (AwaitedSubmission.of(batch, intake).await(source.patience())) {
                case AwaitedSubmission.Answered(BatchOutcome outcome) ->
                        outcome.rejected() == 0
                                ? counted(
                                        WebhookOutcome.ACCEPTED, WebhookAnswer.of(200, "accepted"))
                                : park(head, body, String.valueOf(outcome.firstRejection()));
                case AwaitedSubmission.Refused(Failure failure) -> refused(head, body, failure);
            };
        } catch (TimeoutException e) {
            // It may become durable yet; sent again it is the same events.
            return unavailable("the log does not answer in time", RETRY_DELAY);
        }
    }

    private WebhookAnswer refused(DeliveryHead head, byte[] body, Failure failure) {
        return switch (failure) {
            case Failure.Overloaded(String message, Duration delay) ->
                    noRoom(head, body, message, delay);
            case Failure.Draining(String message, Duration delay) ->
                    noRoom(head, body, message, delay);
            case Failure.Unavailable(String message, Duration delay) ->
                    noRoom(head, body, message, delay);
            case Failure.InvalidRequest _,
                    Failure.QuotaExceeded _,
                    Failure.TooLarge _,
                    Failure.Unauthenticated _,
                    Failure.PermissionDenied _,
                    Failure.NotFound _,
                    Failure.FailedPrecondition _,
                    Failure.Unimplemented _,
                    Failure.DeadlineExceeded _,
                    Failure.DataLoss _,
                    Failure.Internal _ ->
                    park(head, body, failure.message());
        };
    }

    private WebhookAnswer noRoom(DeliveryHead head, byte[] body, String message, Duration delay) {
        return source.givesUpWhenRefused()
                ? park(head, body, message)
                : unavailable(message, delay);
    }

    private WebhookAnswer park(DeliveryHead head, byte[] body, String reason) {
        try {
            parked.park(source, head, body, reason);
        } catch (UncheckedIOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "a delivery could not be parked", e);
            return unavailable("there is no room to keep the delivery", RETRY_DELAY_AFTER_FAULT);
        }
        return counted(WebhookOutcome.QUARANTINED, WebhookAnswer.of(200, "kept as a dead letter"));
    }

    private WebhookAnswer unverified(String reason) {
        return counted(WebhookOutcome.UNVERIFIED, WebhookAnswer.of(401, reason));
    }

    private WebhookAnswer unavailable(String reason, Duration delay) {
        return counted(WebhookOutcome.UNAVAILABLE, WebhookAnswer.unavailable(reason, delay));
    }

    private WebhookAnswer counted(WebhookOutcome outcome, WebhookAnswer answer) {
        counter(outcome).increment();
        return answer;
    }
}
