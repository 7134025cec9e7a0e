package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in by a webhook, and that nothing of anybody else is stored. */
class WebhookVerificationIT {
    private static final String BODY = "{\"foo\": \"bar\"}";

    /** Of {@link #BODY} under {@code test_secret_key}, in both of its writings. */
    private static final String SIGNATURE = "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=";

    private static final String SIGNATURE_HEX =
            "076ded5cdebcd60674a8858d46b82dcc113d5d20e8e72694bbac1f9a1bb76bb8";

    @TempDir private static Path directory;

    private static WebhookServer server;

    @BeforeAll
    static void start() {
        server =
                WebhookServer.start(
                        directory,
                        Map.of(
                                "webhooks.custom.bearer.secret", "bearer-0123",
                                "webhooks.custom.signed.secret", WebhookServer.SHOPIFY_SECRET,
                                "webhooks.custom.signed.signature-header", "X-Hub-Signature-256",
                                "webhooks.custom.off.secret", ""));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Whatever a test sends is either refused, or named after what lets it in. */
    @AfterEach
    void nothing_unverified_is_kept() {
        assertThat(server.column("select delivery_id from webhook_received_event"))
                .allMatch(id -> id.startsWith("good-") || id.startsWith("sha256:"));
        assertThat(server.parked()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/webhooks/shopify, X-Shopify-Hmac-Sha256, X-Shopify-Webhook-Id",
        "/webhooks/shopify, Shopify-Hmac-Sha256, Shopify-Webhook-Id",
        "/webhooks/shopify, x-shopify-hmac-sha256, X-SHOPIFY-WEBHOOK-ID",
        "/webhooks/shopify/, x-Shopify-HMAC-sha256, x-Shopify-Webhook-ID"
    })
    void takes_what_shopify_signed(String path, String signature, String id) {
        String name = "good-" + path.length() + signature;
        assertThat(server.post(path, BODY, signature, SIGNATURE, id, name).statusCode())
                .isEqualTo(200);
        assertThat(
                        server.value(
                                "select payload from webhook_received_event where delivery_id = '"
                                        + name
                                        + "'"))
                .isEqualTo(BODY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "C23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=",
                "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7",
                "B23t",
                "=",
                "%%%",
                "sha256=",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "zz6ded5cdebcd60674a8858d46b82dcc113d5d20e8e72694bbac1f9a1bb76bb8"
            })
    void refuses_another_signature(String signature) {
        long before = server.counted("shopify", "unverified");
        var refused = server.post("/webhooks/shopify", BODY, "X-Shopify-Hmac-Sha256", signature);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body())
                .contains("X-Shopify-Hmac-Sha256")
                .contains("webhooks.shopify.secret")
                .doesNotContain(WebhookServer.SHOPIFY_SECRET)
                .doesNotContain(SIGNATURE);
        assertThat(server.counted("shopify", "unverified")).isEqualTo(before + 1);
    }

