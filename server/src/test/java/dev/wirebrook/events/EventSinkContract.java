package dev.wirebrook.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.CompletePurchaseEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.ColumnType;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.RandomMessages;
import dev.wirebrook.schema.TestCatalogs;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every sink keeps. An engine's test opens its sink and reads its tables. */
public abstract class EventSinkContract {
    private static final EventCatalog STANDARD = EventCatalog.standard();
    private static final long HOUR_MICROS = 3_600_000_000L;

    private @Nullable Engine engine;

    /** An engine with its storage open; opened again over the same storage it has the same rows. */
    public interface Engine extends AutoCloseable {
        EventSink sink(String route);

        /**
         * All rows of a type's table by column, ordered by event id. Values are texts: numbers in
         * decimal, doubles as Java writes them, bytes in base64, times in ISO 8601 with a Z.
         */
        List<Map<String, @Nullable String>> rows(String table);

        @Override
        void close();
    }

    /** Opens the engine over this test's storage, which is empty at first. */
    protected abstract Engine open(EventCatalog catalog);

    /** Whether the engine's texts may hold the character U+0000. */
    protected boolean holdsNul() {
        return true;
    }

    /** Whether the engine's doubles tell -0.0 from 0.0. */
    protected boolean holdsNegativeZero() {
        return true;
    }

    private Engine reopened(EventCatalog catalog) {
        if (engine != null) {
            engine.close();
        }
        engine = open(catalog);
        return engine;
    }

    @AfterEach
    void closeEngine() {
        if (engine != null) {
            engine.close();
        }
    }

