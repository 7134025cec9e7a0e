package dev.wirebrook.events.webhook;

import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.EventIntake;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The way in for other services' deliveries: below {@code /webhooks/}, one path a sender.
 *
 * <p>Guarantee: what is answered with 200 is durable, as events in the log or as a dead letter with
 * its bytes. A request is looked at in the order of what it costs: its path and head, then its body
 * as bytes, and only what is verified is parsed.
 *
 * <p>Independent of the HTTP server: whoever has one calls {@link #open}, reads the body, calls
 * {@link WebhookDelivery#receive}, and closes the delivery. Thread-safe; blocks.
 */
public final class Webhooks {
    private static final System.Logger LOGGER = System.getLogger(Webhooks.class.getName());
    private static final String NO_SUCH =
            "there is no such webhook; there are /webhooks/shopify, /webhooks/branch,"
                    + " /webhooks/webengage and /webhooks/custom/ with a name of the settings";

    private final Map<String, WebhookDoor> doorByName = new TreeMap<>();
    private final int bodyBytesMax;

    /**
     * @param bodyBytesMax longest body that is read
     */
    public Webhooks(
            List<WebhookSource> sources,
            WebhookTransform transform,
            EventIntake intake,
            DeadLetterStore deadLetters,
            int bodyBytesMax,
            InstantSource clock) {
        this.bodyBytesMax = bodyBytesMax;
        if (!sources.isEmpty()) {
            LOGGER.log(
                    System.Logger.Level.INFO,
                    () ->
                            "webhooks: "
                                    + sources.stream()
                                            .map(WebhookSource::name)
                                            .collect(Collectors.joining(", ")));
        }
        ParkedDeliveries parked = new ParkedDeliveries(deadLetters, clock);
        for (WebhookSource source : sources) {
            doorByName.put(source.name(), new WebhookDoor(source, transform, intake, parked));
        }
    }

    /** What is said of a request before its body is read. */
    public sealed interface Opening {}

    /** It may send its body. */
    public record Opened(WebhookDelivery delivery) implements Opening {}

    /** It is answered without. */
    public record Refused(WebhookAnswer answer) implements Opening {}

    /** Looks at a request's head. Waits for room among the deliveries of the same sender. */
    public Opening open(WebhookRequest request) throws InterruptedException {
        WebhookPath path = WebhookPath.of(request.path());
        WebhookDoor door = doorByName.get(path.source());
        if (door == null) {
            return new Refused(WebhookAnswer.of(404, notFound(path.source())));
        }
        if (path.longer() && !door.source().takesLongerPaths()) {
            return new Refused(WebhookAnswer.of(404, NO_SUCH));
        }
        return door.open(request, bodyBytesMax);
    }

    private static String notFound(String source) {
        return WebhookPath.BUILT_IN.contains(source) || source.startsWith(WebhookPath.CUSTOM)
                ? "this webhook is not set up; give the server its secret"
                : NO_SUCH;
    }

    /** Names of the senders that are counted, also of those that are not set up. */
    public List<String> countedSources() {
        return Stream.concat(WebhookPath.BUILT_IN.stream(), doorByName.keySet().stream())
                .distinct()
                .sorted(Comparator.naturalOrder())
                .toList();
    }

    /** Deliveries of a sender that ended so, since this process started. */
    public long deliveries(String source, WebhookOutcome outcome) {
        WebhookDoor door = doorByName.get(source);
        return door == null ? 0 : door.count(outcome);
    }
}
