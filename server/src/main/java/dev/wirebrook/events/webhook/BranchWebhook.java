package dev.wirebrook.events.webhook;

import static dev.wirebrook.events.webhook.FieldSource.at;
import static dev.wirebrook.events.webhook.FieldSource.ifItFits;

import com.google.gson.JsonElement;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Branch: no signature, so a secret in the path or the addresses that it sends from, or both. It
 * waits two seconds, and sends once more when there was no answer by then, and never when the
 * answer was a refusal. It sends no id: the same content is the same delivery.
 */
public final class BranchWebhook extends WebhookSource {
    private static final String NAME = "branch";

    /**
     * Beyond Branch's own two seconds: to answer in time that there was no room would make it give
     * up, and no answer makes it send again.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private static final JsonPath TOPIC = JsonPath.parse("name");
    private static final List<JsonPath> TIMES = List.of(JsonPath.parse("timestamp"));
    private static final String TOUCH = "last_attributed_touch_data.";

    private static final MessageFields HEADER =
            MessageFields.of(
                    Map.of(
                            "userId", ifItFits("user_data.developer_identity"),
                            "userKey", ifItFits("user_data.developer_identity"),
                            "deviceId",
                                    at(
                                            "user_data.aaid",
                                            "user_data.idfa",
                                            "user_data.idfv",
                                            "user_data.android_id"),
                            "os", at("user_data.os"),
                            "appVersion", at("user_data.app_version"),
                            "utmSource", at(TOUCH + "~channel"),
                            "utmMedium", at(TOUCH + "~feature"),
                            "utmCampaign", at(TOUCH + "~campaign")));

    /** At least one of the two holds somebody out. */
    public BranchWebhook(Optional<String> pathSecret, List<AddressRange> allowed) {
        super(NAME, new PathAndPeer(pathSecret, List.copyOf(allowed)));
        if (pathSecret.isEmpty() && allowed.isEmpty()) {
            throw new IllegalArgumentException("anybody could send what Branch never did");
        }
    }

    /** What Branch has in place of a signature. */
    private record PathAndPeer(Optional<String> pathSecret, List<AddressRange> allowed)
            implements Verifier {
        private static final String PATH = WebhookPath.ROOT + NAME;

        @Override
        public Optional<String> refusal(WebhookRequest request) {
            String rest = request.path().substring(PATH.length());
            String given = rest.startsWith("/") ? rest.substring(1) : rest;
            if (!SecretText.equal(pathSecret.orElse(""), given)) {
                return Optional.of(
                        pathSecret.isPresent()
                                ? "post to "
                                        + PATH
                                        + "/ and the text of webhooks.branch.path-secret"
                                : "post to " + PATH);
            }
            return allowed.isEmpty() || contains(request.peer())
                    ? Optional.empty()
                    : Optional.of(
                            request.peer().getHostAddress() + " is not in webhooks.branch.allow");
        }

        private boolean contains(InetAddress peer) {
            return allowed.stream().anyMatch(range -> range.contains(peer));
        }

        @Override
        public String toString() {
            return "PathAndPeer[" + allowed + "]";
        }
    }

    @Override
    Duration patience() {
        return PATIENCE;
    }

    @Override
    boolean givesUpWhenRefused() {
        return true;
    }

    @Override
    boolean takesLongerPaths() {
        return true;
    }

    @Override
    DeliveryHead head(WebhookRequest request, WebhookBody body) {
        return DeliveryHead.of(name(), body.textAt(TOPIC), "", "", body.bytes());
    }

    @Override
    Translation translation(DeliveryHead head, JsonElement document) {
        return new Translation(HEADER, TIMES, BranchEvents.named(head.topic()).stream().toList());
    }
}
