package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.wirebrook.LogCollector;
import dev.wirebrook.api.market.v1.Depth;
import dev.wirebrook.api.market.v1.DepthLevel;
import dev.wirebrook.api.market.v1.GetHistoryRequest;
import dev.wirebrook.api.market.v1.GetSnapshotRequest;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.ResumePoint;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server knows of the market when it starts again. */
@Timeout(120)
class MarketRestartIT {
    private static final Map<String, String> SMALL_LOG =
            Map.of(
                    "journal.segment-bytes", "5MiB",
                    "journal.total-bytes-max", "20MiB",
                    "journal.retention-bytes", "0B",
                    "journal.retention-age", "0s");

    @TempDir private Path directory;

    private static MarketDataServiceGrpc.MarketDataServiceBlockingStub market(TestNode server) {
        return MarketDataServiceGrpc.newBlockingStub(server.client().channel())
                .withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static void put(TestNode server, Snapshot.Builder snapshot) {
        assertThat(
                        market(server)
                                .putSnapshots(
                                        PutSnapshotsRequest.newBuilder()
                                                .addSnapshots(snapshot)
                                                .build())
                                .getAccepted())
                .isEqualTo(1);
    }

    private static Snapshot get(TestNode server, int id) {
        return market(server)
                .getSnapshot(GetSnapshotRequest.newBuilder().setSymbolId(id).build())
                .getSnapshot();
    }

    /** Sequences begin anew, and the log keeps times to the microsecond. */
    private static Snapshot value(Snapshot snapshot) {
        Timestamp time = snapshot.getExchangeTime();
        Instant logged =
                Instant.ofEpochSecond(time.getSeconds(), time.getNanos())
                        .truncatedTo(ChronoUnit.MICROS);
        return snapshot.toBuilder()
                .clearSequence()
                .setExchangeTime(
                        Timestamp.newBuilder()
                                .setSeconds(logged.getEpochSecond())
                                .setNanos(logged.getNano()))
                .build();
    }

    private static Depth depth(double price) {
        return Depth.newBuilder()
                .addBids(DepthLevel.newBuilder().setPrice(price).setQuantity(3).setOrders(2))
                .addAsks(DepthLevel.newBuilder().setPrice(price + 1).setQuantity(4))
                .build();
    }

    private static void publish(TestNode server) {
        put(
                server,
                Snapshot.newBuilder()
                        .setSymbolId(13)
                        .setSymbol("RELIANCE")
                        .setExchange("NSE")
                        .setLtp(2_914.5)
                        .setDepth(depth(2_914)));
        put(server, Snapshot.newBuilder().setSymbolId(14).setBid(-1).setVolume(9));
        put(server, Snapshot.newBuilder().setSymbolId(13).setOpen(1).setHigh(3).setLow(0.5));
        put(server, Snapshot.newBuilder().setSymbolId(13).setClose(2).setAsk(7));
    }

    /** On a full disk, for one. The log has what the checkpoint would have. */
    @Test
    void starts_although_no_checkpoint_can_be_written() throws IOException {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            put(server, Snapshot.newBuilder().setSymbolId(1).setLtp(2));
        }
        Files.createDirectories(directory.resolve("market/book.new/in-the-way"));
        try (TestNode server = TestNode.start(directory, Map.of())) {
            assertThat(get(server, 1).getLtp()).isEqualTo(2);
        }
    }

    @Test
    void knows_what_it_knew_when_it_stopped() {
        Snapshot before;
        try (TestNode server = TestNode.start(directory, Map.of())) {
            publish(server);
            before = get(server, 13);
        }
        assertThat(directory.resolve("market/book")).exists();
        try (TestNode server = TestNode.start(directory, Map.of())) {
            assertThat(value(get(server, 13))).isEqualTo(value(before));
            assertThat(get(server, 14).getBid()).isEqualTo(-1);
            put(server, Snapshot.newBuilder().setSymbolId(13).setLtp(1));
            assertThat(get(server, 13).getDepth()).isEqualTo(depth(2_914));
        }
    }

    @Test
    void knows_what_it_acknowledged_before_it_was_killed() throws Exception {
        Path copy = directory.resolve("killed");
        Snapshot first;
        Snapshot second;
        Path data = directory.resolve("data");
        try (TestNode server = TestNode.start(data, Map.of())) {
            publish(server);
        }
        try (TestNode server = TestNode.start(data, Map.of())) {
            put(server, Snapshot.newBuilder().setSymbolId(13).setLtp(4).setDepth(depth(5)));
            put(server, Snapshot.newBuilder().setSymbolId(13).setLtp(6));
            put(server, Snapshot.newBuilder().setSymbolId(15).setSymbol("NEW").setLtp(7));
            first = get(server, 13);
            second = get(server, 15);
            // What a disk holds when the process is gone at this moment.
            copy(data, copy);
        }
        try (TestNode server = TestNode.start(copy, Map.of())) {
            assertThat(value(get(server, 13))).isEqualTo(value(first));
            assertThat(get(server, 13).getDepth()).isEqualTo(depth(5));
            assertThat(value(get(server, 15))).isEqualTo(value(second));
            assertThat(get(server, 14).getVolume()).isEqualTo(9);
        }
    }

