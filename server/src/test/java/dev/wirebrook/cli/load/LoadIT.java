package dev.wirebrook.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wirebrook.app.RunningServer;
import dev.wirebrook.cli.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class LoadIT {
    @TempDir Path folder;

    private RunningServer server;
    private int port;

    @BeforeEach
    void start() {
        server = Shell.startServer(folder.resolve("data"), 0);
        port = server.grpcAddress().getPort();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Shell.Result run(String... args) {
        return new Shell(folder.resolve("state"))
                .with("WIREBROOK_SERVER", "127.0.0.1:" + port)
                .run(args);
    }

    private String sql(String query) {
        return run("sql", "-o", "csv", query).out().replaceFirst("^[^\n]*\n", "").strip();
    }

    private Path carts(int rows) throws Exception {
        return Files.writeString(
                folder.resolve("carts.csv"),
                IntStream.rangeClosed(1, rows)
                        .mapToObj(i -> "p%d,%d,%d.5,%d\n".formatted(i, i % 9, i % 50, i % 7))
                        .collect(Collectors.joining("", "productId,quantity,price,userId\n", "")));
    }

    private List<Path> states() throws Exception {
        if (!Files.exists(folder.resolve("state"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder.resolve("state"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void a_file_that_is_loaded_twice_is_stored_once() throws Exception {
        String file = carts(5_000).toString();
        Shell.Result first = run("load", file, "--type", "AddToCartEvent");
        assertThat(first.err()).isEmpty();
        assertThat(first.exitCode()).isZero();
        assertThat(first.out())
                .contains("5,000 events of type AddToCartEvent")
                .containsPattern("accepted +5,000\n")
                .contains("stored and ready to query");
        assertThat(
                        sql(
                                "select count(*), count(distinct user_id), sum(quantity) from add_to_cart_event"))
                .isEqualTo("5000,7,19995");
        Shell.Result second = run("load", file, "--type", "AddToCartEvent");
        assertThat(second.out())
                .containsPattern("accepted +0\n")
                .containsPattern("duplicate +5,000\n");
        assertThat(sql("select count(*) from add_to_cart_event")).isEqualTo("5000");
        assertThat(states()).isEmpty();

        // What is told apart: another mapping is another load.
        run("load", file, "--type", "AddToCartEvent", "--map", "productId=productId");
        assertThat(sql("select count(*) from add_to_cart_event")).isEqualTo("10000");
    }

    @Test
    void bad_rows_are_listed_and_cost_no_other() throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("rows.csv"),
                        "productId,price,timestamp\na,1,2026-01-01\nb,cheap,2026-01-01\nc,2\nd,3,2026-01-01\n"
                                + "x".repeat(300)
                                + ",4,2026-01-01\n");
        Path bad = folder.resolve("bad.csv");
        Shell.Result load =
                run(
                        "load",
                        file.toString(),
                        "--type",
                        "AddToCartEvent",
                        "--map",
                        "productId=productId",
                        "--map",
                        "price=price",
                        "--map",
                        "id=productId",
                        "--bad-rows",
                        bad.toString());
        assertThat(load.exitCode()).isEqualTo(1);
        assertThat(load.out())
                .containsPattern("accepted +2\n")
                .containsPattern("rejected +1\n")
                .containsPattern("bad rows +2\n");
        assertThat(load.err())
                .contains("row 2, column price: \"cheap\" is not a number (field price, double)")
                .contains("row 3, has 2 fields, the header 3")
                .contains("row 5, rejected: events[");
        assertThat(Files.readString(bad)).startsWith("row,reason\n2,").contains("\n5,");

        Shell.Result strict = run("load", file.toString(), "--type", "AddToCartEvent", "--strict");
        assertThat(strict.exitCode()).isEqualTo(1);
        assertThat(strict.err()).contains("error: row 2, column price");
    }

    @Test
    void groups_become_events() throws Exception {
        String file = carts(700).toString();
        Shell.Result load =
                run(
                        "load",
                        file,
                        "--type",
                        "CompletePurchaseEvent",
                        "--group-by",
                        "userId",
                        "--map",
                        "orderId=userId",
                        "--map",
                        "totalAmount=sum(quantity*price)",
                        "--header",
                        "userId=userId",
                        "-o",
                        "json");
        assertThat(load.err()).isEmpty();
        assertThat(load.out()).contains("\"events\": 7,").contains("\"accepted\": 7,");
        double total =
                IntStream.rangeClosed(1, 700).mapToDouble(i -> (i % 9) * (i % 50 + 0.5)).sum();
        assertThat(sql("select count(*), sum(total_amount) from complete_purchase_event"))
                .isEqualTo("7,%.0f".formatted(total));
    }

    @Test
    void json_lines_and_standard_input_go_in_too() {
        Shell shell =
                new Shell(folder.resolve("state"))
                        .with("WIREBROOK_SERVER", "127.0.0.1:" + port)
                        .input("{\"sku\": {\"id\": \"a\"}, \"at\": 1291191960}\n");
        Shell.Result load =
                shell.run(
                        "load",
                        "-",
                        "--format",
                        "jsonl",
                        "--type",
                        "AddToCartEvent",
                        "--map",
                        "productId=sku.id",
                        "--map",
                        "timestamp=at");
        assertThat(load.err()).isEmpty();
        assertThat(sql("select product_id, event_time from add_to_cart_event"))
                .isEqualTo("a,2010-12-01T08:26:00Z");
    }

    @Test
    void a_dry_run_shows_and_sends_nothing() throws Exception {
        Shell.Result dry =
                run("load", carts(10).toString(), "--type", "AddToCartEvent", "--dry-run");
        assertThat(dry.exitCode()).isZero();
        assertThat(dry.out().lines()).hasSize(3);
        assertThat(dry.out()).contains("\"productId\":\"p1\"");
        assertThat(dry.err())
                .contains("productId = productId")
                .contains("10 events, 0 bad rows; nothing was sent");
        assertThat(sql("select count(*) from events")).isEqualTo("0");
    }

    @Test
    void what_cannot_be_is_told_at_once() throws Exception {
        String file = carts(1).toString();
        assertThat(run("load", "nothing.csv", "--type", "AddToCartEvent").err())
                .isEqualTo("error: nothing.csv: there is no such file\n");
        assertThat(run("load", file, "--type", "AddToCartEvent", "--map", "price=prise").err())
                .contains("the file has no column prise")
                .contains("Did you mean: price?");
        assertThat(run("load", file, "--type", "AddToCartEvent", "--map", "price=price+").err())
                .contains("field price: expected a column")
                .contains("\n  price+\n        ^");
        assertThat(run("load", file, "--type", "LaunchEvent", "--map", "price").exitCode())
                .isEqualTo(2);
        assertThat(run("load", file).exitCode()).isEqualTo(2);
    }

    @Test
    void survives_a_restart_of_the_server() throws Exception {
        String file = carts(20_000).toString();
        CompletableFuture<Shell.Result> load =
                CompletableFuture.supplyAsync(
                        () -> run("load", file, "--type", "AddToCartEvent", "--rate", "8000"));
        Awaitility.await().until(() -> !sql("select count(*) from events").equals("0"));
        server.close();
        server = Shell.startServer(folder.resolve("data"), port);
        assertThat(load.get().exitCode()).as(load.get().err()).isZero();
        assertThat(sql("select count(*), count(distinct event_id) from add_to_cart_event"))
                .isEqualTo("20000,20000");
    }

    @Test
    void goes_on_where_it_stopped_when_the_server_went_away() throws Exception {
        String file = carts(20_000).toString();
        CompletableFuture<Shell.Result> load =
                CompletableFuture.supplyAsync(() ->
                        run(
                                "load",
                                file,
                                "--type",
                                "AddToCartEvent",
                                "--rate",
                                "8000",
                                "--patience",
                                "0"));
        Awaitility.await().until(() -> !sql("select count(*) from events").equals("0"));
        server.close();
        assertThat(load.get().exitCode()).isEqualTo(64 + 14);
        assertThat(load.get().err()).contains("the same command goes on from there");
        assertThat(states()).hasSize(1);
        server = Shell.startServer(folder.resolve("data"), port);
        Shell.Result rest = run("load", file, "--type", "AddToCartEvent");
        assertThat(rest.exitCode()).as(rest.err()).isZero();
        assertThat(rest.err()).contains("Going on behind row ");
        assertThat(rest.out()).doesNotContain("20,000 events");
        assertThat(sql("select count(*), count(distinct event_id) from add_to_cart_event"))
                .isEqualTo("20000,20000");
        assertThat(states()).isEmpty();
    }

    @Test
    void a_shops_year_of_invoices_adds_up() {
        Optional<Path> retail = retail();
        assumeTrue(retail.isPresent(), "no folder of real data beside this one");
        String file = retail.orElseThrow().toString();
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                "load",
                                file,
                                "--type",
                                "AddToCartEvent",
                                "--map",
                                "productId=StockCode",
                                "--map",
                                "productName=Description",
                                "--map",
                                "price=UnitPrice",
                                "--map",
                                "quantity=Quantity",
                                "--map",
                                "timestamp=InvoiceDate",
                                "--header",
                                "userId=CustomerID",
                                "--header",
                                "sessionId=InvoiceNo"));
        Shell.Result carts = run(lines.toArray(String[]::new));
        assertThat(carts.exitCode()).as(carts.err()).isZero();
        Shell.Result purchases =
                run(
                        "load",
                        file,
                        "--type",
                        "CompletePurchaseEvent",
                        "--group-by",
                        "InvoiceNo",
                        "--map",
                        "orderId=InvoiceNo",
                        "--map",
                        "totalAmount=sum(Quantity*UnitPrice)",
                        "--map",
                        "timestamp=InvoiceDate",
                        "--header",
                        "userId=CustomerID",
                        "--header",
                        "sessionId=InvoiceNo");
        assertThat(purchases.exitCode()).as(purchases.err()).isZero();
        assertThat(
                        sql(
                                "select count(*), round(sum(price*quantity), 2), count(distinct nullif(user_id, 0)) from add_to_cart_event"))
                .isEqualTo("541909,9747747.93,4372");
        assertThat(sql("select count(*), round(sum(total_amount), 2) from complete_purchase_event"))
                .isEqualTo("25900,9747747.93");
        assertThat(sql("select min(event_time), max(event_time) from events"))
                .isEqualTo("2010-12-01T08:26:00Z,2011-12-09T12:50:00Z");
        assertThat(
                        sql(
                                "select product_name, round(sum(price*quantity), 2) from add_to_cart_event"
                                        + " group by 1 order by 2 desc limit 3"))
                .isEqualTo(
                        "DOTCOM POSTAGE,206245.48\nREGENCY CAKESTAND 3 TIER,164762.19\nWHITE HANGING HEART T-LIGHT HOLDER,99668.47");
        assertThat(run(lines.toArray(String[]::new)).out())
                .containsPattern("accepted +0\n")
                .containsPattern("duplicate +541,909\n");
    }

    /** Beside the repository, or where the variable says. */
    private static Optional<Path> retail() {
        String named = System.getenv("WIREBROOK_TEST_DATA");
        Path data = named == null ? Path.of("..", "..", "shared", "data") : Path.of(named);
        return Optional.of(data.resolve("events").resolve("online_retail.csv.gz"))
                .filter(Files::exists);
    }
}
