package dev.wirebrook.app;

import dev.wirebrook.api.admin.v1.DeadLetter;
import dev.wirebrook.api.admin.v1.DeadLetterFilter;
import dev.wirebrook.api.admin.v1.ListDeadLettersRequest;
import dev.wirebrook.api.admin.v1.QueryResponse;
import dev.wirebrook.api.admin.v1.ReplayDeadLettersRequest;
import dev.wirebrook.api.admin.v1.ReplayDeadLettersResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A server that takes every webhook, its senders, and what became of what they sent. */
final class WebhookServer implements AutoCloseable {
    static final String SHOPIFY_SECRET = "test_secret_key";
    static final String BRANCH_SECRET = "branch-path-0123";
    static final String BRANCH = "/webhooks/branch/" + BRANCH_SECRET;
    static final String LICENSE_CODE = "311c5229";
    static final String WEBENGAGE_SECRET = "webengage-key-0123";

    /** The MD5 of license code and key, as {@code printf | md5sum} says. */
    static final String WEBENGAGE =
            "/webhooks/webengage?eventType=x&licenseCode=311c5229"
                    + "&secret=68c03976515833f77a8cfb566dc1eab8";

    private static final Map<String, String> SETTINGS =
            Map.of(
                    "webhooks.shopify.secret", SHOPIFY_SECRET,
                    "webhooks.branch.path-secret", BRANCH_SECRET,
                    "webhooks.webengage.license-code", LICENSE_CODE,
                    "webhooks.webengage.secret", WEBENGAGE_SECRET,
                    "events.routes.warehouse.interval", "20ms");

    private final TestNode node;
    private final HttpClient http = HttpClient.newHttpClient();

    private WebhookServer(TestNode node) {
        this.node = node;
    }

    /**
     * @param settings beside the secrets of the built-in webhooks
     */
    static WebhookServer start(Path dataDir, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(SETTINGS);
        all.putAll(settings);
        return new WebhookServer(TestNode.start(dataDir, all));
    }

    TestNode node() {
        return node;
    }

    int port() {
        return node.node().httpAddress().getPort();
    }

    /** The names and values of headers follow each other. */
    HttpResponse<String> post(String path, byte[] body, String... headers) {
        return send(path, BodyPublishers.ofByteArray(body), headers);
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    HttpResponse<String> send(String path, HttpRequest.BodyPublisher body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(node.http() + path))
                        .timeout(Duration.ofSeconds(30))
                        .POST(body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    HttpResponse<String> shopify(String topic, String deliveryId, String body) {
        return post("/webhooks/shopify", body, shopifyHeaders(topic, deliveryId, body));
    }

    static String[] shopifyHeaders(String topic, String deliveryId, String body) {
        return new String[] {
            "Content-Type",
            "application/json",
            "X-Shopify-Topic",
            topic,
            "X-Shopify-Shop-Domain",
            "shop.example",
            "X-Shopify-Webhook-Id",
            deliveryId,
            "X-Shopify-Hmac-Sha256",
            signature(SHOPIFY_SECRET, body.getBytes(StandardCharsets.UTF_8))
        };
    }

    /** As a sender computes it, in base64. */
    static String signature(String secret, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** One column, once everything durable is stored. */
    List<String> column(String sql) {
        node.client().admin().awaitStored(0, Duration.ofSeconds(60));
        List<String> values = new ArrayList<>();
        Iterator<QueryResponse> responses =
                node.client()
                        .admin()
                        .query("select v::varchar from (" + sql + ") as t(v)", 1_000_000);
        responses.forEachRemaining(response ->
                response.getRowsList()
                        .forEach(row -> values.add(row.getValues(0).getStringValue())));
        return values;
    }

    /** The only value. */
    String value(String sql) {
        List<String> values = column(sql);
        if (values.size() != 1) {
            throw new AssertionError("not one row but " + values);
        }
        return values.getFirst();
    }

    /** The dead letters that are still parked, without bytes. */
    List<DeadLetter> parked() {
        return node.client()
                .admin()
                .listDeadLetters(
                        ListDeadLettersRequest.newBuilder()
                                .setFilter(
                                        DeadLetterFilter.newBuilder()
                                                .setState(DeadLetter.State.STATE_PARKED))
                                .build())
                .getLettersList();
    }

    /** Sends all that is parked through the pipeline again. */
    ReplayDeadLettersResponse replay() {
        Iterator<ReplayDeadLettersResponse> progress =
                node.client()
                        .admin()
                        .replayDeadLetters(
                                ReplayDeadLettersRequest.newBuilder()
                                        .setFilter(
                                                DeadLetterFilter.newBuilder()
                                                        .setState(DeadLetter.State.STATE_PARKED))
                                        .build());
        ReplayDeadLettersResponse last = progress.next();
        while (progress.hasNext()) {
            last = progress.next();
        }
        return last;
    }

    /** Of the metric of deliveries. */
    long counted(String source, String outcome) {
        return (long)
                node.metric(
                        "wirebrook_webhook_deliveries_total{outcome=\"%s\",source=\"%s\"}"
                                .formatted(outcome, source));
    }

    @Override
    public void close() {
        http.close();
        node.close();
    }
}