    @Test
    void knows_what_it_acknowledged_when_the_log_keeps_nothing_that_was_stored() throws Exception {
        Path data = directory.resolve("data");
        Path copy = directory.resolve("killed");
        Snapshot first;
        try (TestNode server = TestNode.start(data, SMALL_LOG)) {
            publish(server);
            first = get(server, 13);
            fillLog(server);
            copy(data, copy);
        }
        try (LogCollector log = new LogCollector(BookKeeper.class.getName());
                TestNode server = TestNode.start(copy, SMALL_LOG)) {
            assertThat(value(get(server, 13))).isEqualTo(value(first));
            assertThat(get(server, 14).getVolume()).isEqualTo(9);
            assertThat(log.messages()).noneMatch(message -> message.contains("are gone"));
        }
    }

    /** With some 35 MB, more than a small one may have: what that began with is gone. */
    private static void fillLog(TestNode server) {
        AcknowledgedEvents events = new AcknowledgedEvents(server);
        for (int i = 0; i < 300; i++) {
            try {
                events.send();
            } catch (StatusRuntimeException _) {
                events.sendUntilAccepted();
            }
        }
    }

    @Test
    void holds_nothing_of_the_log_while_nothing_is_known() {
        Map<String, String> noRetention =
                Map.of(
                        "journal.segment-bytes", "5MiB",
                        "journal.retention-age", "0s",
                        "events.idempotency.ids-max", "1000");
        try (TestNode server = TestNode.start(directory, noRetention)) {
            fillLog(server);
            await().atMost(Duration.ofSeconds(20))
                    .until(() ->
                            server.client().admin().status().getJournal().getStartPosition() > 0);
        }
    }

