package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.Depth;
import dev.wirebrook.api.market.v1.DepthLevel;
import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.ScanResult;
import dev.wirebrook.schema.ScannedBatch;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TickBatchesTest {
    private static final BatchLimits LIMITS = new BatchLimits(1_000, 1 << 20);
    private static final EventCatalog CATALOG = TickType.addedTo(EventCatalog.standard());

    private final SnapshotBook book = new SnapshotBook("e1", 100, 16, InstantSource.system());

    private List<BookUpdate> apply(Snapshot... snapshots) {
        List<BookUpdate> updates = new ArrayList<>();
        for (SnapshotBook.Applied applied : book.apply(List.of(snapshots))) {
            updates.add(Objects.requireNonNull(applied.update(), "refused"));
        }
        return updates;
    }

    private static DynamicMessage batch(EventCatalog catalog, List<BookUpdate> updates)
            throws InvalidProtocolBufferException {
        return DynamicMessage.parseFrom(
                catalog.batchMessage(),
                new TickBatches(catalog, LIMITS).of("e1", updates).getFirst());
    }

    private static MarketTick tick(EventCatalog catalog, DynamicMessage batch, int index)
            throws InvalidProtocolBufferException {
        Message event = (Message) batch.getRepeatedField(catalog.events(), index);
        assertThat(event.getField(catalog.eventId())).isEqualTo("");
        Message tick = (Message) event.getField(TickType.of(catalog).field());
        return MarketTick.parseFrom(tick.toByteString());
    }

    private static Snapshot whole() {
        return Snapshot.newBuilder()
                .setSymbolId(7)
                .setSymbol("EURUSD")
                .setExchange("NSE")
                .setLtp(1.5)
                .setOpen(-1)
                .setHigh(0)
                .setLow(4)
                .setClose(5)
                .setVolume(6)
                .setOpenInterest(7)
                .setBid(8)
                .setAsk(9)
                .setDepth(Depth.newBuilder().addBids(DepthLevel.newBuilder().setPrice(1)))
                .setExchangeTime(Timestamps.fromMicros(1_700_000_000_123_456L))
                .build();
    }

    @Test
    void an_update_is_an_event_with_all_that_is_known_of_its_symbol() throws Exception {
        DynamicMessage batch =
                batch(
                        CATALOG,
                        apply(
                                whole(),
                                Snapshot.newBuilder()
                                        .setSymbol("X")
                                        .setExchangeTime(Timestamps.fromMicros(-1))
                                        .build()));
        MarketTick expected =
                MarketTick.newBuilder()
                        .setSymbolId(7)
                        .setSymbol("EURUSD")
                        .setExchange("NSE")
                        .setLtp(1.5)
                        .setOpen(-1)
                        .setHigh(0)
                        .setLow(4)
                        .setClose(5)
                        .setVolume(6)
                        .setOpenInterest(7)
                        .setBid(8)
                        .setAsk(9)
                        .setTraded(true)
                        .setExchangeTimeMicros(1_700_000_000_123_456L)
                        .setSequence(1)
                        .setEpoch("e1")
                        .setDepth(whole().getDepth())
                        .build();
        assertThat(tick(CATALOG, batch, 0)).isEqualTo(expected);
        assertThat(tick(CATALOG, batch, 1))
                .isEqualTo(
                        MarketTick.newBuilder()
                                .setSymbolId(8)
                                .setSymbol("X")
                                .setExchangeTimeMicros(-1)
                                .setSequence(2)
                                .setEpoch("e1")
                                .build());
        assertThat(batch.getRepeatedFieldCount(CATALOG.events())).isEqualTo(2);
        Message header = (Message) batch.getField(CATALOG.header());
        FieldDescriptor clientId = CATALOG.clientId().orElseThrow();
        assertThat(header.getAllFields()).containsExactly(java.util.Map.entry(clientId, "market"));
    }

    @Test
    void depth_stands_in_the_tick_that_brought_it_only() throws Exception {
        apply(whole());
        assertThat(
                        tick(
                                        CATALOG,
                                        batch(
                                                CATALOG,
                                                apply(
                                                        whole().toBuilder()
                                                                .clearDepth()
                                                                .setBid(7)
                                                                .build())),
                                        0)
                                .hasDepth())
                .isFalse();
    }

    @Test
    void a_price_that_is_known_from_before_is_no_trade() throws Exception {
        apply(whole());
        MarketTick tick =
                tick(
                        CATALOG,
                        batch(CATALOG, apply(whole().toBuilder().clearLtp().setBid(7).build())),
                        0);
        assertThat(tick.getLtp()).isEqualTo(1.5);
        assertThat(tick.getTraded()).isFalse();
    }

    @Test
    void an_events_time_is_the_exchanges_to_the_microsecond() {
        long[] times = {
            Timestamps.toMicros(Timestamps.MIN_VALUE),
            -1_000_001,
            -1,
            0,
            1_000,
            1_700_000_000_123_000L,
            1_700_000_000_123_456L,
            Timestamps.toMicros(Timestamps.MAX_VALUE)
        };
        Snapshot[] snapshots = new Snapshot[times.length];
        for (int i = 0; i < times.length; i++) {
            snapshots[i] =
                    Snapshot.newBuilder()
                            .setSymbolId(1)
                            .setExchangeTime(Timestamps.fromMicros(times[i]))
                            .build();
        }
        byte[] batch = new TickBatches(CATALOG, LIMITS).of("e1", apply(snapshots)).getFirst();
        ScannedBatch scanned = new ScannedBatch();
        assertThat(new BatchWalker(CATALOG, 100).scan(batch, 0, batch.length, scanned))
                .isInstanceOf(ScanResult.Scanned.class);
        assertThat(scanned.validCount()).isEqualTo(times.length);
        for (int i = 0; i < times.length; i++) {
            assertThat(scanned.eventTimeMicros(i)).isEqualTo(times[i]);
        }
    }

    @Test
    void a_catalogue_whose_header_knows_no_clients_gets_no_header() throws Exception {
        FileDescriptorSet.Builder set = EventCatalog.standard().descriptorSet().toBuilder();
        set.getFileBuilder(set.getFileCount() - 1).getMessageTypeBuilderList().stream()
                .filter(message -> message.getName().equals("Header"))
                .flatMap(message -> message.getFieldBuilderList().stream())
                .filter(field -> field.getName().equals("clientId"))
                .forEach(field -> field.setName("customer").setJsonName("customer"));
        EventCatalog own = TickType.addedTo(EventCatalog.parse(set.build().toByteArray()));
        DynamicMessage batch = batch(own, apply(whole()));
        assertThat(batch.hasField(own.header())).isFalse();
        assertThat(tick(own, batch, 0).getSymbol()).isEqualTo("EURUSD");
    }

    @Test
    void ticks_and_snapshots_have_the_fields_that_are_copied_in_common() {
        for (int number = 1; number <= Snapshot.ASK_FIELD_NUMBER; number++) {
            FieldDescriptor field = MarketTick.getDescriptor().findFieldByNumber(number);
            FieldDescriptor source = Snapshot.getDescriptor().findFieldByNumber(number);
            assertThat(field.getName()).isEqualTo(source.getName());
            assertThat(field.getType()).isEqualTo(source.getType());
            assertThat(field.hasPresence()).isEqualTo(source.hasPresence());
        }
    }

    private static Snapshot bid(double bid) {
        return whole().toBuilder().setBid(bid).build();
    }

    @Test
    void a_batch_is_as_large_as_it_may_be_and_keeps_the_order() throws Exception {
        List<BookUpdate> updates = apply(bid(1), bid(2), bid(3), bid(4), bid(5));
        int one = sizes(LIMITS, updates.subList(0, 1)).getFirst();
        int two = sizes(LIMITS, updates.subList(0, 2)).getFirst();
        assertThat(sizes(new BatchLimits(2, 1 << 20), updates)).containsExactly(two, two, one);
        assertThat(sizes(new BatchLimits(1_000, two), updates)).containsExactly(two, two, one);
        assertThat(sizes(new BatchLimits(1_000, two - 1), updates)).hasSize(5);
        // Whoever takes batches says what is wrong with it.
        assertThat(sizes(new BatchLimits(1_000, 1), updates)).hasSize(5);
        List<Long> sequences = new ArrayList<>();
        for (byte[] batch :
                new TickBatches(CATALOG, new BatchLimits(2, 1 << 20)).of("e1", updates)) {
            DynamicMessage parsed = DynamicMessage.parseFrom(CATALOG.batchMessage(), batch);
            assertThat(parsed.hasField(CATALOG.header())).isTrue();
            for (int i = 0; i < parsed.getRepeatedFieldCount(CATALOG.events()); i++) {
                sequences.add(tick(CATALOG, parsed, i).getSequence());
            }
        }
        assertThat(sequences).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void a_reset_is_an_event_without_a_time() throws Exception {
        apply(whole());
        BookUpdate reset = Objects.requireNonNull(book.reset(7).update());
        DynamicMessage batch = batch(CATALOG, List.of(reset));
        assertThat(tick(CATALOG, batch, 0))
                .isEqualTo(
                        MarketTick.newBuilder()
                                .setSymbolId(7)
                                .setSymbol("EURUSD")
                                .setExchange("NSE")
                                .setSequence(2)
                                .setEpoch("e1")
                                .setReset(true)
                                .build());
        Message event = (Message) batch.getRepeatedField(CATALOG.events(), 0);
        assertThat(event.getField(CATALOG.timestamp())).isEqualTo("");
    }

    private static List<Integer> sizes(BatchLimits limits, List<BookUpdate> updates) {
        return new TickBatches(CATALOG, limits)
                .of("e1", updates).stream().map(batch -> batch.length).toList();
    }
}
