package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
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
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One JSON type for each column type, with every digit, on a whole server. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QueryResultsIT {
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
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    NULL                             | null
                    true                             | true
                    7::TINYINT                       | 7
                    4294967295::UINTEGER             | 4294967295
                    7::BIGINT                        | "7"
                    1785000000000                    | "1785000000000"
                    9007199254740993                 | "9007199254740993"
                    18446744073709551615::UBIGINT    | "18446744073709551615"
                    (-7)::HUGEINT                    | "-7"
                    7::UHUGEINT                      | "7"
                    count(*)                         | "1"
                    1.50::DECIMAL(9,2)               | "1.50"
                    0.0000001::DECIMAL(18,7)         | "0.0000001"
                    0.1::FLOAT                       | 0.1
                    2.5::DOUBLE                      | 2.5
                    1785000000000::DOUBLE            | 1.785E12
                    'nan'::DOUBLE                    | "NaN"
                    'inf'::FLOAT                     | "Infinity"
                    '-inf'::DOUBLE                   | "-Infinity"
                    '7'                              | "7"
                    'nan'                            | "nan"
                    'x'::ENUM('x', 'y')              | "x"
                    '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID | "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
                    '\\x00\\xFF'::BLOB               | "AP8="
                    '101'::BIT                       | "101"
                    DATE '2024-02-29'                | "2024-02-29"
                    'infinity'::DATE                 | "infinity"
                    '-infinity'::DATE                | "-infinity"
                    TIME '12:00:00'                  | "12:00:00"
                    TIME '24:00:00'                  | "24:00:00"
                    '12:34:56.5+05:30'::TIMETZ       | "12:34:56.5+05:30"
                    TIMESTAMP '2024-02-29 12:00:00'  | "2024-02-29T12:00:00Z"
                    TIMESTAMP_NS '2024-02-29 12:00:00.000000001' | "2024-02-29T12:00:00.000000001Z"
                    TIMESTAMPTZ '2024-02-29 12:00:00+02' | "2024-02-29T10:00:00Z"
                    'infinity'::TIMESTAMP            | "infinity"
                    '-infinity'::TIMESTAMPTZ         | "-infinity"
                    INTERVAL 3 DAY                   | "3 days"
                    '{"a":1}'::JSON                  | "{\\"a\\":1}"
                    [1, NULL]                        | [1,null]
                    [1::BIGINT, NULL]                | ["1",null]
                    ['nan'::double, 1.0]             | ["NaN",1]
                    [4294967295::UINTEGER]           | [4294967295]
                    [[9007199254740993]]             | [["9007199254740993"]]
                    [1, 2]::INTEGER[2]               | [1,2]
                    {'a': 1, 'b c': 2::BIGINT, 'd': ['inf'::FLOAT]} | {"a":1,"b c":"2","d":["Infinity"]}
                    row(1, 2::BIGINT)                | {"element1":1,"element2":"2"}
                    MAP {7::BIGINT: 1.5::DOUBLE}     | {"7":1.5}
                    MAP {'k': 4294967295::UINTEGER}  | {"k":4294967295}
                    union_value(n := 5)              | 5
                    [DATE 'infinity', NULL]          | ["infinity",null]
                    [TIME '12:00:00']                | ["12:00:00"]
                    """)
    void a_column_has_the_json_type_of_its_type(String expression, String json) throws Exception {
        String sql = "select " + expression + " as x";
        HttpResponse<String> response = post("/v1/sql", sql, "application/json");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.body()).contains("\"rows\":[[" + json + "]]");
        assertThat(get("text/event-stream", sql)).contains("\"rows\":[[" + json + "]]");
    }

    @Test
    void an_event_whose_price_is_not_a_number_is_read_like_any_other() throws Exception {
        send(
                "/v1/events",
                "application/json",
                "{\"events\":[{\"addToCartEvent\":{\"productId\":\"nan\",\"price\":\"NaN\"}}]}"
                        .getBytes(StandardCharsets.UTF_8));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(
                                        post(
                                                        "/v1/sql",
                                                        "select * from add_to_cart_event",
                                                        "application/json")
                                                .body())
                                .contains("\"NaN\""));
    }

    @Test
    void random_values_keep_every_digit() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> values = new ArrayList<>();
        List<Long> bigints = new ArrayList<>();
        List<BigInteger> hugeints = new ArrayList<>();
        List<BigDecimal> decimals = new ArrayList<>();
        List<Double> doubles = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            long bigint = random.nextLong() >> random.nextInt(Long.SIZE);
            BigInteger hugeint =
                    new BigInteger(random.nextInt(127), random)
                            .multiply(BigInteger.valueOf(random.nextBoolean() ? 1 : -1));
            BigDecimal decimal =
                    new BigDecimal(BigInteger.valueOf(random.nextLong() >> random.nextInt(60)), 6);
            double number = Double.longBitsToDouble(random.nextLong());
            bigints.add(bigint);
            hugeints.add(hugeint);
            decimals.add(decimal);
            doubles.add(number);
            values.add(
                    "('%d'::bigint, ['%d'::hugeint], {'d': '%s'::decimal(38,6)}, '%s'::double)"
                            .formatted(bigint, hugeint, decimal.toPlainString(), number));
        }
        HttpResponse<String> response =
                post(
                        "/v1/sql",
                        "select * from (values " + String.join(",", values) + ") t(b, h, d, f)",
                        "application/json");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        int index = 0;
        for (String line : response.body().lines().toList()) {
            for (JsonElement element :
                    JsonParser.parseString(line).getAsJsonObject().getAsJsonArray("rows")) {
                JsonArray row = element.getAsJsonArray();
                assertThat(row.get(0).toString()).isEqualTo("\"" + bigints.get(index) + "\"");
                assertThat(row.get(1).toString()).isEqualTo("[\"" + hugeints.get(index) + "\"]");
                assertThat(row.get(2).toString())
                        .isEqualTo("{\"d\":\"" + decimals.get(index).toPlainString() + "\"}");
                double number = doubles.get(index);
                boolean finite = Double.isFinite(number);
                assertThat(row.get(3).getAsJsonPrimitive().isNumber()).isEqualTo(finite);
                assertThat(row.get(3).getAsDouble()).as("seed %d", seed).isEqualTo(number);
                index++;
            }
        }
        assertThat(index).as("seed %d", seed).isEqualTo(values.size());
    }

    @Test
    void nesting_that_readers_do_not_take_is_refused() throws Exception {
        String value = "[".repeat(40) + "1" + "]".repeat(40);
        String sql = "select '" + value + "'::integer" + "[]".repeat(40) + " as x";
        HttpResponse<String> response = post("/v1/sql", sql, "application/json");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(response.body()).contains("cast the column to VARCHAR");
    }

    private String get(String accept, String sql) throws IOException, InterruptedException {
        return client.send(
                        request("/v1/sql", "application/json")
                                .header("accept", accept)
                                .POST(BodyPublishers.ofString(body(sql)))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    private static String body(String sql) {
        JsonObject body = new JsonObject();
        body.addProperty("sql", sql);
        return body.toString();
    }

    private HttpRequest.Builder request(String path, String type) {
        return HttpRequest.newBuilder(URI.create(node.http() + path))
                .timeout(Duration.ofSeconds(60))
                .header("content-type", type);
    }

    private HttpResponse<String> post(String path, String sql, String type) throws Exception {
        return client.send(
                request(path, type).POST(BodyPublishers.ofString(body(sql))).build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<byte[]> send(String path, String type, byte[] body) throws Exception {
        return client.send(
                request(path, type).POST(BodyPublishers.ofByteArray(body)).build(),
                BodyHandlers.ofByteArray());
    }
}
