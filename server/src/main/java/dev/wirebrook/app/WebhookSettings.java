package dev.wirebrook.app;

import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.SettingProblem;
import dev.wirebrook.app.config.SettingValues;
import dev.wirebrook.events.webhook.AddressRange;
import dev.wirebrook.events.webhook.BranchWebhook;
import dev.wirebrook.events.webhook.CustomWebhook;
import dev.wirebrook.events.webhook.JsonPath;
import dev.wirebrook.events.webhook.KeptHeaders;
import dev.wirebrook.events.webhook.ShopifyWebhook;
import dev.wirebrook.events.webhook.WebEngageWebhook;
import dev.wirebrook.events.webhook.WebhookSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which webhooks a server takes. Immutable.
 *
 * @param bodyBytesMax longest body
 * @param branchAllow who Branch is by address; empty: whoever knows the path
 * @param custom by name
 */
public record WebhookSettings(
        int bodyBytesMax,
        Optional<Secret> shopifySecret,
        Optional<Secret> branchPathSecret,
        List<AddressRange> branchAllow,
        String webEngageLicenseCode,
        Optional<Secret> webEngageSecret,
        List<CustomSettings> custom) {
    public WebhookSettings {
        branchAllow = List.copyOf(branchAllow);
        custom = List.copyOf(custom);
    }

    /** A sender that only the settings know. */
    public record CustomSettings(CustomWebhook.Spec spec, Secret secret) {}

    static WebhookSettings of(SettingValues values) {
        return new WebhookSettings(
                Math.toIntExact(values.get(WebhookSettingsCatalog.BODY_BYTES_MAX)),
                values.get(WebhookSettingsCatalog.SHOPIFY_SECRET),
                values.get(WebhookSettingsCatalog.BRANCH_PATH_SECRET),
                values.get(WebhookSettingsCatalog.BRANCH_ALLOW),
                values.get(WebhookSettingsCatalog.WEBENGAGE_LICENSE_CODE),
                values.get(WebhookSettingsCatalog.WEBENGAGE_SECRET),
                custom(values));
    }

    private static List<CustomSettings> custom(SettingValues values) {
        List<CustomSettings> custom = new ArrayList<>();
        for (String name : values.names(WebhookSettingsCatalog.CUSTOM_SECRET.key())) {
            values.getNamed(WebhookSettingsCatalog.CUSTOM_SECRET, name)
                    .ifPresent(
                            secret -> custom.add(new CustomSettings(spec(values, name), secret)));
        }
        return custom;
    }

    private static CustomWebhook.Spec spec(SettingValues values, String name) {
        Map<String, JsonPath> paths = new LinkedHashMap<>();
        values.getNamed(WebhookSettingsCatalog.CUSTOM_FIELDS, name)
                .forEach(entry -> paths.put(entry.getKey(), entry.getValue()));
        return new CustomWebhook.Spec(
                name,
                values.getNamed(WebhookSettingsCatalog.CUSTOM_SIGNATURE_HEADER, name),
                values.getNamed(WebhookSettingsCatalog.CUSTOM_ID_HEADER, name),
                values.getNamed(WebhookSettingsCatalog.CUSTOM_ID_PATH, name),
                values.getNamed(WebhookSettingsCatalog.CUSTOM_TOPIC_HEADER, name),
                values.getNamed(WebhookSettingsCatalog.CUSTOM_TOPIC_PATH, name),
                KeptHeaders.named(values.getNamed(WebhookSettingsCatalog.CUSTOM_HEADERS, name)),
                values.getNamed(WebhookSettingsCatalog.CUSTOM_TYPE, name),
                paths,
                values.getNamed(WebhookSettingsCatalog.CUSTOM_TIME_PATH, name));
    }

    /** What no setting can tell alone. */
    static List<SettingProblem> problems(SettingValues values) {
        boolean secret = values.get(WebhookSettingsCatalog.WEBENGAGE_SECRET).isPresent();
        return secret && values.get(WebhookSettingsCatalog.WEBENGAGE_LICENSE_CODE).isEmpty()
                ? List.of(
                        values.problem(
                                WebhookSettingsCatalog.WEBENGAGE_LICENSE_CODE,
                                "is empty, and webhooks.webengage.secret is set; give both"))
                : List.of();
    }

    /** The senders that are set up. */
    List<WebhookSource> sources() {
        List<WebhookSource> sources = new ArrayList<>();
        shopifySecret.ifPresent(secret -> sources.add(new ShopifyWebhook(secret.reveal())));
        if (branchPathSecret.isPresent() || !branchAllow.isEmpty()) {
            sources.add(new BranchWebhook(branchPathSecret.map(Secret::reveal), branchAllow));
        }
        webEngageSecret.ifPresent(
                secret -> sources.add(new WebEngageWebhook(webEngageLicenseCode, secret.reveal())));
        custom.forEach(each -> sources.add(new CustomWebhook(each.spec(), each.secret().reveal())));
        return sources;
    }
}
