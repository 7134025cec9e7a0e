package dev.wirebrook.bench.events;

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.query.QuerySettings;
import com.clickhouse.data.ClickHouseFormat;
import dev.wirebrook.bench.Median;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.clickhouse.ClickHouseSettings;
import dev.wirebrook.events.clickhouse.ClickHouseWarehouse;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The ClickHouse sink beside the client that it uses: from one thread, wire bytes of AddToCart
 * events through the sink, and the same rows from memory, encoded beforehand, by the client alone
 * into a table of the same kind. Rounds of either alternate; medians are told.
 *
 * <p>Arguments: URL, process id of the server, rows a batch (50000), batches a round (20), rounds
 * (7) after three that are not counted.
 */
public final class ClickHouseBench {
    private static final String DATABASE = "bench";
    private static final String TABLE = "bench.add_to_cart_event";
    private static final String PEER = "bench.peer";
    private static final int WARM_UP_ROUNDS = 3;

    private final Client client;
    private final EventSink sink;
    private final CartBatches batches;
    private final ProcessHandle server;
    private final int rowsPerBatch;
    private final int batchesPerRound;

    private interface Batch {
        void store() throws Exception;
    }

    /**
     * What a round took.
     *
     * @param clientCpu this process' processor time
     */
    private record Round(Duration elapsed, Duration clientCpu, Duration serverCpu) {}

    private ClickHouseBench(
            Client client,
            EventSink sink,
            CartBatches batches,
            ProcessHandle server,
            int rowsPerBatch,
            int batchesPerRound) {
        this.client = client;
        this.sink = sink;
        this.batches = batches;
        this.server = server;
        this.rowsPerBatch = rowsPerBatch;
        this.batchesPerRound = batchesPerRound;
    }

    public static void main(String[] arguments) throws Exception {
        URI url = URI.create(arguments[0]);
        ProcessHandle server = ProcessHandle.of(Long.parseLong(arguments[1])).orElseThrow();
        int rowsPerBatch = argument(arguments, 2, 50_000);
        int batchesPerRound = argument(arguments, 3, 20);
        int rounds = argument(arguments, 4, 7);
        CartBatches batches = new CartBatches(rowsPerBatch, 100, 1);
        try (Client client =
                        new Client.Builder()
                                .addEndpoint(url.toString())
                                .setUsername("default")
                                .setPassword("")
                                .compressClientRequest(true)
                                .compressServerResponse(false)
                                .build();
                ClickHouseWarehouse warehouse =
                        new ClickHouseWarehouse(
                                batches.catalog(),
                                ClickHouseSettings.of(url, DATABASE),
                                UUID.randomUUID().toString())) {
            new ClickHouseBench(
                            client,
                            warehouse.sink(batches.route()),
                            batches,
                            server,
                            rowsPerBatch,
                            batchesPerRound)
                    .run(rounds);
        }
    }

    private static int argument(String[] arguments, int index, int otherwise) {
        return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
    }

    private void run(int rounds) throws Exception {
        throughTheSink();
        byte[] rows = storedRows();
        List<String> columns =
                answer(
                                "SELECT concat('`', name, '`') FROM system.columns WHERE database = 'bench'"
                                        + " AND table = 'add_to_cart_event' AND name != 'event_type'"
                                        + " ORDER BY position")
                        .lines()
                        .toList();
        execute("CREATE TABLE " + PEER + " AS " + TABLE);
        System.out.printf(
                "%d rows a batch, %d bytes a row as the client sends them (before LZ4)%n",
                rowsPerBatch, rows.length / rowsPerBatch);
        List<Round> alone = new ArrayList<>();
        List<Round> sinks = new ArrayList<>();
        for (int i = 0; i < WARM_UP_ROUNDS + rounds; i++) {
            Round peer = round(PEER, () -> insert(columns, rows));
            Round own = round(TABLE, this::throughTheSink);
            if (i >= WARM_UP_ROUNDS) {
                alone.add(peer);
                sinks.add(own);
            }
        }
        double peer = report("client alone", alone);
        double own = report("sink", sinks);
        System.out.printf("sink / client alone: %.0f %%%n", 100 * own / peer);
    }

    private Round round(String table, Batch batch) throws Exception {
        execute("TRUNCATE TABLE " + table);
        Duration clientBefore = cpu(ProcessHandle.current());
        Duration serverBefore = cpu(server);
        long start = System.nanoTime();
        for (int i = 0; i < batchesPerRound; i++) {
            batch.store();
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        Round round =
                new Round(
                        elapsed,
                        cpu(ProcessHandle.current()).minus(clientBefore),
                        cpu(server).minus(serverBefore));
        String stored = answer("SELECT count() FROM " + table);
        if (Long.parseLong(stored) != (long) rowsPerBatch * batchesPerRound) {
            throw new IllegalStateException(stored + " rows are in " + table);
        }
        return round;
    }

    private void throughTheSink() {
        FrozenBatch batch = batches.next(sink.progress().cursor());
        SinkResult result = sink.write(batch);
        if (!(result instanceof SinkResult.Stored)) {
            throw new IllegalStateException(result.toString());
        }
    }

    private void insert(List<String> columns, byte[] rows) throws Exception {
        InsertSettings settings =
                new InsertSettings().setDeduplicationToken(UUID.randomUUID().toString());
        settings.serverSetting("insert_allow_materialized_columns", "1");
        try (InsertResponse response =
                client.insert(
                                PEER,
                                columns,
                                out -> {
                                    out.write(rows);
                                    out.close();
                                },
                                ClickHouseFormat.RowBinaryWithNamesAndTypes,
                                settings)
                        .get(1, TimeUnit.MINUTES)) {
            assert response != null;
        }
    }

    /** As the server shows them, which is as it takes them; the sink leaves the type's name out. */
    private byte[] storedRows() throws Exception {
        QuerySettings settings =
                new QuerySettings().setFormat(ClickHouseFormat.RowBinaryWithNamesAndTypes);
        settings.serverSetting("asterisk_include_materialized_columns", "1");
        return bytes("SELECT * EXCEPT (event_type) FROM " + TABLE, settings);
    }

    private void execute(String sql) throws Exception {
        bytes(sql, new QuerySettings());
    }

    private String answer(String sql) throws Exception {
        QuerySettings settings = new QuerySettings().setFormat(ClickHouseFormat.TabSeparated);
        return new String(bytes(sql, settings), StandardCharsets.UTF_8).strip();
    }

    private byte[] bytes(String sql, QuerySettings settings) throws Exception {
        try (InputStream answer =
                client.query(sql, Map.of(), settings).get(1, TimeUnit.MINUTES).getInputStream()) {
            return answer.readAllBytes();
        }
    }

    private static Duration cpu(ProcessHandle process) {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private double report(String name, List<Round> rounds) {
        double rows = (double) rowsPerBatch * batchesPerRound;
        double rate = Median.of(rounds.stream().mapToDouble(r -> rows / seconds(r.elapsed())));
        System.out.printf(
                "%-14s %,.0f rows/s; processor a row: client %.2f us, server %.2f us%n",
                name,
                rate,
                Median.of(rounds.stream().mapToDouble(r -> 1e6 * seconds(r.clientCpu()) / rows)),
                Median.of(rounds.stream().mapToDouble(r -> 1e6 * seconds(r.serverCpu()) / rows)));
        return rate;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