    @Test
    void refuses_a_body_of_which_any_byte_is_another() {
        byte[] body = BODY.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < body.length; i++) {
            byte[] changed = body.clone();
            changed[i] ^= 1;
            assertThat(shopify(changed)).as("byte %d", i).isEqualTo(401);
        }
        assertThat(shopify((BODY + "\n").getBytes(StandardCharsets.UTF_8))).isEqualTo(401);
        assertThat(shopify(BODY.substring(1).getBytes(StandardCharsets.UTF_8))).isEqualTo(401);
        assertThat(shopify(new byte[0])).isEqualTo(401);
    }

    private static int shopify(byte[] body) {
        return server.post("/webhooks/shopify", body, "X-Shopify-Hmac-Sha256", SIGNATURE)
                .statusCode();
    }

    @Test
    void says_which_header_is_missing() {
        var refused = server.post("/webhooks/shopify", BODY);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("X-Shopify-Hmac-Sha256");
    }

    @Test
    void takes_branch_by_its_path_alone() {
        String body = "{\"name\": \"VIEW_ITEM\"}";
        assertThat(server.post(WebhookServer.BRANCH, body).statusCode()).isEqualTo(200);
        for (String path :
                List.of(
                        "/webhooks/branch",
                        "/webhooks/branch/",
                        "/webhooks/branch/branch-path-0124",
                        WebhookServer.BRANCH + "/",
                        WebhookServer.BRANCH + "/more",
                        WebhookServer.BRANCH + "x")) {
            var refused = server.post(path, "{\"name\": \"" + path + "\"}");
            assertThat(refused.statusCode()).as(path).isEqualTo(401);
            assertThat(refused.body())
                    .contains("webhooks.branch.path-secret")
                    .doesNotContain(WebhookServer.BRANCH_SECRET);
        }
    }

    @Test
    void takes_webengage_by_its_query() {
        assertThat(
                        server.post(WebhookServer.WEBENGAGE, "{}", "x-request-id", "good-w")
                                .statusCode())
                .isEqualTo(200);
        for (String query :
                List.of(
                        "",
                        "?secret=68c03976515833f77a8cfb566dc1eab8",
                        "?licenseCode=311c5229",
                        "?licenseCode=311c5229&secret=" + WebhookServer.WEBENGAGE_SECRET,
                        "?licenseCode=311c5230&secret=68c03976515833f77a8cfb566dc1eab8",
                        "?licenseCode=311c5229&secret=68c03976515833f77a8cfb566dc1eab9",
                        "?licenseCode=311c5229&secret=%zz")) {
            var refused = server.post("/webhooks/webengage" + query.replace("%zz", "%25zz"), "{}");
            assertThat(refused.statusCode()).as(query).isEqualTo(401);
            assertThat(refused.body())
                    .contains("webhooks.webengage.secret")
                    .doesNotContain("68c03976");
        }
    }

    @Test
    void takes_a_custom_sender_by_its_token() {
        String path = "/webhooks/custom/bearer";
        assertThat(server.post(path, "{}", "Authorization", "Bearer bearer-0123").statusCode())
                .isEqualTo(200);
        assertThat(server.post(path, "{}", "authorization", "bearer  bearer-0123 ").statusCode())
                .isEqualTo(200);
        for (String token : List.of("Bearer bearer-0124", "Bearer ", "bearer-0123", "Basic YTpi")) {
            assertThat(server.post(path, "{}", "Authorization", token).statusCode())
                    .as(token)
                    .isEqualTo(401);
        }
        var refused = server.post(path, "{}");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body())
                .contains("webhooks.custom.bearer.secret")
                .doesNotContain("bearer-0123");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {SIGNATURE, SIGNATURE_HEX, "sha256=" + SIGNATURE_HEX, "sha256=" + SIGNATURE})
    void takes_a_custom_sender_by_its_signature(String signature) {
        assertThat(
                        server.post(
                                        "/webhooks/custom/signed",
                                        BODY,
                                        "X-Hub-Signature-256",
                                        signature)
                                .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "/webhooks/, no such webhook",
        "/webhooks/shop, no such webhook",
        "/webhooks/../metrics, no such webhook",
        "/webhooks/%2e%2e/metrics, no such webhook",
        "/webhooks/shopify/more, no such webhook",
        "/webhooks/shopify/../branch/branch-path-0123, no such webhook",
        "/webhooks/custom, no such webhook",
        "/webhooks/custom/, not set up",
        "/webhooks/custom/nobody, not set up",
        "/webhooks/custom/off, not set up",
        "/webhooks/custom/..%2fshopify, not set up",
        "/webhooks/custom/signed/more, no such webhook",
        "/webhooks/custom/signed%00, not set up"
    })
    void knows_no_other_path(String path, String told) {
        var refused = server.post(path, BODY, "X-Shopify-Hmac-Sha256", SIGNATURE);
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(refused.body()).contains(told);
    }
}
