package dev.wirebrook.cli.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.wirebrook.app.RunningServer;
import dev.wirebrook.cli.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class MarketCommandsIT {
    @TempDir Path folder;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = Shell.startServer(folder.resolve("data"), 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Shell shell() {
        return new Shell(folder)
                .with("WIREBROOK_SERVER", "127.0.0.1:" + server.grpcAddress().getPort());
    }

    private Shell.Result run(String... args) {
        return shell().run(args);
    }

    @Test
    void what_is_published_can_be_read_by_name_and_by_number() {
        Shell.Result published =
                run(
                        "market",
                        "publish",
                        "13",
                        "symbol=TCS",
                        "exchange=NSE",
                        "ltp=3520.5",
                        "exchangeTime=2026-01-31T12:00:00Z");
        assertThat(published.err()).isEmpty();
        assertThat(published.out()).isEqualTo("1 update accepted\n");
        // What is left out stays.
        assertThat(run("market", "publish", "TCS", "bid=3520").exitCode()).isZero();
        Shell.Result csv = run("market", "get", "TCS", "13", "-o", "csv");
        assertThat(csv.exitCode()).isZero();
        assertThat(csv.out().lines().skip(1))
                .hasSize(2)
                .allMatch(line -> line.startsWith("13,TCS,NSE,3520.5,3520,,,,,,,,20"));
        assertThat(run("market", "get", "13").out()).contains("symbol").contains("3520.5");
        JsonObject json =
                JsonParser.parseString(run("market", "get", "13", "-o", "json").out())
                        .getAsJsonArray()
                        .get(0)
                        .getAsJsonObject();
        assertThat(json.get("bid").getAsDouble()).isEqualTo(3520);
        assertThat(json.get("ask").isJsonNull()).isTrue();
    }

    @Test
    void a_symbol_that_has_none_is_told_beside_those_that_have_one() {
        run("market", "publish", "A", "ltp=1");
        Shell.Result got = run("market", "get", "B", "A", "7", "-o", "csv");
        assertThat(got.exitCode()).isEqualTo(1);
        assertThat(got.out().lines()).hasSize(2).last().asString().startsWith("1,A,");
        assertThat(got.err()).contains("B").contains("7").contains("wirebrook market publish");
    }

    @Test
    void what_is_wrong_is_told_with_what_would_be_right() {
        assertThat(run("market", "publish", "A").err())
                .contains("wirebrook market publish A ltp=PRICE");
        Shell.Result field = run("market", "publish", "A", "bit=1");
        assertThat(field.exitCode()).isEqualTo(2);
        assertThat(field.err()).contains("bit").contains("Did you mean: bid?");
        assertThat(run("market", "publish", "A", "ltp=cheap").err())
                .isEqualTo("error: \"cheap\" is not a number (field ltp)\n");
        assertThat(run("market", "publish", "A", "exchange_time=noon").err())
                .contains("2026-01-31T12:00:00Z");
        assertThat(run("market", "publish", "0", "ltp=1").exitCode()).isEqualTo(2);
        Shell.Result rejected = run("market", "publish", "A", "volume=-1");
        assertThat(rejected.exitCode()).isEqualTo(1);
        assertThat(rejected.err()).contains("rejected").contains("volume");
        assertThat(run("market", "watch").err()).contains("wirebrook market watch --all");
        assertThat(run("market", "watch", "A", "--all").exitCode()).isEqualTo(2);
        assertThat(run("market", "replay", "x.csv", "--speed", "fast").err()).contains("100x");
    }

    @Test
    void lines_of_json_are_published_and_the_wrong_ones_named() {
        Shell.Result published =
                shell().input(
                                """
                                {"symbol": "A", "ltp": 1.5, "depth": {"bids": [{"price": 1, "quantity": 2}]}}

                                {"symbol": "B", "volume": -1}
                                {"symbol": "B", "ltp": 2.5}
                                """)
                        .run("market", "publish", "-");
        assertThat(published.exitCode()).isEqualTo(1);
        assertThat(published.err()).startsWith("line 3: ").contains("volume");
        assertThat(published.out()).isEqualTo("2 updates accepted, 1 rejected\n");
        assertThat(run("market", "get", "A", "B", "-o", "csv").out())
                .contains("1.5")
                .contains("2.5");
        Shell.Result broken = shell().input("{\"symbol\": \"A\"\n").run("market", "publish", "-");
        assertThat(broken.exitCode()).isEqualTo(2);
        assertThat(broken.err()).contains("line 1");
    }

    @Test
    void a_file_is_replayed_at_its_pace_and_a_wrong_row_ends_it() throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("prices.csv"),
                        """
                        ts_ms,symbol,open,high,low,close,volume,bid,ask
                        1000,A,1,2,0.5,1.5,,1.4,1.6
                        31000,B,,,,7,100,,
                        61000,A,,,,1.7,5,,
                        """);
        long startNanos = System.nanoTime();
        Shell.Result replayed = run("market", "replay", file.toString(), "--speed", "200x");
        assertThat(replayed.exitCode()).as(replayed.err()).isZero();
        assertThat(System.nanoTime() - startNanos).isGreaterThanOrEqualTo(300_000_000L);
        assertThat(replayed.out()).startsWith("3 updates accepted; 2 symbols, ");
        assertThat(run("market", "get", "A", "B", "-o", "csv").out().lines().skip(1))
                .containsExactly(
                        "1,A,,1.7,1.4,1.6,1,2,0.5,1.7,5,,1970-01-01T00:01:01Z,3",
                        "2,B,,7,,,,,,7,100,,1970-01-01T00:00:31Z,2");

        Files.writeString(file, "ts_ms,symbol,close\n62000,A,9\n63000,A,dear\n");
        Shell.Result wrong = run("market", "replay", file.toString(), "--speed", "max");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("row 2: close: \"dear\" is not a number");
        assertThat(run("market", "get", "A", "-o", "csv").out()).contains(",9,");
        Files.writeString(file, "time,symbol\n1,A\n");
        assertThat(run("market", "replay", file.toString()).err()).contains("no column ts_ms");
    }

    @Test
    void a_watch_shows_each_update_on_a_line_where_nothing_can_be_redrawn() throws Exception {
        run("market", "publish", "A", "ltp=1");
        CompletableFuture<Shell.Result> json =
                CompletableFuture.supplyAsync(
                        () -> run("market", "watch", "A", "--every", "--limit", "3", "-o", "json"));
        // B has no number yet: it is asked for again until it has.
        CompletableFuture<Shell.Result> plain =
                CompletableFuture.supplyAsync(() -> run("market", "watch", "B", "--limit", "1"));
        await().until(() -> {
            run("market", "publish", "A", "ltp=2");
            run("market", "publish", "B", "ltp=3");
            return json.isDone() && plain.isDone();
        });
        assertThat(json.get().exitCode()).isZero();
        List<String> lines = json.get().out().lines().toList();
        assertThat(lines).hasSize(3);
        JsonObject first = JsonParser.parseString(lines.getFirst()).getAsJsonObject();
        assertThat(first.get("symbol").getAsString()).isEqualTo("A");
        assertThat(plain.get().out()).contains("symbol=B ltp=3 ");
    }

    @Test
    void snapshots_come_in_the_order_asked_for_and_in_json_with_their_depth() {
        shell().input(
                        """
                        {"symbol": "A", "ltp": 1}
                        {"symbol": "B", "ltp": 2, "depth": {"bids": [{"price": 1.5, "quantity": 2, "orders": 3}]}}
                        {"symbol": "C", "ltp": 3}
                        """)
                .run("market", "publish", "-");
        assertThat(run("market", "get", "C", "2", "A", "1", "-o", "csv").out().lines().skip(1))
                .extracting(line -> line.substring(0, 3))
                .containsExactly("3,C", "2,B", "1,A", "1,A");
        JsonArray json =
                JsonParser.parseString(run("market", "get", "B", "A", "-o", "json").out())
                        .getAsJsonArray();
        assertThat(json.get(0).getAsJsonObject().get("depth"))
                .isEqualTo(
                        JsonParser.parseString(
                                "{\"bids\": [{\"price\": 1.5, \"quantity\": 2.0, \"orders\": 3}], \"asks\": []}"));
        assertThat(json.get(1).getAsJsonObject().get("depth").isJsonNull()).isTrue();
    }

    private Shell.Result replay(String content, String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("prices.csv"), content);
        List<String> words = new ArrayList<>(List.of("market", "replay", file.toString()));
        words.addAll(List.of("--speed", "max"));
        words.addAll(List.of(options));
        return run(words.toArray(String[]::new));
    }

    @Test
    void every_column_of_a_replay_is_published_and_one_that_is_not_is_named() throws IOException {
        Shell.Result replayed =
                replay(
                        """
                        ts_us, symbol, exchange, ltp, close, open_interest, note
                        1700000000123456, TCS, NSE, 5.5, 5, 7, x
                        1700000000123457, TCS , , , 6, 8,
                        """);
        assertThat(replayed.exitCode()).as(replayed.err()).isZero();
        assertThat(replayed.err()).contains("columns that are not published: note");
        assertThat(run("market", "get", "TCS", "-o", "csv").out())
                .contains("1,TCS,NSE,5.5,,,,,,6,,8,2023-11-14T22:13:20.123457Z,2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1700000000123456", "9223372036854775807", "1.5", "-99999999999999999"})
    void a_time_in_another_unit_is_explained(String time) throws IOException {
        Shell.Result replayed = replay("ts_ms,symbol,close\n" + time + ",A,1\n");
        assertThat(replayed.exitCode()).isEqualTo(2);
        assertThat(replayed.err()).contains("row 1: ts_ms", time, "expected milliseconds");
    }

    @Test
    void an_old_file_can_be_replayed_as_if_it_happened_now() throws IOException {
        run("market", "publish", "A", "ltp=1");
        String old = "ts_ms,symbol,close\n1000,A,2\n2000,A,3\n";
        Shell.Result rejected = replay(old);
        assertThat(rejected.exitCode()).isEqualTo(1);
        assertThat(rejected.err()).contains("row 1", "exchange_time");
        Shell.Result shifted = replay(old, "--shift-to-now");
        assertThat(shifted.exitCode()).as(shifted.err()).isZero();
        assertThat(run("market", "get", "A", "-o", "csv").out()).contains("1,A,,3,");
    }

    @Test
    void a_symbol_with_a_wrong_time_is_reset() {
        Instant ahead = Instant.now().plusSeconds(7_200).truncatedTo(ChronoUnit.SECONDS);
        assertThat(run("market", "publish", "A", "ltp=1", "exchange_time=" + ahead).exitCode())
                .isZero();
        String now = "exchange_time=" + Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Shell.Result late = run("market", "publish", "A", "ltp=2", now);
        assertThat(late.exitCode()).isEqualTo(1);
        assertThat(late.err()).contains("wirebrook market reset");
        Shell.Result reset = run("market", "reset", "A");
        assertThat(reset.exitCode()).as(reset.err()).isZero();
        assertThat(run("market", "get", "1", "-o", "csv").out()).contains("1,A,,,,,,,,,,,,2");
        assertThat(run("market", "publish", "A", "ltp=2", now).exitCode()).isZero();
        assertThat(run("market", "reset", "B").err()).contains("'B'");
    }
}