    private static Events carts(String prefix, int count) {
        Events.Builder events =
                Events.newBuilder()
                        .setHeader(Header.newBuilder().setSessionId(prefix).setUserId(count));
        for (int i = 0; i < count; i++) {
            events.addEvents(
                    Event.newBuilder()
                            .setId("%s-%06d".formatted(prefix, i))
                            .setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(i)));
        }
        return events.build();
    }

    private static FrozenBatch batch(Cursor from, long position, Events events) {
        return TestBatches.of(STANDARD, "r").from(from).request(position, events).freeze();
    }

    @Test
    void a_sink_that_was_never_written_to_has_no_progress() {
        EventSink sink = reopened(STANDARD).sink("r");
        assertThat(sink.progress()).isEqualTo(SinkProgress.NONE);
    }

    @Test
    void rows_header_and_progress_arrive_together() {
        EventSink sink = reopened(STANDARD).sink("r");
        FrozenBatch batch =
                TestBatches.of(STANDARD, "r")
                        .ingestTimeMicros(1_700_000_000_000_001L)
                        .eventTimeMicros(-1L)
                        .settled(new SettledCounts(0, 1, 2, 3))
                        .request(10, carts("a", 2))
                        .freeze();
        assertThat(sink.write(batch)).isEqualTo(new SinkResult.Stored());
        assertThat(sink.progress())
                .isEqualTo(new SinkProgress(new Cursor(11, 0), new SettledCounts(2, 1, 2, 3)));
        var rows = engine().rows("add_to_cart_event");
        assertThat(rows).hasSize(2);
        assertThat(rows.getFirst())
                .containsEntry("event_id", "a-000000")
                .containsEntry("event_type", "AddToCartEvent")
                .containsEntry("event_time", "1969-12-31T23:59:59.999999Z")
                .containsEntry("ingest_time", "2023-11-14T22:13:20.000001Z")
                .containsEntry("session_id", "a")
                .containsEntry("user_id", "2")
                .containsEntry("device_id", "")
                .containsEntry("quantity", "0")
                .containsEntry("product_id", "");
        assertThat(rows.getLast())
                .containsEntry("event_time", "1970-01-01T00:00:00Z")
                .containsEntry("quantity", "1");
    }

    private Engine engine() {
        if (engine == null) {
            throw new IllegalStateException("not opened");
        }
        return engine;
    }

    @Test
    void ids_stored_lately_are_shown_oldest_first() {
        EventSink sink = reopened(STANDARD).sink("r");
        assertThat(recentIds(sink, 10, 0)).isEmpty();
        if (isUniqueByItself()) {
            return;
        }
        Cursor from = Cursor.START;
        for (int hour = 1; hour <= 3; hour++) {
            Events events =
                    Events.newBuilder()
                            .setHeader(Header.newBuilder().setClientId(hour == 1 ? "" : "ä🐢"))
                            .addEvents(
                                    Event.newBuilder()
                                            .setId("cart " + hour)
                                            .setAddToCartEvent(AddToCartEvent.newBuilder()))
                            .addEvents(
                                    Event.newBuilder()
                                            .setAddToCartEvent(AddToCartEvent.newBuilder()))
                            .addEvents(
                                    Event.newBuilder()
                                            .setId("sale " + hour)
                                            .setCompletePurchaseEvent(
                                                    CompletePurchaseEvent.newBuilder()))
                            .build();
            FrozenBatch batch =
                    TestBatches.of(STANDARD, "r")
                            .from(from)
                            .ingestTimeMicros(1_700_000_000_000_000L + hour * HOUR_MICROS)
                            .request(hour, events)
                            .freeze();
            assertThat(sink.write(batch)).isEqualTo(new SinkResult.Stored());
            from = batch.to();
        }
        long second = 1_700_000_000_000_000L + 2 * HOUR_MICROS;
        long third = second + HOUR_MICROS;
        assertThat(recentIds(sink, 10, 0)).hasSize(9);
        assertThat(recentIds(sink, 10, 0).subList(0, 3))
                .containsExactlyInAnyOrder(
                        "|cart 1|" + (second - HOUR_MICROS),
                        "|wirebrook:log-1-1|" + (second - HOUR_MICROS),
                        "|sale 1|" + (second - HOUR_MICROS));
        assertThat(recentIds(sink, 10, second))
                .containsExactlyInAnyOrder(
                        "ä🐢|cart 2|" + second,
                        "ä🐢|wirebrook:log-2-1|" + second,
                        "ä🐢|sale 2|" + second,
                        "ä🐢|cart 3|" + third,
                        "ä🐢|wirebrook:log-3-1|" + third,
                        "ä🐢|sale 3|" + third);
        assertThat(recentIds(sink, 10, second).subList(3, 6))
                .hasSameElementsAs(recentIds(sink, 10, third));
        assertThat(recentIds(sink, 3, 0)).hasSameElementsAs(recentIds(sink, 10, third));
        assertThat(recentIds(sink, 10, third + 1)).isEmpty();
    }

    /** Whether the engine stores no event twice, whatever it is given. */
    protected boolean isUniqueByItself() {
        return false;
    }

    private static List<String> recentIds(EventSink sink, long idsMax, long sinceMicros) {
        List<String> ids = new ArrayList<>();
        sink.recentIds(
                idsMax,
                sinceMicros,
                (client, id, ingestMicros) -> ids.add(client + '|' + id + '|' + ingestMicros));
        return ids;
    }

    @Test
    void the_same_batch_again_stores_nothing() {
        EventSink sink = reopened(STANDARD).sink("r");
        FrozenBatch batch = batch(Cursor.START, 1, carts("a", 3));
        sink.write(batch);
        SinkProgress first = sink.progress();
        assertThat(sink.write(batch)).isEqualTo(new SinkResult.Stored());
        assertThat(sink.progress()).isEqualTo(first);
        assertThat(engine().rows("add_to_cart_event")).hasSize(3);
    }

    @Test
    void progress_survives_reopening_and_the_same_batch_stores_nothing() {
        FrozenBatch first = batch(Cursor.START, 1, carts("a", 3));
        FrozenBatch second = batch(first.to(), 2, carts("b", 2));
        reopened(STANDARD).sink("r").write(first);
        EventSink sink = reopened(STANDARD).sink("r");
        assertThat(sink.progress().cursor()).isEqualTo(first.to());
        assertThat(sink.progress().counts().stored()).isEqualTo(3);
        sink.write(first);
        sink.write(second);
        assertThat(engine().rows("add_to_cart_event"))
                .extracting(row -> row.get("session_id"))
                .containsExactly("a", "a", "a", "b", "b");
        assertThat(sink.progress().counts().stored()).isEqualTo(5);
    }

    @Test
    void a_request_may_be_split_over_two_batches() {
        EventSink sink = reopened(STANDARD).sink("r");
        byte[] request = carts("a", 5).toByteArray();
        FrozenBatch first = TestBatches.of(STANDARD, "r").request(1, request, 0, 2).freeze();
        FrozenBatch second =
                TestBatches.of(STANDARD, "r").from(first.to()).request(1, request, 2, 99).freeze();
        sink.write(first);
        sink.write(second);
        assertThat(engine().rows("add_to_cart_event"))
                .extracting(row -> row.get("quantity") + row.get("session_id"))
                .containsExactly("0a", "1a", "2a", "3a", "4a");
    }

    @Test
    void a_batch_without_rows_commits_cursor_and_counts() {
        EventSink sink = reopened(STANDARD).sink("r");
        FrozenBatch batch =
                TestBatches.of(STANDARD, "r")
                        .to(new Cursor(99, 3))
                        .settled(new SettledCounts(0, 4, 0, 0))
                        .freeze();
        assertThat(sink.write(batch)).isEqualTo(new SinkResult.Stored());
        assertThat(reopened(STANDARD).sink("r").progress())
                .isEqualTo(new SinkProgress(new Cursor(99, 3), new SettledCounts(0, 4, 0, 0)));
    }

    @Test
    void a_batch_that_begins_before_the_cursor_and_ends_behind_it_is_a_bug() {
        EventSink sink = reopened(STANDARD).sink("r");
        sink.write(batch(Cursor.START, 5, carts("a", 1)));
        FrozenBatch overlapping =
                TestBatches.of(STANDARD, "r")
                        .request(5, carts("a", 1))
                        .request(7, carts("b", 1))
                        .freeze();
        assertThatThrownBy(() -> sink.write(overlapping))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(engine().rows("add_to_cart_event")).hasSize(1);
    }

    @Test
    void an_event_without_id_is_named_after_its_place() {
        EventSink sink = reopened(STANDARD).sink("r");
        Events events =
                Events.newBuilder()
                        .addEvents(Event.newBuilder().setAddToCartEvent(cart(1)))
                        .addEvents(Event.newBuilder().setAddToCartEvent(cart(2)))
                        .build();
        sink.write(batch(Cursor.START, 0xABCDEF, events));
        assertThat(engine().rows("add_to_cart_event"))
                .extracting(row -> row.get("event_id"))
                .containsExactly("wirebrook:log-abcdef-0", "wirebrook:log-abcdef-1");
    }

    private static AddToCartEvent cart(int quantity) {
        return AddToCartEvent.newBuilder().setQuantity(quantity).build();
    }

    @Test
    void routes_keep_their_own_progress() {
        Engine open = reopened(STANDARD);
        FrozenBatch batch = batch(Cursor.START, 1, carts("a", 1));
        open.sink("r").write(batch);
        EventSink other = open.sink("other");
        assertThat(other.progress()).isEqualTo(SinkProgress.NONE);
        other.write(TestBatches.of(STANDARD, "other").request(7, carts("b", 2)).freeze());
        assertThat(open.sink("r").progress().counts().stored()).isEqualTo(1);
        assertThat(other.progress().counts().stored()).isEqualTo(2);
        assertThat(open.rows("add_to_cart_event"))
                .extracting(row -> row.get("session_id"))
                .containsExactly("a", "b", "b");
    }

    @Test
    void types_are_told_apart_in_large_batches() {
        EventSink sink = reopened(STANDARD).sink("r");
        TestBatches batch = TestBatches.of(STANDARD, "r");
        int requests = 50;
        int events = 120;
        for (int r = 0; r < requests; r++) {
            Events.Builder request =
                    Events.newBuilder().setHeader(Header.newBuilder().setUserId(r));
            for (int e = 0; e < events; e++) {
                Event.Builder event = Event.newBuilder().setId("%03d-%03d".formatted(r, e));
                if (e % 3 == 0) {
                    event.setCompletePurchaseEvent(
                            CompletePurchaseEvent.newBuilder().setOrderId("order " + r + "/" + e));
                } else {
                    event.setAddToCartEvent(cart(r * events + e));
                }
                request.addEvents(event);
            }
            batch.request(1 + r, request.build());
        }
        assertThat(sink.write(batch.freeze())).isEqualTo(new SinkResult.Stored());
        var carts = engine().rows("add_to_cart_event");
        var purchases = engine().rows("complete_purchase_event");
        assertThat(carts).hasSize(requests * events * 2 / 3);
        assertThat(purchases).hasSize(requests * events / 3);
        assertThat(carts)
                .allSatisfy(row -> {
                    String[] id = String.valueOf(row.get("event_id")).split("-");
                    int request = Integer.parseInt(id[0]);
                    int event = Integer.parseInt(id[1]);
                    assertThat(row)
                            .containsEntry("user_id", Integer.toString(request))
                            .containsEntry("quantity", Integer.toString(request * events + event));
                });
        assertThat(purchases.get(1)).containsEntry("order_id", "order 0/3");
    }

    @Test
    void every_type_of_column_reads_back() {
        long seed = new Random().nextLong();
        RandomMessages messages = new RandomMessages(new Random(seed), holdsNul());
        EventCatalog odd = TestCatalogs.odd();
        EventType type = odd.typeNamed("Everything").orElseThrow();
        ColumnCatalog columns = ColumnCatalog.of(odd);
        Descriptor event = odd.events().getMessageType();
        TestBatches batch = TestBatches.of(odd, "r");
        List<Message> sent = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Message request =
                    DynamicMessage.newBuilder(odd.batchMessage())
                            .setField(odd.header(), messages.next(odd.header().getMessageType()))
                            .addRepeatedField(
                                    odd.events(),
                                    messages.next(event).toBuilder()
                                            .setField(odd.eventId(), "%06d".formatted(i))
                                            .setField(
                                                    type.field(),
                                                    messages.next(type.field().getMessageType()))
                                            .build())
                            .build();
            sent.add(request);
            batch.request(1 + i, request);
        }
        assertThat(reopened(odd).sink("r").write(batch.freeze()))
                .as("seed %d", seed)
                .isEqualTo(new SinkResult.Stored());
        var rows = engine().rows("everything");
        assertThat(rows).hasSize(sent.size());
        for (int i = 0; i < rows.size(); i++) {
            Message request = sent.get(i);
            Message sentEvent = (Message) request.getRepeatedField(odd.events(), 0);
            assertRow(
                    rows.get(i), columns.header(), (Message) request.getField(odd.header()), seed);
            assertRow(rows.get(i), columns.event(), sentEvent, seed);
            assertRow(
                    rows.get(i),
                    columns.own(type),
                    (Message) sentEvent.getField(type.field()),
                    seed);
        }
    }

    private void assertRow(
            Map<String, @Nullable String> row, List<Column> columns, Message owner, long seed) {
        for (Column column : columns) {
            assertThat(row).containsKey(column.name());
            String found = row.get(column.name());
            String what = column.name() + ", seed " + seed;
            if (column.field().hasPresence() && !owner.hasField(column.field())) {
                assertThat(found).as(what).isNull();
            } else if (column.type() == ColumnType.JSON) {
                assertThat(JsonParser.parseString(String.valueOf(found)))
                        .as(what)
                        .isEqualTo(json(owner, column.field()));
            } else if (owner.getField(column.field()) instanceof Float sent) {
                // Engines print it with the digits of a float or of a double.
                assertThat(Float.valueOf(String.valueOf(found)))
                        .as(what)
                        .isEqualTo(
                                sent.equals(-0.0f) && !holdsNegativeZero()
                                        ? Float.valueOf(0.0f)
                                        : sent);
            } else {
                String sent = text(owner.getField(column.field()), column);
                assertThat(found)
                        .as(what)
                        .isEqualTo(sent.equals("-0.0") && !holdsNegativeZero() ? "0.0" : sent);
            }
        }
    }

    private static String text(Object value, Column column) {
        return switch (value) {
            case EnumValueDescriptor e ->
                    e.getIndex() == -1 ? Integer.toString(e.getNumber()) : e.getName();
            case ByteString bytes -> Base64.getEncoder().encodeToString(bytes.toByteArray());
            case Integer i ->
                    column.type() == ColumnType.UINT32
                            ? Integer.toUnsignedString(i)
                            : Integer.toString(i);
            case Long l ->
                    column.type() == ColumnType.UINT64
                            ? Long.toUnsignedString(l)
                            : Long.toString(l);
            default -> value.toString();
        };
    }

    private static JsonElement json(Message owner, FieldDescriptor field) {
        DynamicMessage alone =
                DynamicMessage.newBuilder(field.getContainingType())
                        .setField(field, owner.getField(field))
                        .build();
        try {
            JsonElement value =
                    JsonParser.parseString(JsonFormat.printer().print(alone))
                            .getAsJsonObject()
                            .get(field.getJsonName());
            return value != null ? value : field.isMapField() ? new JsonObject() : new JsonArray();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void texts_of_a_mebibyte_and_every_odd_character_read_back() {
        EventSink sink = reopened(STANDARD).sink("r");
        String odd = holdsNul() ? "\0" : "\u0001";
        String large = ("🐢ä" + odd + "x").repeat(150_000);
        Events events =
                Events.newBuilder()
                        .setHeader(Header.newBuilder().setSessionId(large))
                        .addEvents(
                                Event.newBuilder()
                                        .setId(odd)
                                        .setCurrentURL("\uFFFF\u0001\u007F")
                                        .setAddToCartEvent(
                                                AddToCartEvent.newBuilder().setProductId(large)))
                        .build();
        assertThat(sink.write(batch(Cursor.START, 1, events))).isEqualTo(new SinkResult.Stored());
        var row = engine().rows("add_to_cart_event").getFirst();
        assertThat(row.get("product_id")).isEqualTo(large);
        assertThat(row.get("session_id")).isEqualTo(large);
        assertThat(row.get("event_id")).isEqualTo(odd);
        assertThat(row.get("current_url")).isEqualTo("\uFFFF\u0001\u007F");
    }

    @Test
    void repeated_occurrences_merge_as_protobuf_has_it() {
        EventSink sink = reopened(STANDARD).sink("r");
        ByteString first =
                Event.newBuilder()
                        .setId("old")
                        .setAddToCartEvent(
                                AddToCartEvent.newBuilder().setProductId("p").setQuantity(1))
                        .build()
                        .toByteString();
        ByteString other =
                Event.newBuilder()
                        .setCompletePurchaseEvent(
                                CompletePurchaseEvent.newBuilder().setOrderId("o"))
                        .build()
                        .toByteString();
        ByteString last =
                Event.newBuilder()
                        .setId("new")
                        .setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(2))
                        .build()
                        .toByteString();
        sink.write(batchOfRaw(1, first.concat(last)));
        ByteString newer = Event.newBuilder().setId("newer").build().toByteString();
        sink.write(
                TestBatches.of(STANDARD, "r")
                        .from(new Cursor(2, 0))
                        .request(2, raw(first.concat(other).concat(last).concat(newer)))
                        .freeze());
        var rows = engine().rows("add_to_cart_event");
        assertThat(rows.get(0))
                .containsEntry("event_id", "new")
                .containsEntry("quantity", "2")
                .containsEntry("product_id", "p");
        assertThat(rows.get(1)).containsEntry("product_id", "");
    }

    private static FrozenBatch batchOfRaw(long position, ByteString event) {
        return TestBatches.of(STANDARD, "r").request(position, raw(event)).freeze();
    }

    /** A request of one event, with the header in two pieces. */
    private static byte[] raw(ByteString event) {
        var unparsed = UnknownFieldSet.newBuilder();
        unparsed.mergeLengthDelimitedField(5, event);
        return Events.newBuilder()
                .setHeader(Header.newBuilder().setOs("a").setDeviceId("d"))
                .build()
                .toByteString()
                .concat(
                        Events.newBuilder()
                                .setHeader(Header.newBuilder().setOs("b"))
                                .build()
                                .toByteString())
                .concat(unparsed.build().toByteString())
                .toByteArray();
    }

    @Test
    void several_headers_are_one() {
        EventSink sink = reopened(STANDARD).sink("r");
        sink.write(
                batchOfRaw(
                        1,
                        Event.newBuilder()
                                .setAddToCartEvent(AddToCartEvent.getDefaultInstance())
                                .build()
                                .toByteString()));
        assertThat(engine().rows("add_to_cart_event").getFirst())
                .containsEntry("os", "b")
                .containsEntry("device_id", "d");
    }

    /** A poisoned event is one whose own bytes are broken: a length that leads out of it. */
    private static ByteString poison() {
        return ByteString.copyFrom(new byte[] {(byte) 0xBA, 1, 2, 0x0A, 0x7F});
    }

    @Test
    void poison_is_permanent_costs_nothing_else_and_the_next_batch_passes() {
        EventSink sink = reopened(STANDARD).sink("r");
        sink.write(batch(Cursor.START, 1, carts("a", 2)));
        SinkProgress before = sink.progress();
        FrozenBatch poisoned =
                TestBatches.of(STANDARD, "r")
                        .from(before.cursor())
                        .request(2, carts("b", 3000))
                        .request(3, raw(poison()))
                        .request(4, carts("c", 1))
                        .freeze();
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThat(sink.write(poisoned))
                    .isInstanceOfSatisfying(
                            SinkResult.Permanent.class,
                            result ->
                                    assertThat(result.reason())
                                            .isEqualTo("the message is cut short"));
            assertThat(sink.progress()).isEqualTo(before);
            assertThat(engine().rows("add_to_cart_event")).hasSize(2);
        }
        FrozenBatch good =
                TestBatches.of(STANDARD, "r")
                        .from(before.cursor())
                        .settled(new SettledCounts(0, 0, 0, 1))
                        .request(2, carts("b", 3000))
                        .request(4, carts("c", 1))
                        .freeze();
        assertThat(sink.write(good)).isEqualTo(new SinkResult.Stored());
        assertThat(engine().rows("add_to_cart_event")).hasSize(3003);
        assertThat(sink.progress().counts()).isEqualTo(new SettledCounts(3003, 0, 0, 1));
    }

    @Test
    void a_catalogue_that_grew_finds_its_columns() {
        EventCatalog before = TestCatalogs.shop();
        EventCatalog after = TestCatalogs.shopEvolved();
        FrozenBatch first =
                TestBatches.of(before, "r").request(1, sold(before, "1", "quantity", 3)).freeze();
        reopened(before).sink("r").write(first);
        FrozenBatch second =
                TestBatches.of(after, "r")
                        .from(first.to())
                        .request(2, sold(after, "2", "quantity", 1L << 40))
                        .freeze();
        assertThat(reopened(after).sink("r").write(second)).isEqualTo(new SinkResult.Stored());
        var rows = engine().rows("sold");
        assertThat(rows.get(0))
                .containsEntry("quantity", "3")
                .containsEntry("price", null)
                .containsEntry("country", null)
                .containsEntry("page", null);
        assertThat(rows.get(1))
                .containsEntry("quantity", Long.toString(1L << 40))
                .containsEntry("price", "0.0")
                .containsEntry("country", "")
                .containsEntry("page", "");
        assertThat(engine().rows("closed")).isEmpty();
    }

    @Test
    void every_number_that_may_become_wider_keeps_its_one_column() {
        EventCatalog narrow = TestCatalogs.numbers(false);
        EventCatalog wide = TestCatalogs.numbers(true);
        int allOnes = -1;
        FrozenBatch first =
                TestBatches.of(narrow, "r")
                        .request(1, counted(narrow, "1", -5, allOnes, allOnes, -6, allOnes))
                        .request(2, counted(narrow, "2", 1, 2, 3, 4, null))
                        .freeze();
        reopened(narrow).sink("r").write(first);
        FrozenBatch second =
                TestBatches.of(wide, "r")
                        .from(first.to())
                        .request(
                                3,
                                counted(
                                        wide,
                                        "3",
                                        Long.MIN_VALUE,
                                        1L << 40,
                                        -1L,
                                        Long.MAX_VALUE,
                                        -2L))
                        .request(4, counted(wide, "4", 1L, 2L, 3L, 4L, 5L))
                        .freeze();
        assertThat(reopened(wide).sink("r").write(second)).isEqualTo(new SinkResult.Stored());
        List<Map<String, @Nullable String>> rows = reopened(wide).rows("counted");
        assertThat(rows)
                .extracting(
                        row -> row.get("a"),
                        row -> row.get("b"),
                        row -> row.get("c"),
                        row -> row.get("d"),
                        row -> row.get("e"))
                .containsExactly(
                        tuple("-5", "4294967295", "4294967295", "-6", "4294967295"),
                        tuple("1", "2", "3", "4", null),
                        tuple(
                                "-9223372036854775808",
                                "1099511627776",
                                "18446744073709551615",
                                "9223372036854775807",
                                "18446744073709551614"),
                        tuple("1", "2", "3", "4", "5"));
        assertThat(rows.getFirst().keySet()).noneMatch(name -> name.matches(".*int(32|64)"));
    }

    private static Message counted(EventCatalog catalog, String id, @Nullable Object... values) {
        EventType type = catalog.typeNamed("Counted").orElseThrow();
        Descriptor own = type.field().getMessageType();
        DynamicMessage.Builder message = DynamicMessage.newBuilder(own);
        for (int i = 0; i < values.length; i++) {
            if (values[i] != null) {
                message.setField(own.findFieldByNumber(i + 1), values[i]);
            }
        }
        return DynamicMessage.newBuilder(catalog.batchMessage())
                .addRepeatedField(
                        catalog.events(),
                        DynamicMessage.newBuilder(catalog.events().getMessageType())
                                .setField(catalog.eventId(), id)
                                .setField(type.field(), message.build())
                                .build())
                .build();
    }

    @Test
    void a_users_id_as_text_gets_its_column_over_existing_data() {
        EventCatalog before = withoutUserKey();
        FrozenBatch first =
                TestBatches.of(before, "r").request(1, ofCatalog(before, carts("a", 1))).freeze();
        reopened(before).sink("r").write(first);
        assertThat(engine().rows("add_to_cart_event").getFirst()).doesNotContainKey("user_key");
        Events known =
                carts("b", 2).toBuilder()
                        .setHeader(Header.newBuilder().setUserKey("zoë@shop.example").setUserId(-7))
                        .build();
        assertThat(reopened(STANDARD).sink("r").write(batch(first.to(), 2, known)))
                .isEqualTo(new SinkResult.Stored());
        assertThat(engine().rows("add_to_cart_event"))
                .extracting(row -> row.get("user_key"), row -> row.get("user_id"))
                .containsExactly(
                        tuple(null, "1"),
                        tuple("zoë@shop.example", "-7"),
                        tuple("zoë@shop.example", "-7"));
    }

    private static Message ofCatalog(EventCatalog catalog, Events events) {
        try {
            return DynamicMessage.parseFrom(catalog.batchMessage(), events.toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static EventCatalog withoutUserKey() {
        FileDescriptorSet.Builder set = STANDARD.descriptorSet().toBuilder();
        DescriptorProto.Builder header =
                set.getFileBuilder(set.getFileCount() - 1).getMessageTypeBuilderList().stream()
                        .filter(message -> message.getName().equals("Header"))
                        .findFirst()
                        .orElseThrow();
        header.removeField(
                header.getFieldList().stream()
                        .map(FieldDescriptorProto::getName)
                        .toList()
                        .indexOf("userKey"));
        return EventCatalog.parse(set.build().toByteArray());
    }

    /** A request with one event of type Sold. */
    protected static Message sold(EventCatalog catalog, String id, String field, Object value) {
        EventType type = catalog.typeNamed("Sold").orElseThrow();
        Descriptor own = type.field().getMessageType();
        return DynamicMessage.newBuilder(catalog.batchMessage())
                .addRepeatedField(
                        catalog.events(),
                        DynamicMessage.newBuilder(catalog.events().getMessageType())
                                .setField(catalog.eventId(), id)
                                .setField(
                                        type.field(),
                                        DynamicMessage.newBuilder(own)
                                                .setField(own.findFieldByName(field), value)
                                                .build())
                                .build())
                .build();
    }
}
