package dev.wirebrook.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.LogCollector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Senders that send too much, too slowly, too many at once, or otherwise than expected. */
@Timeout(120)
class WebhookLimitsIT {
    private static final int BODY_BYTES_MAX = 64 << 10;

    @TempDir private static Path directory;

    private static WebhookServer server;

    @BeforeAll
    static void start() {
        server =
                WebhookServer.start(
                        directory,
                        Map.of(
                                "webhooks.body-bytes-max", BODY_BYTES_MAX + "B",
                                "webhooks.custom.c.secret", "custom-0123",
                                "webhooks.custom.c.id-header", "X-Id"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String bodyOf(int bytes) {
        return "\"" + "a".repeat(bytes - 2) + "\"";
    }

    private static String idsLike(String pattern) {
        return server.value(
                "select count(*) from webhook_received_event where delivery_id like '"
                        + pattern
                        + "'");
    }

    @Test
    void takes_a_body_up_to_the_limit_and_tells_the_sender_of_a_longer_one() {
        String longest = "[" + bodyOf(BODY_BYTES_MAX - 2) + "]";
        assertThat(server.shopify("t", "longest", longest).statusCode()).isEqualTo(200);
        long before = server.counted("shopify", "too_large");
        for (int bytes : new int[] {BODY_BYTES_MAX + 1, 4 * BODY_BYTES_MAX, 3 << 20}) {
            var refused = server.shopify("t", "longer", bodyOf(bytes));
            assertThat(refused.statusCode()).as("%d bytes", bytes).isEqualTo(413);
            assertThat(refused.body()).contains("webhooks.body-bytes-max").contains("65,536");
        }
        assertThat(idsLike("long%")).isEqualTo("1");
        assertThat(server.counted("shopify", "too_large")).isEqualTo(before + 3);
    }

    @Test
    void takes_a_body_in_chunks_and_measures_it_too() {
        String body = "{\"in\": \"chunks\"}";
        String[] headers = WebhookServer.shopifyHeaders("t", "chunked", body);
        assertThat(
                        server.send("/webhooks/shopify", chunks(body.getBytes(UTF_8)), headers)
                                .statusCode())
                .isEqualTo(200);
        assertThat(
                        server.value(
                                "select payload from webhook_received_event"
                                        + " where delivery_id = 'chunked'"))
                .isEqualTo(body);
        String longer = bodyOf(BODY_BYTES_MAX + 1);
        assertThat(
                        server.send(
                                        "/webhooks/shopify",
                                        chunks(longer.getBytes(UTF_8)),
                                        WebhookServer.shopifyHeaders("t", "chunked-2", longer))
                                .statusCode())
                .isEqualTo(413);
    }

    private static java.net.http.HttpRequest.BodyPublisher chunks(byte[] body) {
        return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "x"
            })
    void reads_the_body_and_not_its_content_type(String type) {
        String body = "{\"type\": \"" + type + "\"}";
        var answer =
                server.post(
                        "/webhooks/custom/c",
                        body,
                        "Content-Type",
                        type,
                        "Authorization",
                        "Bearer custom-0123",
                        "X-Id",
                        "type-" + type);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(
                        server.value(
                                "select payload from webhook_received_event where delivery_id ="
                                        + " 'type-"
                                        + type
                                        + "'"))
                .isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS"})
    void takes_posts_only(String method) throws Exception {
        assertThat(raw(method + " /webhooks/shopify HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 405")
                .contains("Allow: POST");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Host: evil.example", "Host: localhost\r\nOrigin: https://evil.example"})
    void takes_nothing_from_a_foreign_page(String headers) throws Exception {
        assertThat(
                        raw(
                                "POST %s HTTP/1.1\r\n%s\r\nContent-Length: 2\r\n\r\n{}"
                                        .formatted(WebhookServer.BRANCH, headers)))
                .startsWith("HTTP/1.1 403");
    }

    @Test
    void takes_many_deliveries_at_once() throws Exception {
        int deliveries = 200;
        List<Future<Integer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < deliveries; i++) {
                String id = "many-" + i;
                answers.add(
                        threads.submit(() ->
                                server.shopify("t", id, "{\"id\": \"" + id + "\"}").statusCode()));
            }
        }
        for (Future<Integer> answer : answers) {
            assertThat(answer.get()).isEqualTo(200);
        }
        assertThat(idsLike("many-%")).isEqualTo("200");
    }

    @Test
    void cuts_off_bodies_that_trickle_and_goes_on_with_the_others() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            // More than the places of one sender.
            for (int i = 0; i < 80; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                slow.add(socket);
                socket.getOutputStream()
                        .write(
                                "POST /webhooks/shopify HTTP/1.1\r\nHost: localhost\r\nX-Shopify-Hmac-Sha256: x\r\nContent-Length: 100\r\n\r\n{"
                                        .getBytes(US_ASCII));
            }
            // Another sender has places of its own.
            long start = System.nanoTime();
            assertThat(server.post(WebhookServer.BRANCH, "{\"name\": \"a\"}").statusCode())
                    .isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(2));
            // The same one is told to come again, and may when the slow ones are gone.
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> server.shopify("t", "after", "{}").statusCode() == 200);
            for (Socket socket : slow) {
                socket.setSoTimeout(60_000);
                assertThat(restOf(socket)).doesNotContain("200 OK");
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void a_sender_that_hangs_up_leaves_its_place() throws Exception {
        for (int i = 0; i < 200; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                OutputStream out = socket.getOutputStream();
                out.write(
                        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
                                .formatted(WebhookServer.BRANCH)
                                .getBytes(US_ASCII));
            }
        }
        assertThat(server.post(WebhookServer.BRANCH, "{\"name\": \"b\"}").statusCode())
                .isEqualTo(200);
        assertThat(server.parked()).isEmpty();
    }

    @Test
    void no_secret_is_logged() {
        Logger root = Logger.getLogger("dev.wirebrook");
        Level level = root.getLevel();
        root.setLevel(Level.ALL);
        LogCollector log = new LogCollector("dev.wirebrook");
        try (log;
                WebhookServer other = WebhookServer.start(directory.resolve("other"), Map.of())) {
            assertThat(other.shopify("t", "1", "{}").statusCode()).isEqualTo(200);
            assertThat(other.post(WebhookServer.BRANCH, "no json").statusCode()).isEqualTo(200);
            assertThat(other.post(WebhookServer.BRANCH + "x", "{}").statusCode()).isEqualTo(401);
            assertThat(other.post(WebhookServer.WEBENGAGE, "{}").statusCode()).isEqualTo(200);
        } finally {
            root.setLevel(level);
        }
        assertThat(log.records()).isNotEmpty();
        assertThat(
                        log.records().stream()
                                .map(record -> record.getMessage() + record.getThrown())
                                .collect(Collectors.joining("\n")))
                .doesNotContain(
                        WebhookServer.SHOPIFY_SECRET,
                        WebhookServer.BRANCH_SECRET,
                        WebhookServer.WEBENGAGE_SECRET);
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            byte[] answer = new byte[4 << 10];
            int read = socket.getInputStream().read(answer);
            return new String(answer, 0, Math.max(0, read), UTF_8);
        }
    }

    private static String restOf(Socket socket) {
        try {
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
