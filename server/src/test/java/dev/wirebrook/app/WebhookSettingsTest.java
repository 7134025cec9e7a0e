package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.SettingProblem;
import dev.wirebrook.events.webhook.JsonPath;
import dev.wirebrook.events.webhook.WebhookSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebhookSettingsTest {
    @TempDir private Path folder;

    private static WebhookSettings load(Map<String, String> flags) throws Exception {
        return SettingsLoader.load(
                        Profile.DEVELOPMENT, Optional.empty(), new Environment(Map.of()), flags)
                .webhooks();
    }

    @Test
    void there_is_no_webhook_without_a_secret() throws Exception {
        assertThat(load(Map.of()).sources()).isEmpty();
        assertThat(
                        load(Map.of(
                                        "webhooks.shopify.secret", "",
                                        "webhooks.webengage.license-code", "l",
                                        "webhooks.custom.a.type", "LaunchEvent"))
                                .sources())
                .isEmpty();
    }

    @Test
    void each_sender_is_there_with_its_secret() throws Exception {
        assertThat(
                        load(Map.of(
                                        "webhooks.shopify.secret", "1",
                                        "webhooks.branch.allow", "192.0.2.0/24, 2001:db8::/32",
                                        "webhooks.webengage.license-code", "l",
                                        "webhooks.webengage.secret", "2",
                                        "webhooks.custom.b.secret", "3",
                                        "webhooks.custom.a-1.secret", "4"))
                                .sources())
                .extracting(WebhookSource::name)
                .containsExactly("shopify", "branch", "webengage", "custom/a-1", "custom/b");
    }

    @Test
    void a_mapping_is_read_field_by_field() throws Exception {
        var spec =
                load(Map.of(
                                "webhooks.custom.a.secret", "s",
                                "webhooks.custom.a.type", "AddToCartEvent",
                                "webhooks.custom.a.id-path", "meta.id",
                                "webhooks.custom.a.fields",
                                        "productId=items[0].id, price = items[0].price"))
                        .custom()
                        .getFirst()
                        .spec();
        assertThat(spec.idPath()).contains(JsonPath.parse("meta.id"));
        assertThat(spec.paths())
                .isEqualTo(
                        Map.of(
                                "productId", JsonPath.parse("items[0].id"),
                                "price", JsonPath.parse("items[0].price")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    webhooks.webengage.secret     | k             | webhooks.webengage.license-code: is empty, and webhooks.webengage.secret is set; give both
                    webhooks.branch.allow         | branch.io     | webhooks.branch.allow: "branch.io" is no address and no range; write it as in 192.0.2.0/24
                    webhooks.branch.allow         | 10.0.0.0/8,1  | webhooks.branch.allow: "1" is no address and no range; write it as in 192.0.2.0/24
                    webhooks.custom.a.fields      | price         | webhooks.custom.a.fields: "price" names no field and path; write them as in orderId=order.id
                    webhooks.custom.a.fields      | price=a..b    | webhooks.custom.a.fields: "a..b" is no path; write it as in order.line_items[0].sku
                    webhooks.custom.a.id-path     | $.id[*]       | webhooks.custom.a.id-path: "$.id[*]" is no path; write it as in order.line_items[0].sku
                    webhooks.body-bytes-max       | 64MiB         | webhooks.body-bytes-max: 64MiB is not within 1KiB and 32MiB
                    """)
    void says_which_setting_is_wrong_and_what_would_be_right(
            String key, String value, String problem) {
        InvalidSettingsException invalid =
                catchThrowableOfType(
                        InvalidSettingsException.class, () -> load(Map.of(key, value)));
        assertThat(invalid.problems())
                .singleElement()
                .extracting(SettingProblem::toString)
                .asString()
                .endsWith(problem);
    }

    @Test
    void secrets_come_from_the_environment_and_from_the_file_as_they_are_written()
            throws Exception {
        Path file = folder.resolve("w.yaml");
        Files.writeString(
                file,
                """
                webhooks:
                  shopify.secret: 0123
                  webengage:
                    license-code: 311e5229
                    secret: "\\u0041#b"
                """);
        WebhookSettings settings =
                SettingsLoader.load(
                                Profile.PRODUCTION,
                                Optional.of(file),
                                new Environment(
                                        Map.of(
                                                "WIREBROOK_WEBHOOKS_CUSTOM_ORDERS_SECRET", " s ",
                                                "WIREBROOK_WEBHOOKS_CUSTOM_ORDERS_ID_HEADER", "X")),
                                Map.of())
                        .webhooks();
        assertThat(settings.shopifySecret()).contains(new Secret("0123"));
        assertThat(settings.webEngageLicenseCode()).isEqualTo("311e5229");
        assertThat(settings.webEngageSecret()).contains(new Secret("A#b"));
        assertThat(settings.custom())
                .singleElement()
                .satisfies(custom -> {
                    assertThat(custom.spec().name()).isEqualTo("orders");
                    assertThat(custom.spec().idHeader()).isEqualTo("X");
                    assertThat(custom.secret()).isEqualTo(new Secret("s"));
                });
    }

    @Test
    void no_secret_is_printed() throws Exception {
        ServerSettings settings =
                SettingsLoader.load(
                        Profile.DEVELOPMENT,
                        Optional.empty(),
                        new Environment(Map.of("WIREBROOK_WEBHOOKS_SHOPIFY_SECRET", "hidden-1")),
                        Map.of(
                                "webhooks.branch.path-secret", "hidden-2",
                                "webhooks.webengage.license-code", "l",
                                "webhooks.webengage.secret", "hidden-3",
                                "webhooks.custom.a.secret", "hidden-4"));
        assertThat(settings.webhooks().shopifySecret()).map(Secret::reveal).contains("hidden-1");
        assertThat(settings.toString()).contains("webhooks=").doesNotContain("hidden");
        assertThat(settings.webhooks().sources().toString()).doesNotContain("hidden");
    }
}
