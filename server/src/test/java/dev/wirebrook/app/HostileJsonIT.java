package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON that must never be sent, on a whole server: a clear refusal, and nobody else notices. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileJsonIT {
    private static final int MUTANTS = 300;

    private final HttpClient client = HttpClient.newHttpClient();
    private TestNode node;

    @BeforeAll
    void start(@TempDir Path dataDir) {
        node = TestNode.start(dataDir, Map.of());
    }

    @AfterAll
    void stop() {
        node.close();
        client.close();
    }

    private HttpResponse<String> post(String path, byte[] body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(node.http() + path))
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String batch(String fields) {
        return "{\"header\": {\"clientId\": \"hostile\"}, \"events\": [{\"addToCartEvent\": {"
                + fields
                + "}}]}";
    }

    private void serves() throws Exception {
        HttpResponse<String> response = post("/v1/events", utf8(batch("\"price\": 12.5")));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("\"status\":\"SUCCESS\"");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Stream<String> refused() {
        return Stream.of(
                "[".repeat(100_000),
                "{\"header\":".repeat(100_000),
                "{\"events\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}",
                "{\"unknown\":" + "[".repeat(1_000_000),
                "{\"header\": {\"clientId\": \"a\", \"clientId\": \"b\"}}",
                "{\"header\": {}, \"header\": {}}",
                batch("\"price\": 0x10"),
                batch("\"price\": NaN"),
                batch("\"productName\": \"a\0b\""),
                batch("\"productName\": \"" + "a".repeat(1_000)),
                "",
                "null",
                "true",
                "{",
                "{}{}",
                "// comment\n{}",
                "\ufeff{}");
    }

    @ParameterizedTest
    @MethodSource("refused")
    void what_is_no_sound_request_is_refused(String body) throws Exception {
        HttpResponse<String> response = post("/v1/events", utf8(body));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(JsonParser.parseString(response.body()).getAsJsonObject().get("code").getAsInt())
                .isEqualTo(3);
        assertThat(response.body()).hasSizeLessThan(2_000).doesNotContain("Exception", "\tat ");
        serves();
    }

    static Stream<String> rejected() {
        return Stream.of(
                batch("\"price\": 1e400"),
                batch("\"price\": 1e999999999"),
                batch("\"price\": " + "9".repeat(1_000_000)),
                batch("\"quantity\": 1e999999999"),
                batch("\"quantity\": 99999999999999999999"),
                batch("\"productName\": \"\\ud800\""),
                batch("\"nope\": " + "[".repeat(9_000) + "]".repeat(9_000)));
    }

    @ParameterizedTest
    @MethodSource("rejected")
    void what_is_json_but_no_event_is_rejected(String body) throws Exception {
        HttpResponse<String> response = post("/v1/events", utf8(body));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body())
                .contains("\"rejected\":1")
                .hasSizeLessThan(2_000)
                .doesNotContain("Exception", "\tat ");
        serves();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/events", "/event.EventService/dispatch"})
    void text_that_is_no_utf8_is_refused(String path) throws Exception {
        byte[] body = utf8(batch("\"productName\": \"????\""));
        for (byte[] broken :
                List.of(
                        new byte[] {(byte) 0xff, (byte) 0xfe, 'a', 'b'},
                        new byte[] {(byte) 0xc0, (byte) 0xaf, 'a', 'b'},
                        new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80, 'b'},
                        new byte[] {'a', 'b', 'c', (byte) 0xe2})) {
            byte[] bytes = body.clone();
            System.arraycopy(
                    broken, 0, bytes, new String(body, StandardCharsets.US_ASCII).indexOf('?'), 4);
            assertThat(post(path, bytes).statusCode()).isEqualTo(400);
        }
        serves();
    }

    @Test
    void ten_megabytes_of_nothing_are_too_many() throws Exception {
        byte[] spaces = new byte[10 << 20];
        Arrays.fill(spaces, (byte) ' ');
        assertThat(post("/v1/events", spaces).statusCode()).isEqualTo(413);
        assertThat(post("/v1/events", Arrays.copyOf(spaces, 1 << 20)).statusCode()).isEqualTo(400);
        serves();
    }

    @Test
    void mutilated_requests_get_an_honest_status() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] sound = utf8(batch("\"productName\": \"Tasse ☕\", \"price\": 12.5"));
        for (int i = 0; i < MUTANTS; i++) {
            byte[] mutant = Arrays.copyOf(sound, 1 + random.nextInt(sound.length));
            for (int j = random.nextInt(4); j >= 0; j--) {
                mutant[random.nextInt(mutant.length)] ^= (byte) (1 << random.nextInt(8));
            }
            assertThat(Set.of(200, 400))
                    .as("seed %d, %s", seed, new String(mutant, StandardCharsets.ISO_8859_1))
                    .contains(post("/v1/events", mutant).statusCode());
        }
        serves();
    }
}
