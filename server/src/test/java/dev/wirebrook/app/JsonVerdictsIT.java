package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A verdict for each event of a batch in JSON, on a whole server. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JsonVerdictsIT {
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

    @ParameterizedTest
    @CsvSource({
        "/v1/events, route",
        "/event.EventService/dispatch, name",
    })
    void a_misfit_event_is_rejected_and_its_neighbours_are_stored(String path, String clientId)
            throws Exception {
        HttpResponse<String> response =
                post(
                        path,
                        """
                        {"header":{"clientId":"%s"},"events":[
                         {"id":"b1","addToCartEvent":{"productId":"B1","quantity":1}},
                         {"id":"b2","addToCartEvent":{"productId":"B2","quantity":1.5}},
                         {"id":"b3","addToCartEvent":{"productId":"B3"}},
                         {"id":"b4","removedEvent":{"productId":"B4"}},
                         {"id":"b5","addToCartEvent":{"productId":"B5","colour":"red"}},
                         {"id":"b6","timestamp":"yesterday","addToCartEvent":{"productId":"B6"}},
                         {"id":"b7","addToCartEvent":{"productId":"B7"}}]}
                        """
                                .formatted(clientId));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonObject answer = parsed(response);
        assertThat(answer.get("status").getAsString()).isEqualTo("ERROR");
        assertThat(answer.get("accepted").getAsInt()).isEqualTo(3);
        assertThat(answer.get("rejected").getAsInt()).isEqualTo(4);
        JsonArray results = answer.getAsJsonArray("results");
        assertThat(results.size()).isEqualTo(4);
        assertResult(results.get(0).getAsJsonObject(), 1, "b2", "addToCartEvent.quantity");
        assertResult(results.get(1).getAsJsonObject(), 3, "b4", "removedEvent");
        assertResult(results.get(2).getAsJsonObject(), 4, "b5", "addToCartEvent.colour");
        assertResult(results.get(3).getAsJsonObject(), 5, "b6", "timestamp");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(
                                        post(
                                                        "/v1/sql",
                                                        "{\"sql\":\"select string_agg(product_id,"
                                                                + " ',' order by product_id) from"
                                                                + " add_to_cart_event where"
                                                                + " client_id = '"
                                                                + clientId
                                                                + "'\"}")
                                                .body())
                                .contains("\"B1,B3,B7\""));
    }

    private static void assertResult(JsonObject result, int index, String id, String field) {
        assertThat(result.get("index").getAsInt()).isEqualTo(index);
        assertThat(result.get("id").getAsString()).isEqualTo(id);
        assertThat(result.get("verdict").getAsString()).isEqualTo("REJECTED");
        assertThat(
                        result.getAsJsonArray("violations")
                                .get(0)
                                .getAsJsonObject()
                                .get("field")
                                .getAsString())
                .isEqualTo("events[" + index + "]." + field);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"price\": 1e400",
                "\"price\": 1e999999999",
                "\"quantity\": 1e999999999",
                "\"quantity\": 99999999999999999999",
                "\"productName\": \"\\ud800\"",
                "\"nope\": [[[{}]]]"
            })
    void a_batch_of_misfits_only_is_answered_with_its_verdicts(String fields) throws Exception {
        HttpResponse<String> response =
                post("/v1/events", "{\"events\":[{\"addToCartEvent\":{" + fields + "}}]}");
        assertThat(response.statusCode()).isEqualTo(200);
        JsonObject answer = parsed(response);
        assertThat(answer.has("accepted")).isFalse();
        assertThat(answer.get("rejected").getAsInt()).isEqualTo(1);
    }

    @Test
    void a_misfit_in_the_header_costs_the_batch() throws Exception {
        HttpResponse<String> response =
                post(
                        "/v1/events",
                        "{\"header\":{\"userId\":1.5},\"events\":[{\"launchEvent\":{}}]}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("header.userId");
    }

    @Test
    void too_many_misfits_are_too_many_events() throws Exception {
        HttpResponse<String> response =
                post("/v1/events", "{\"events\":[" + "7,".repeat(20_000) + "7]}");
        assertThat(response.body()).contains("more than 10,000 events");
    }

    @Test
    void a_misfit_update_is_rejected_and_its_neighbours_are_published() throws Exception {
        HttpResponse<String> response =
                post(
                        "/v1/market/snapshots:put",
                        """
                        {"snapshots":[{"symbol":"V1","bid":"high"},{"symbol":"V2","bid":1.5},
                         {"symbol":"V3","bid":2,"nope":1},{"bid":3},{"symbol":"V4","bid":4}]}
                        """);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonObject answer = parsed(response);
        assertThat(answer.get("accepted").getAsInt()).isEqualTo(2);
        assertThat(answer.get("rejected").getAsInt()).isEqualTo(3);
        JsonArray results = answer.getAsJsonArray("results");
        // An index of 0 is left out, as protobuf's defaults are.
        assertThat(results.get(0).getAsJsonObject().get("symbol").getAsString()).isEqualTo("V1");
        assertThat(results.get(0).toString()).contains("snapshots[0].bid");
        assertThat(results.get(1).getAsJsonObject().get("index").getAsInt()).isEqualTo(2);
        assertThat(results.get(1).toString()).contains("\"V3\"", "snapshots[2].nope");
        assertThat(results.get(2).getAsJsonObject().get("index").getAsInt()).isEqualTo(3);
        assertThat(
                        client.send(
                                        request("/v1/market/snapshots:get?symbol=V4").build(),
                                        BodyHandlers.ofString())
                                .body())
                .contains("\"bid\":4");
    }

    @Test
    void updates_that_all_do_not_fit_are_answered_with_their_verdicts() throws Exception {
        HttpResponse<String> response =
                post("/v1/market/snapshots:put", "{\"snapshots\":[{\"symbol\":7}]}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(parsed(response).get("rejected").getAsInt()).isEqualTo(1);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(node.http() + path))
                .timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return client.send(
                request(path)
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofByteArray(body.getBytes(StandardCharsets.UTF_8)))
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonObject parsed(HttpResponse<String> response) {
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }
}
