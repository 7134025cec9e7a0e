package dev.wirebrook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.wirebrook.app.RunningServer;
import dev.wirebrook.client.EventBatch;
import dev.wirebrook.client.WirebrookClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CommandsIT {
    @TempDir Path folder;

    private RunningServer server;
    private String target;

    @BeforeEach
    void start() {
        server = Shell.startServer(folder.resolve("data"), 0);
        target = "127.0.0.1:" + server.grpcAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Shell shell() {
        return new Shell(folder).with("WIREBROOK_SERVER", target);
    }

    private Shell.Result run(String... args) {
        return shell().run(args);
    }

    @Test
    void sends_an_event_and_finds_it_again() {
        Shell.Result sent =
                run(
                        "send",
                        "AddToCartEvent",
                        "productId=A1",
                        "price=9.99",
                        "quantity=2",
                        "--header",
                        "userId=7",
                        "--id",
                        "x",
                        "--timestamp",
                        "2026-01-31T12:00:00+01:00",
                        "--url",
                        "https://shop.example/a=b");
        assertThat(sent.err()).isEmpty();
        assertThat(sent.exitCode()).isZero();
        assertThat(sent.out()).contains("x   accepted");
        // At once: sql waits for what is acknowledged.
        assertThat(
                        run(
                                        "sql",
                                        "-o",
                                        "json",
                                        "select event_id, event_time, user_id, price, quantity, current_url from add_to_cart_event")
                                .out())
                .isEqualTo(
                        "[{\"event_id\": \"x\", \"event_time\": \"2026-01-31T11:00:00Z\", \"user_id\": 7, \"price\": 9.99,"
                                + " \"quantity\": 2, \"current_url\": \"https://shop.example/a=b\"}]\n");
        assertThat(run("sql", "-o", "csv", "select price, product_id from add_to_cart_event").out())
                .isEqualTo("price,product_id\n9.99,A1\n");
        assertThat(shell().input("select 1 as one").run("sql", "-").out())
                .isEqualTo("one\n---\n  1\n");
    }

    @Test
    void sends_json_and_tells_why_an_event_is_rejected() {
        Shell.Result single =
                run("send", "-o", "json", "--json", "{\"launchEvent\": {\"referrer\": \"r\"}}");
        assertThat(single.exitCode()).isZero();
        JsonArray verdicts = JsonParser.parseString(single.out()).getAsJsonArray();
        assertThat(verdicts.get(0).getAsJsonObject().get("verdict").getAsString())
                .isEqualTo("accepted");
        String batch =
                "{\"header\": {\"userId\": 1}, \"events\": [{\"id\": \"a\", \"launchEvent\": {}},"
                        + " {\"id\": \"b\", \"timestamp\": \"soon\", \"launchEvent\": {}}]}";
        Shell.Result sent = shell().input(batch).run("send", "--json", "-");
        assertThat(sent.exitCode()).isEqualTo(1);
        assertThat(sent.out())
                .contains("a   accepted")
                .containsPattern("b   rejected  events\\[1\\].timestamp: ");
        assertThat(run("send", "--json", "{]").exitCode()).isEqualTo(2);
    }

    @Test
    void tells_what_is_wrong_with_an_event_before_it_is_sent() {
        Shell.Result value = run("send", "AddToCartEvent", "price=cheap");
        assertThat(value.exitCode()).isEqualTo(2);
        assertThat(value.err())
                .isEqualTo("error: \"cheap\" is not a number (field price, double)\n");
        assertThat(run("send", "AddToCartEvent", "prize=1").err())
                .contains("AddToCartEvent has no field prize")
                .contains("Did you mean: price?");
        assertThat(run("send", "AddToCardEvent").err()).contains("Did you mean: AddToCartEvent?");
    }

    @Test
    void writes_every_digit_at_any_depth() {
        String query =
                "select 'nan'::double as x, ['nan'::double, 1.0, '-inf'::double] as z,"
                        + " [1, 2] as i, 1785000000000 as b,"
                        + " {'a': [9007199254740993, null], 'd': 1.50::decimal(9,2), 's': '12'} as s,"
                        + " map {'k': 170141183460469231731687303715884105727} as m";
        assertThat(run("sql", "-o", "json", query).out())
                .isEqualTo(
                        "[{\"x\": \"NaN\", \"z\": [\"NaN\",1,\"-Infinity\"], \"i\": [1,2], \"b\":"
                                + " 1785000000000, \"s\":"
                                + " {\"a\":[9007199254740993,null],\"d\":1.50,\"s\":\"12\"}, \"m\":"
                                + " {\"k\":170141183460469231731687303715884105727}}]\n");
        assertThat(run("sql", "-o", "csv", query).out())
                .isEqualTo(
                        """
                        x,z,i,b,s,m
                        NaN,"[""NaN"",1,""-Infinity""]","[1,2]",1785000000000,\
                        "{""a"":[9007199254740993,null],""d"":1.50,""s"":""12""}",\
                        "{""k"":170141183460469231731687303715884105727}"
                        """);
        assertThat(run("sql", query).out())
                .contains("[\"NaN\",1,\"-Infinity\"]", "[1,2]", " 1785000000000 ");
    }

    @Test
    void tells_what_is_wrong_with_a_query() {
        Shell.Result wrong = run("sql", "select nothing from nowhere");
        assertThat(wrong.exitCode()).isEqualTo(64 + 3);
        assertThat(wrong.err()).contains("nowhere").contains("INVALID_ARGUMENT");
        assertThat(run("sql", "drop table events").exitCode()).isEqualTo(64 + 3);
        Shell.Result limited = run("sql", "--limit", "2", "select * from range(5)");
        assertThat(limited.err()).contains("Only the first 2 rows");
    }

    @Test
    void follows_the_log_from_the_start() {
        run("send", "AddToCartEvent", "productName=two words", "--id", "x", "--header", "userId=7");
        run("send", "LaunchEvent", "referrer=r");
        assertThat(run("tail", "--from-start", "--limit", "1").out())
                .containsPattern(
                        "^\\S+Z  AddToCartEvent  id=x productName=\"two words\" userId=7\n$");
        assertThat(
                        run(
                                        "tail",
                                        "--from-position",
                                        "0",
                                        "--type",
                                        "LaunchEvent",
                                        "--limit",
                                        "1",
                                        "-o",
                                        "json")
                                .out())
                .containsPattern("^\\{\"position\":\\d+,\"index\":0,.*\"referrer\":\"r\"}}}\n$");
    }

    @Test
    void shows_replays_and_purges_dead_letters() throws Exception {
        // A variant that the catalogue does not have, such as a newer client sends.
        ByteString unknown = ByteString.fromHex("220161" + "c23e03616263");
        try (WirebrookClient client = WirebrookClient.builder().target(target).build()) {
            client.events().dispatch(new EventBatch(ByteString.EMPTY, List.of(unknown)));
        }
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(run("dlq", "stats", "-o", "csv").out()).contains("quarantine"));
        Shell.Result list =
                run("dlq", "list", "-o", "json", "--filter", "stage=quarantine,after=1h");
        JsonArray letters = JsonParser.parseString(list.out()).getAsJsonArray();
        assertThat(letters).hasSize(1);
        String id = letters.get(0).getAsJsonObject().get("id").getAsString();
        assertThat(run("dlq", "show", id).out())
                .contains("stage         quarantine")
                .contains("IgFhwj4DYWJj");
        Shell.Result replay = run("dlq", "replay", "--filter", "id=" + id, "-o", "csv");
        assertThat(replay.out()).isEqualTo("matched,replayed,failed,came_back\n1,0,1,0\n");
        assertThat(replay.exitCode()).isEqualTo(1);
        assertThat(run("dlq", "purge").exitCode()).isEqualTo(2);
        assertThat(run("dlq", "purge", "--all", "--dry-run").out())
                .isEqualTo("1 would be purged\n");
        assertThat(run("dlq", "purge", "--filter", "state=parked").out()).isEqualTo("1 purged\n");
        assertThat(run("dlq", "list", "-o", "json").out()).isEqualTo("[]\n");
        assertThat(run("dlq", "show", "99").exitCode()).isEqualTo(64 + 5);
        assertThat(run("dlq", "list", "--filter", "stgae=x").err())
                .contains("Did you mean: stage?");
    }

    @Test
    void tells_health_and_drains() {
        assertThat(run("health").out()).isEqualTo("SERVING\n");
        assertThat(run("health", "no.such.Service").exitCode()).isEqualTo(64 + 5);
        assertThat(run("drain").out()).isEqualTo("DRAINING\n");
        assertThat(run("health").exitCode()).isEqualTo(1);
        assertThat(run("drain", "--undo").out()).isEqualTo("SERVING\n");
        assertThat(run("health").exitCode()).isZero();
        assertThat(run("status").out()).startsWith("SERVING, version ").contains("route warehouse");
        assertThat(run("drain", "--stop", "--undo").exitCode()).isEqualTo(2);
    }

    @Test
    void measures_ingestion() {
        Shell.Result bench =
                run(
                        "bench",
                        "ingest",
                        "--seconds",
                        "1",
                        "--warm-up",
                        "0",
                        "--batch",
                        "10",
                        "-o",
                        "json");
        assertThat(bench.err()).isEmpty();
        assertThat(number(bench, "events_per_second")).isGreaterThan(100);
        assertThat(number(bench, "failures")).isZero();
        assertThat(number(bench, "p50_ms")).isLessThanOrEqualTo(number(bench, "p99_ms"));
        Shell.Result stream =
                run(
                        "bench",
                        "ingest",
                        "--mode",
                        "stream",
                        "--seconds",
                        "1",
                        "--warm-up",
                        "0",
                        "-o",
                        "json");
        assertThat(number(stream, "events_per_second")).isGreaterThan(100);
        Shell.Result open =
                run(
                        "bench",
                        "ingest",
                        "--rate",
                        "1000",
                        "--batch",
                        "10",
                        "--seconds",
                        "1",
                        "--warm-up",
                        "1",
                        "-o",
                        "json");
        assertThat(number(open, "events_per_second")).isBetween(500.0, 1_010.0);
        assertThat(number(open, "failures")).isZero();
    }

    private static double number(Shell.Result result, String key) {
        return JsonParser.parseString(result.out())
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject()
                .get(key)
                .getAsDouble();
    }

    @Test
    void inspects_verifies_and_repairs_the_log() throws Exception {
        String data = folder.resolve("data").toString();
        for (int i = 0; i < 20; i++) {
            run("send", "LaunchEvent", "referrer=" + "r".repeat(5_000));
        }
        assertThat(run("journal", "inspect", data, "-o", "csv").out()).contains(".segment,0,");
        Shell.Result inUse = run("journal", "repair", data);
        assertThat(inUse.exitCode()).isEqualTo(1);
        assertThat(inUse.err()).contains("wirebrook drain --stop");
        server.close();
        assertThat(run("journal", "verify", data).out()).startsWith("20 records from position 0 ");

        damageFirstSegment();
        Shell.Result damaged = run("journal", "verify", data);
        assertThat(damaged.exitCode()).isEqualTo(1);
        assertThat(damaged.err()).contains("damaged: ");
        Shell.Result refused = run("journal", "repair", data);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("--skip-damage");
        Shell.Result repaired = run("journal", "repair", "--skip-damage", data);
        assertThat(repaired.exitCode()).isZero();
        assertThat(repaired.out()).startsWith("1 damaged stretches").contains("saved aside: ");
        assertThat(run("journal", "verify", data).exitCode()).isZero();
        assertThat(run("journal", "inspect", "nowhere").exitCode()).isEqualTo(2);
    }

    private void damageFirstSegment() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("data").resolve("journal"))) {
            Path segment =
                    files.filter(file -> file.toString().endsWith(".segment"))
                            .sorted()
                            .findFirst()
                            .orElseThrow();
            try (var channel = Files.newByteChannel(segment, StandardOpenOption.WRITE)) {
                channel.position(30_000);
                channel.write(java.nio.ByteBuffer.wrap(new byte[] {1, 2, 3}));
            }
        }
    }
}
