package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.client.WirebrookClient;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.FaultySink;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.events.journal.JournalEventLog;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.RawMarshaller;
import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalSettings;
import dev.wirebrook.market.TickType;
import dev.wirebrook.schema.EventCatalog;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ticks in the pipeline, and in a whole server. */
class TicksIT implements TestPipeline.Engines {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final MethodDescriptor<byte[], byte[]> DISPATCH =
            MethodDescriptor.newBuilder(RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("event.EventService/dispatch")
                    .build();

    @TempDir private Path folder;

    private final FaultySink.Plan faults = new FaultySink.Plan();

    @Override
    public EventCatalog catalog() {
        return TickType.addedTo(EventCatalog.standard());
    }

    @Override
    public EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers)
            throws IOException {
        return new JournalEventLog(
                Journal.open(
                        folder.resolve("journal"), JournalSettings.dev(), InstantSource.system()));
    }

    private static List<Snapshot> snapshots(int count) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        Snapshot.newBuilder()
                                .setSymbol("S" + i % 10)
                                .setLtp(i)
                                .setExchangeTime(Timestamps.fromMicros(1_700_000_000_000_001L + i))
                                .build())
                .toList();
    }

    @Test
    void what_was_durable_before_the_end_is_stored_once_after_it() {
        TestPipeline first = TestPipeline.open(folder, faults, this);
        new PublishedTicks("one", catalog(), first).publish(snapshots(2_500));
        first.closeAtOnce();
        faults.commitThenFail.set(2);
        TestPipeline second = TestPipeline.open(folder, faults, this);
        new PublishedTicks("two", catalog(), second).publish(snapshots(10));
        second.settle();
        assertThat(
                        second.column(
                                "select epoch || ' ' || count(*) || ' ' || count(distinct sequence)"
                                        + " || ' ' || max(sequence) || ' ' || sum(ltp)::bigint"
                                        + " from market_tick group by epoch order by epoch"))
                .containsExactly("one 2500 2500 2500 3123750", "two 10 10 10 45");
        second.close();
    }

    @Test
    void a_tick_is_a_row_like_any_event() {
        TestPipeline pipeline = TestPipeline.open(folder, faults, this);
        new PublishedTicks("one", catalog(), pipeline).publish(snapshots(2));
        pipeline.settle();
        assertThat(
                        pipeline.column(
                                "select concat_ws(' ', symbol_id, symbol, ltp, bid is null, traded,"
                                        + " event_time = make_timestamp(exchange_time_micros),"
                                        + " sequence, epoch, client_id) from market_tick order by sequence"))
                .containsExactly(
                        "1 S0 0.0 true true true 1 one market",
                        "2 S1 1.0 true true true 2 one market");
        assertThat(
                        pipeline.column(
                                "select string_agg(column_name || ' ' || data_type, ', ' order by column_index)"
                                        + " from duckdb_columns() where table_name = 'market_tick'"
                                        + " and column_name in ('symbol_id', 'symbol', 'ltp', 'traded',"
                                        + " 'exchange_time_micros', 'sequence')"))
                .containsExactly(
                        "symbol_id UINTEGER, symbol VARCHAR, ltp DOUBLE, traded BOOLEAN,"
                                + " exchange_time_micros BIGINT, sequence BIGINT");
        assertThat(pipeline.column("select event_type from events")).containsOnly("MarketTick");
        pipeline.close();
    }

    private static void dispatchTick(WirebrookClient client) throws Exception {
        EventCatalog known =
                EventCatalog.parse(client.admin().catalog().getDescriptorSet().toByteArray());
        FieldDescriptor variant = TickType.of(known).field();
        MarketTick tick = MarketTick.newBuilder().setSymbol("EURUSD").setLtp(1.5).build();
        DynamicMessage event =
                DynamicMessage.newBuilder(known.events().getMessageType())
                        .setField(
                                variant,
                                DynamicMessage.parseFrom(
                                        variant.getMessageType(), tick.toByteString()))
                        .build();
        ClientCalls.blockingUnaryCall(
                client.channel(),
                DISPATCH,
                CallOptions.DEFAULT,
                DynamicMessage.newBuilder(known.batchMessage())
                        .addRepeatedField(known.events(), event)
                        .build()
                        .toByteArray());
        client.admin().awaitStored(0, PATIENCE);
    }

    private static List<String> symbols(TestNode node) {
        List<String> symbols = new ArrayList<>();
        node.client()
                .admin()
                .query("select symbol || ' ' || ltp from market_tick", 10)
                .forEachRemaining(page ->
                        page.getRowsList()
                                .forEach(row -> symbols.add(row.getValues(0).getStringValue())));
        return symbols;
    }

    @Test
    void a_server_knows_ticks_beside_the_users_types_and_keeps_them_over_a_restart()
            throws Exception {
        Path schema = Files.write(folder.resolve("own.binpb"), DoorSchema.with(file -> {}));
        for (Map<String, String> settings :
                List.of(Map.<String, String>of(), Map.of("events.schema", schema.toString()))) {
            Path data = folder.resolve("data" + settings.size());
            try (TestNode node = TestNode.start(data, settings)) {
                dispatchTick(node.client());
                String openApi =
                        HttpClient.newHttpClient()
                                .send(
                                        HttpRequest.newBuilder(
                                                        URI.create(node.http() + "/openapi.json"))
                                                .build(),
                                        BodyHandlers.ofString())
                                .body();
                assertThat(openApi).contains("wirebrook.market.v1.MarketTick");
            }
            try (TestNode node = TestNode.start(data, settings)) {
                assertThat(symbols(node)).containsExactly("EURUSD 1.5");
            }
        }
    }

    @Test
    void a_schema_that_was_asked_for_from_the_server_can_be_its_schema() throws Exception {
        Path schema = folder.resolve("asked.binpb");
        try (TestNode node = TestNode.start(folder.resolve("data"), Map.of())) {
            Files.write(schema, node.client().admin().catalog().getDescriptorSet().toByteArray());
        }
        try (TestNode node =
                TestNode.start(
                        folder.resolve("data"), Map.of("events.schema", schema.toString()))) {
            dispatchTick(node.client());
            assertThat(symbols(node)).containsExactly("EURUSD 1.5");
        }
    }
}