    @Test
    void a_start_without_market_data_reads_only_the_log_since_the_last_checkpoint()
            throws Exception {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            fillLog(server);
            long end = server.client().admin().status().getJournal().getDurablePosition();
            assertThat(end).isGreaterThan(30L << 20);
        }
        assertThat(checkpointPosition()).isGreaterThan(30L << 20);
        try (TestNode server = TestNode.start(directory, Map.of())) {
            assertThat(server.metric("wirebrook_market_symbols")).isZero();
            fillLog(server);
            fillLog(server);
            // While the server runs, too: it may be killed.
            await().atMost(Duration.ofSeconds(20)).until(() -> checkpointPosition() > 64L << 20);
        }
    }

    private long checkpointPosition() throws IOException {
        return new CheckpointFile(directory.resolve("market/book"))
                .read()
                .orElseThrow()
                .getLogPosition();
    }

    @Test
    void says_so_when_the_log_behind_the_checkpoint_is_gone() throws IOException {
        try (TestNode server = TestNode.start(directory, SMALL_LOG)) {
            publish(server);
            fillLog(server);
        }
        CheckpointFile file = new CheckpointFile(directory.resolve("market/book"));
        file.write(file.read().orElseThrow().toBuilder().setLogPosition(0).build());
        try (LogCollector log = new LogCollector(BookKeeper.class.getName());
                TestNode server = TestNode.start(directory, SMALL_LOG)) {
            assertThat(log.messages())
                    .anyMatch(message ->
                            message.contains("bytes of the log are gone")
                                    && message.contains("publish every snapshot anew"));
            assertThat(get(server, 14).getVolume()).isEqualTo(9);
        }
    }

    @Test
    void a_log_that_keeps_no_past_has_a_checkpoint_every_few_seconds() throws Exception {
        // Nobody listens there: an update is known, and not acknowledged.
        Map<String, String> onRabbit =
                Map.of("events.log", "rabbitmq", "rabbitmq.url", "amqp://127.0.0.1:1");
        Path data = directory.resolve("data");
        Path copy = directory.resolve("killed");
        try (TestNode server = TestNode.start(data, onRabbit)) {
            var _ =
                    MarketDataServiceGrpc.newFutureStub(server.client().channel())
                            .putSnapshots(
                                    PutSnapshotsRequest.newBuilder()
                                            .addSnapshots(
                                                    Snapshot.newBuilder().setSymbolId(13).setLtp(1))
                                            .build());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> Files.exists(data.resolve("market/book")));
            copy(data, copy);
        }
        try (TestNode server = TestNode.start(copy, onRabbit)) {
            assertThat(get(server, 13).getLtp()).isEqualTo(1);
        }
    }

    @Test
    void does_not_start_with_room_for_fewer_symbols_than_it_knows() {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            publish(server);
        }
        assertThatThrownBy(() -> TestNode.start(directory, Map.of("market.symbols-max", "1")))
                .hasStackTraceContaining("2 symbols are known from before")
                .hasStackTraceContaining("raise market.symbols-max");
        try (TestNode server = TestNode.start(directory, Map.of("market.symbols-max", "2"))) {
            assertThat(get(server, 13).getLtp()).isEqualTo(2_914.5);
            assertThat(get(server, 14).getVolume()).isEqualTo(9);
        }
    }

    @Test
    void takes_more_updates_in_a_call_than_a_batch_of_events_may_have() throws Exception {
        Map<String, String> smallBatches =
                Map.of("events.batch-events-max", "2", "events.batch-bytes-max", "1KiB");
        Path data = directory.resolve("data");
        Path copy = directory.resolve("killed");
        try (TestNode server = TestNode.start(data, smallBatches)) {
            PutSnapshotsRequest.Builder request = PutSnapshotsRequest.newBuilder();
            for (int id = 1; id <= 25; id++) {
                request.addSnapshots(Snapshot.newBuilder().setSymbolId(id).setLtp(id));
            }
            assertThat(market(server).putSnapshots(request.build()).getAccepted()).isEqualTo(25);
            copy(data, copy);
        }
        try (TestNode server = TestNode.start(copy, smallBatches)) {
            for (int id = 1; id <= 25; id++) {
                assertThat(get(server, id).getLtp()).isEqualTo(id);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) throws IOException {
                        Files.createDirectories(to.resolve(from.relativize(folder)));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        // The warehouse is filled from the log again.
                        if (!file.getFileName().toString().startsWith("warehouse")) {
                            Files.copy(file, to.resolve(from.relativize(file)));
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    @Test
    void who_comes_back_after_a_restart_gets_fresh_snapshots() {
        String epoch;
        try (TestNode server = TestNode.start(directory, Map.of())) {
            publish(server);
            epoch = subscribe(server, "").next().getStarted().getEpoch();
        }
        try (TestNode server = TestNode.start(directory, Map.of())) {
            Iterator<SubscribeSnapshotsResponse> responses = subscribe(server, epoch);
            SubscribeSnapshotsResponse first = responses.next();
            assertThat(first.getStarted().getEpoch()).isNotEqualTo(epoch);
            assertThat(first.getStarted().getRecovered()).isFalse();
            assertThat(responses.next().getUpdates(0).getPreviousSequence()).isZero();
        }
    }

    private static Iterator<SubscribeSnapshotsResponse> subscribe(TestNode server, String epoch) {
        return market(server)
                .subscribeSnapshots(
                        SubscribeSnapshotsRequest.newBuilder()
                                .addSymbolIds(13)
                                .setResume(ResumePoint.newBuilder().setEpoch(epoch).setSequence(1))
                                .build());
    }

    @Test
    void history_is_over_restarts() {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            publish(server);
        }
        try (TestNode server = TestNode.start(directory, Map.of())) {
            put(server, Snapshot.newBuilder().setSymbolId(13).setLtp(4));
            server.client().admin().awaitStored(0, Duration.ofSeconds(30));
            var candles =
                    market(server)
                            .getHistory(
                                    GetHistoryRequest.newBuilder()
                                            .setSymbol("RELIANCE")
                                            .setInterval(
                                                    com.google.protobuf.Duration.newBuilder()
                                                            .setSeconds(86_400))
                                            .build())
                            .getCandlesList();
            assertThat(candles.getFirst().getOpen()).isEqualTo(2_914.5);
            assertThat(candles.getLast().getClose()).isEqualTo(4);
        }
    }

    @Test
    void a_checkpoint_that_was_damaged_is_not_started_from() throws IOException {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            publish(server);
        }
        Path book = directory.resolve("market/book");
        byte[] content = Files.readAllBytes(book);
        content[content.length / 2] ^= 1;
        Files.write(book, content);
        assertThatThrownBy(() -> TestNode.start(directory, Map.of()))
                .hasStackTraceContaining("is not as it was written");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_reset_is_over_restarts(boolean killed) throws Exception {
        Path copy = directory.resolve("copy");
        Path data = directory.resolve("data");
        Timestamp ahead =
                Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond() + 3_600).build();
        try (TestNode server = TestNode.start(data, Map.of())) {
            put(server, Snapshot.newBuilder().setSymbol("A").setLtp(1).setExchangeTime(ahead));
            server.client().market().reset("A");
            if (killed) {
                copy(data, copy);
            }
        }
        try (TestNode server = TestNode.start(killed ? copy : data, Map.of())) {
            assertThat(server.client().market().snapshot("A").hasLtp()).isFalse();
            put(
                    server,
                    Snapshot.newBuilder()
                            .setSymbol("A")
                            .setLtp(2)
                            .setExchangeTime(Timestamp.newBuilder().setSeconds(1)));
        }
    }
}
