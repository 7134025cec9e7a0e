package dev.wirebrook.events.webhook;

import static dev.wirebrook.events.webhook.FieldSource.at;
import static dev.wirebrook.events.webhook.FieldSource.ifItFits;

import com.google.gson.JsonElement;
import dev.wirebrook.events.webhook.FieldSource.Constant;
import dev.wirebrook.events.webhook.FieldSource.Entries;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * WebEngage: the query has {@code eventType}, {@code licenseCode} and {@code secret}, which is the
 * MD5 in hex of {@code licenseCode:WebhookSecretKey}; the same {@code x-request-id} comes when it
 * sends again. Anything but 200 counts as failed.
 */
public final class WebEngageWebhook extends WebhookSource {
    private static final String NAME = "webengage";
    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final JsonPath TOPIC = JsonPath.parse("event_name");
    private static final JsonPath CATEGORY = JsonPath.parse("category");
    private static final JsonPath LICENSE = JsonPath.parse("license_code");
    private static final List<JsonPath> TIMES = List.of(JsonPath.parse("event_time"));

    private static final MessageFields HEADER =
            MessageFields.of(
                    Map.of(
                            "userId", ifItFits("user_id"),
                            "userKey", ifItFits("user_id"),
                            "deviceId", at("anonymous_id"),
                            "appVersion", at("system_data.app_version")));

    private static final Map<String, EventMapping> SYSTEM_MAPPING_BY_TOPIC =
            Map.of(
                    "app_installed",
                    EventMapping.one(
                            "ApplicationInstalledEvent",
                            MessageFields.of(Map.of("appVersion", at("system_data.app_version")))),
                    "app_upgraded",
                    EventMapping.one(
                            "ApplicationUpdatedEvent",
                            MessageFields.of(Map.of("appVersion", at("system_data.app_version")))),
                    "user_logged_in",
                    EventMapping.one(
                            "LoginEvent",
                            MessageFields.of(Map.of("loginMethod", new Constant(NAME)))),
                    "user_logged_out",
                    EventMapping.one("LogoutEvent", MessageFields.none()));

    /** What the account's own apps report has names of their own. */
    private static final EventMapping APPLICATION =
            EventMapping.one(
                    "CustomEvent",
                    MessageFields.of(
                            Map.of(
                                    "name",
                                    at("event_name"),
                                    "properties",
                                    new Entries(JsonPath.parse("event_data")))));

    /**
     * @param secretKey the account's webhook secret key
     */
    public WebEngageWebhook(String licenseCode, String secretKey) {
        super(NAME, new QuerySecret(licenseCode, md5(licenseCode + ':' + secretKey)));
    }

    private static String md5(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("MD5")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }

    private record QuerySecret(String licenseCode, String secret) implements Verifier {
        @Override
        public Optional<String> refusal(WebhookRequest request) {
            // Both are looked at before either decides.
            boolean license = SecretText.equal(licenseCode, request.parameter("licenseCode"));
            boolean known =
                    SecretText.equal(secret, request.parameter("secret").toLowerCase(Locale.ROOT));
            return license && known
                    ? Optional.empty()
                    : Optional.of(
                            "licenseCode and secret in the query are not those of"
                                    + " webhooks.webengage.license-code and webhooks.webengage.secret");
        }

        @Override
        public String toString() {
            return "QuerySecret[" + licenseCode + "]";
        }
    }

    @Override
    Duration patience() {
        return PATIENCE;
    }

    @Override
    DeliveryHead head(WebhookRequest request, WebhookBody body) {
        String topic = body.textAt(TOPIC);
        return DeliveryHead.of(
                name(),
                topic.isEmpty() ? request.parameter("eventType") : topic,
                request.header(List.of("x-request-id")),
                body.textAt(LICENSE),
                body.bytes());
    }

    @Override
    Translation translation(DeliveryHead head, JsonElement document) {
        JsonElement category = CATEGORY.find(document);
        boolean application =
                category != null
                        && category.isJsonPrimitive()
                        && category.getAsString().equalsIgnoreCase("application");
        EventMapping mapping =
                application
                        ? APPLICATION
                        : SYSTEM_MAPPING_BY_TOPIC.get(head.topic().toLowerCase(Locale.ROOT));
        return new Translation(HEADER, TIMES, mapping == null ? List.of() : List.of(mapping));
    }
}
