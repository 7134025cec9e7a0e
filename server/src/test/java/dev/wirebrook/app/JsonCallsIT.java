package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole server as those see it who speak JSON. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JsonCallsIT {
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

    private static String batch(String clientId, String id) {
        return """
        {"header": {"clientId": "%s", "userId": "9007199254740993"},
         "events": [{"id": "%s", "addToCartEvent": {"productName": "Tasse ☕", "price": 12.5}}]}
        """
                .formatted(clientId, id);
    }

    @ParameterizedTest
    @CsvSource({"/v1/events, route", "/event.EventService/dispatch, name"})
    void stores_what_is_posted(String path, String clientId) throws Exception {
        HttpResponse<String> response = post(path, batch(clientId, "1"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(json(response)).isEqualTo(parsed("{\"status\":\"SUCCESS\",\"accepted\":1}"));
        await().untilAsserted(() ->
                assertThat(
                                rows(
                                        "SELECT user_id, product_name, price FROM"
                                                + " add_to_cart_event WHERE client_id = '"
                                                + clientId
                                                + "'"))
                        .containsExactly(
                                parsed("[\"9007199254740993\", \"Tasse ☕\", 12.5]").toString()));
    }

    @Test
    void names_the_event_that_is_wrong() throws Exception {
        HttpResponse<String> response =
                post("/v1/events", "{\"events\": [{\"id\": \"x\", \"timestamp\": \"-7\"}]}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("\"status\":\"ERROR\"", "events[0]");
    }

    @Test
    void answers_what_the_query_asks_for() throws Exception {
        assertThat(get("/v1/admin/dead-letters?pageSize=2&filter.reason=x").statusCode())
                .isEqualTo(200);
        assertThat(get("/v1/admin/dead-letters?page_size=2").statusCode()).isEqualTo(200);
        HttpResponse<String> unknown = get("/v1/admin/dead-letters?page_sise=2");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).contains("page_sise");
        HttpResponse<String> bad = get("/v1/admin/dead-letters?page_size=two");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body()).contains("two");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "filter=x&filter.stage=sink",
                "filter.stage=sink&filter=x",
                "filter.stage=sink&filter.stage=quarantine",
                "pageSize=1&page_size=2",
                "filter.reason=%ff",
                "filter.reason=%c3%28",
                "filter.stage.x=1"
            })
    void refuses_parameters_that_contradict_or_are_not_text(String query) throws Exception {
        HttpResponse<String> refused = get("/v1/admin/dead-letters?" + query);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
        assertThat(json(refused).get("code").getAsInt()).isEqualTo(3);
    }

    @Test
    void takes_escapes_of_plain_characters_for_the_characters() throws Exception {
        assertThat(get("/v1/admin/d%65ad-letters?pageSize=1").statusCode()).isEqualTo(200);
        assertThat(get("/%6Civez").statusCode()).isEqualTo(200);
        assertThat(post("/v1/%65vents", batch("escaped", "1")).statusCode()).isEqualTo(200);
        assertThat(post("/event%2EEventService/dispatch", batch("escaped", "2")).statusCode())
                .isEqualTo(200);
        assertThat(get("/v1%2Fadmin/status").statusCode()).isEqualTo(404);
        HttpResponse<String> refused = get("/v1/admin/dead-letters/%ff");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
    }

    @Test
    void says_by_its_status_that_a_body_is_too_large_or_compressed_otherwise() throws Exception {
        HttpResponse<String> large = post("/v1/events", " ".repeat(5 << 20));
        assertThat(large.statusCode()).isEqualTo(413);
        HttpResponse<String> deflate =
                client.send(
                        request("/v1/events")
                                .header("content-type", "application/json")
                                .header("content-encoding", "deflate")
                                .POST(BodyPublishers.ofString(batch("deflate", "1")))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(deflate.statusCode()).isEqualTo(415);
        assertThat(deflate.headers().firstValue("accept-encoding")).contains("gzip");
        assertThat(post("/v1/events", "\ufeff" + batch("mark", "1")).statusCode()).isEqualTo(200);
    }

    @Test
    void takes_ids_from_the_path_and_verbs_from_its_end() throws Exception {
        HttpResponse<String> missing = get("/v1/admin/dead-letters/123456");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(json(missing).get("code").getAsInt()).isEqualTo(5);
        assertThat(get("/v1/admin/dead-letters:stats").statusCode()).isEqualTo(200);
    }

    @Test
    void says_which_verbs_a_route_has() throws Exception {
        HttpResponse<String> refused =
                client.send(
                        request("/v1/events").PUT(BodyPublishers.noBody()).build(),
                        BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("allow")).contains("POST");
    }

    @Test
    void takes_no_query_where_the_body_is_the_request() throws Exception {
        HttpResponse<String> refused = post("/v1/events?clientId=a", "{}");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("the body is the whole request");
    }

    @Test
    void pushes_events_as_they_arrive() throws Exception {
        HttpResponse<InputStream> stream =
                client.send(
                        request("/v1/events:tail?clientId=pushed")
                                .header("accept", "text/event-stream")
                                .build(),
                        BodyHandlers.ofInputStream());
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo(": ping");
            post("/v1/events", batch("pushed", "7"));
            assertThat(lines.readLine()).isEmpty();
            String event = lines.readLine();
            assertThat(event).startsWith("data: {").contains("Tasse ☕", "9007199254740993");
        }
    }

    @Test
    void lists_what_there_is_to_call() throws Exception {
        HttpResponse<String> response = get("/openapi.json");
        JsonObject document = json(response);
        JsonObject paths = document.getAsJsonObject("paths");
        assertThat(paths.keySet())
                .contains(
                        "/v1/events",
                        "/v1/events:tail",
                        "/v1/admin/dead-letters/{letter_id}",
                        "/wirebrook.admin.v1.AdminService/AwaitStored");
        Set<String> schemas =
                document.getAsJsonObject("components").getAsJsonObject("schemas").keySet();
        List<String> references = new ArrayList<>();
        collect(document, references);
        assertThat(references)
                .isNotEmpty()
                .allMatch(
                        name -> schemas.contains(name.substring("#/components/schemas/".length())));
        List<String> ids = operationIds(paths);
        assertThat(new HashSet<>(ids)).hasSameSizeAs(ids);
        assertThat(schemas).contains("event.AddToCartEvent");
        String etag = response.headers().firstValue("etag").orElseThrow();
        HttpResponse<String> again =
                client.send(
                        request("/openapi.json").header("if-none-match", etag).build(),
                        BodyHandlers.ofString());
        assertThat(again.statusCode()).isEqualTo(304);
    }

    private static List<String> operationIds(JsonObject paths) {
        return paths.entrySet().stream()
                .flatMap(path -> path.getValue().getAsJsonObject().entrySet().stream())
                .map(operation -> operation.getValue().getAsJsonObject())
                .filter(operation -> operation.has("operationId"))
                .map(operation -> operation.get("operationId").getAsString())
                .collect(Collectors.toList());
    }

    private static void collect(JsonElement element, List<String> references) {
        if (element instanceof JsonObject object) {
            object.entrySet()
                    .forEach(entry -> {
                        if (entry.getKey().equals("$ref")) {
                            references.add(entry.getValue().getAsString());
                        } else {
                            collect(entry.getValue(), references);
                        }
                    });
        } else if (element instanceof JsonArray array) {
            array.forEach(inner -> collect(inner, references));
        }
    }

    /** The rows of a query, each as it stands in a line. */
    private List<String> rows(String sql) throws Exception {
        JsonObject body = new JsonObject();
        body.addProperty("sql", sql);
        List<String> rows = new ArrayList<>();
        for (String line : post("/v1/sql", body.toString()).body().lines().toList()) {
            JsonElement found = parsed(line).getAsJsonObject().get("rows");
            if (found != null) {
                found.getAsJsonArray().forEach(row -> rows.add(row.toString()));
            }
        }
        return rows;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(node.http() + path))
                .timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return client.send(
                request(path)
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonObject json(HttpResponse<String> response) {
        return parsed(response.body()).getAsJsonObject();
    }

    private static JsonElement parsed(String json) {
        return JsonParser.parseString(json);
    }
}
