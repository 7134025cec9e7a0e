package dev.wirebrook.app;

import static dev.wirebrook.app.config.SettingTypes.list;
import static dev.wirebrook.app.config.SettingTypes.optional;
import static dev.wirebrook.app.config.SettingTypes.secret;
import static dev.wirebrook.app.config.SettingTypes.size;
import static dev.wirebrook.app.config.SettingTypes.text;

import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.events.webhook.AddressRange;
import dev.wirebrook.events.webhook.JsonPath;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings of the webhooks, declared once. A webhook without its secret is not there. */
final class WebhookSettingsCatalog {
    static final Setting<Long> BODY_BYTES_MAX =
            Setting.of(
                    "webhooks.body-bytes-max",
                    size(1L << 10, 32L << 20),
                    "1MiB",
                    "Longest body that is taken. One that makes a batch above events.batch-bytes-max is parked.");
    static final Setting<Optional<Secret>> SHOPIFY_SECRET =
            Setting.of(
                    "webhooks.shopify.secret",
                    secret(),
                    "",
                    "Client secret of the app, which signs what Shopify sends. Empty: no such webhook.");
    static final Setting<Optional<Secret>> BRANCH_PATH_SECRET =
            Setting.of(
                    "webhooks.branch.path-secret",
                    secret(),
                    "",
                    "Last part of the path that Branch posts to, since it signs nothing. Empty, and no addresses either: no such webhook.");
    static final Setting<List<AddressRange>> BRANCH_ALLOW =
            Setting.of(
                    "webhooks.branch.allow",
                    list("addresses and ranges", AddressRange::parse),
                    "",
                    "Addresses that Branch posts from, as in 192.0.2.0/24. They are those of the connection: behind a proxy all have the proxy's.");
    static final Setting<String> WEBENGAGE_LICENSE_CODE =
            Setting.of(
                    "webhooks.webengage.license-code",
                    text(),
                    "",
                    "License code of the account that WebEngage posts for.");
    static final Setting<Optional<Secret>> WEBENGAGE_SECRET =
            Setting.of(
                    "webhooks.webengage.secret",
                    secret(),
                    "",
                    "Webhook secret key of the account. Empty: no such webhook.");
    static final Setting<Optional<Secret>> CUSTOM_SECRET =
            Setting.of(
                    "webhooks.custom.*.secret",
                    secret(),
                    "",
                    "What signs the bodies, or is itself sent as bearer token. Empty: no such webhook.");
    static final Setting<String> CUSTOM_SIGNATURE_HEADER =
            Setting.of(
                    "webhooks.custom.*.signature-header",
                    text(),
                    "",
                    "Header with the body's HMAC-SHA256 in hex or base64. Empty: the secret comes as bearer token.");
    static final Setting<String> CUSTOM_ID_HEADER =
            Setting.of(
                    "webhooks.custom.*.id-header",
                    text(),
                    "",
                    "Header with the sender's id of the delivery, the same when it is sent again.");
    static final Setting<Optional<JsonPath>> CUSTOM_ID_PATH =
            Setting.of(
                    "webhooks.custom.*.id-path",
                    optional("path in the body", JsonPath::parse),
                    "",
                    "Where the id stands in the body, as in order.id. Without any the same content is the same delivery.");
    static final Setting<String> CUSTOM_TOPIC_HEADER =
            Setting.of(
                    "webhooks.custom.*.topic-header",
                    text(),
                    "",
                    "Header with the topic of the delivery, as in X-GitHub-Event.");
    static final Setting<Optional<JsonPath>> CUSTOM_TOPIC_PATH =
            Setting.of(
                    "webhooks.custom.*.topic-path",
                    optional("path in the body", JsonPath::parse),
                    "",
                    "Where the topic stands in the body, if the header is not there.");
    static final Setting<List<String>> CUSTOM_HEADERS =
            Setting.of(
                    "webhooks.custom.*.headers",
                    list("header", name -> name),
                    "*",
                    "Headers to store with a delivery, by name. *: all except those of the connection and those whose names suggest a secret or a signature. Empty: none.");
    static final Setting<String> CUSTOM_TYPE =
            Setting.of(
                    "webhooks.custom.*.type",
                    text(),
                    "",
                    "Event type that a delivery makes beside the WebhookReceivedEvent that keeps its body.");
    static final Setting<List<Map.Entry<String, JsonPath>>> CUSTOM_FIELDS =
            Setting.of(
                    "webhooks.custom.*.fields",
                    list("field=path", WebhookSettingsCatalog::fieldAndPath),
                    "",
                    "Where the values of the event's fields stand in the body, as in orderId=order.id.");
    static final Setting<Optional<JsonPath>> CUSTOM_TIME_PATH =
            Setting.of(
                    "webhooks.custom.*.time-path",
                    optional("path in the body", JsonPath::parse),
                    "",
                    "Where the event's time stands in the body: RFC 3339, or seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by magnitude. Without any it is the time of arrival.");

    static final List<Setting<?>> ALL =
            List.of(
                    BODY_BYTES_MAX,
                    SHOPIFY_SECRET,
                    BRANCH_PATH_SECRET,
                    BRANCH_ALLOW,
                    WEBENGAGE_LICENSE_CODE,
                    WEBENGAGE_SECRET,
                    CUSTOM_SECRET,
                    CUSTOM_SIGNATURE_HEADER,
                    CUSTOM_ID_HEADER,
                    CUSTOM_ID_PATH,
                    CUSTOM_TOPIC_HEADER,
                    CUSTOM_TOPIC_PATH,
                    CUSTOM_HEADERS,
                    CUSTOM_TYPE,
                    CUSTOM_FIELDS,
                    CUSTOM_TIME_PATH);

    private WebhookSettingsCatalog() {}

    private static Map.Entry<String, JsonPath> fieldAndPath(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new IllegalArgumentException(
                    '"' + text + "\" names no field and path; write them as in orderId=order.id");
        }
        return Map.entry(
                text.substring(0, equals).strip(),
                JsonPath.parse(text.substring(equals + 1).strip()));
    }
}
