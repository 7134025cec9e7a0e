package dev.wirebrook.schema;

import static dev.wirebrook.schema.Wire.wire;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.management.ThreadMXBean;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.LaunchEvent;
import dev.wirebrook.api.event.LineItem;
import dev.wirebrook.api.event.OrderCompletedEvent;
import dev.wirebrook.failure.Violation;
import dev.wirebrook.schema.ScanResult.Empty;
import dev.wirebrook.schema.ScanResult.Malformed;
import dev.wirebrook.schema.ScanResult.Scanned;
import dev.wirebrook.schema.ScanResult.TooManyEvents;
import dev.wirebrook.schema.ScannedBatch.Verdict;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class BatchWalkerTest {
    private static final int HEADER = 4;
    private static final int EVENTS = 5;
    private static final int ID = 4;
    private static final int TIMESTAMP = 5;
    private static final int LAUNCH = 9;
    private static final int ADD_TO_CART = 23;
    private static final int ORDER_COMPLETED = 36;

    private final EventCatalog catalog = EventCatalog.standard();
    private final BatchWalker walker = new BatchWalker(catalog, 1_000);
    private final ScannedBatch scanned = new ScannedBatch();

    private ScanResult scan(byte[] batch) {
        return walker.scan(batch, 0, batch.length, scanned);
    }

    private ScanResult scan(Wire batch) {
        return scan(batch.toBytes());
    }

    /** Scans one event with a type and whatever is given. */
    private void scanEvent(Wire fields) {
        assertThat(scan(wire().message(EVENTS, fields))).isInstanceOf(Scanned.class);
    }

    private static String text(byte[] bytes, int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    private Violation onlyViolation() {
        assertThat(scanned.verdict(0)).isEqualTo(Verdict.REJECTED);
        assertThat(scanned.rejectedCount()).isEqualTo(1);
        assertThat(scanned.violations(0)).hasSize(1);
        return scanned.violations(0).getFirst();
    }

    @Nested
    class Sound_batches {
        @Test
        void tells_where_events_stand_and_what_they_are() {
            Event first =
                    Event.newBuilder()
                            .setId("e-1")
                            .setTimestamp("1970-01-01T00:00:01Z")
                            .setAddToCartEvent(AddToCartEvent.newBuilder().setProductId("p"))
                            .build();
            Event second =
                    Event.newBuilder()
                            .setId("e-2")
                            .setLaunchEvent(LaunchEvent.getDefaultInstance())
                            .build();
            byte[] batch =
                    Events.newBuilder()
                            .setHeader(Header.newBuilder().setUserId(7).setClientId("web"))
                            .addEvents(first)
                            .addEvents(second)
                            .build()
                            .toByteArray();

            assertThat(scan(batch)).isInstanceOf(Scanned.class);

            assertThat(scanned.size()).isEqualTo(2);
            assertThat(scanned.validCount()).isEqualTo(2);
            assertThat(Arrays.copyOfRange(batch, scanned.start(0), scanned.end(0)))
                    .isEqualTo(first.toByteArray());
            assertThat(Arrays.copyOfRange(batch, scanned.start(1), scanned.end(1)))
                    .isEqualTo(second.toByteArray());
            assertThat(catalog.types().get(scanned.typeOrdinal(0)).name())
                    .isEqualTo("AddToCartEvent");
            assertThat(catalog.types().get(scanned.typeOrdinal(1)).name()).isEqualTo("LaunchEvent");
            assertThat(text(batch, scanned.idStart(1), scanned.idEnd(1))).isEqualTo("e-2");
            assertThat(scanned.eventTimeMicros(0)).isEqualTo(1_000_000);
            assertThat(scanned.eventTimeMicros(1)).isEqualTo(ScannedBatch.NO_TIME);
            assertThat(scanned.header()).isSameAs(batch);
            assertThat(text(batch, scanned.clientIdStart(), scanned.clientIdEnd()))
                    .isEqualTo("web");
        }

        @Test
        void joins_several_headers_wherever_they_stand() throws Exception {
            Wire batch =
                    wire().message(HEADER, wire().text(10, "first").text(12, "Android"))
                            .message(EVENTS, wire().message(LAUNCH, wire()))
                            .message(HEADER, wire())
                            .message(HEADER, wire().text(10, "second").varintField(7, 42))
                            .message(HEADER, wire().text(15, "8.41"));

            assertThat(scan(batch)).isInstanceOf(Scanned.class);

            byte[] header =
                    Arrays.copyOfRange(
                            scanned.header(), scanned.headerStart(), scanned.headerEnd());
            assertThat(Header.parseFrom(header))
                    .isEqualTo(
                            Header.newBuilder()
                                    .setClientId("second")
                                    .setOs("Android")
                                    .setUserId(42)
                                    .setAppVersion("8.41")
                                    .build());
            assertThat(text(scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd()))
                    .isEqualTo("second");
        }

        @Test
        void joins_very_many_headers_in_linear_time() {
            Wire batch = wire();
            for (int i = 0; i < 200_000; i++) {
                batch.message(HEADER, wire().text(10, "c"));
            }
            assertThat(scan(batch)).isInstanceOf(Empty.class);
            assertThat(scanned.headerEnd() - scanned.headerStart()).isEqualTo(600_000);
        }

        @Test
        void has_an_empty_header_where_none_was_sent() {
            scanEvent(wire().message(LAUNCH, wire()));
            assertThat(scanned.headerEnd()).isEqualTo(scanned.headerStart());
            assertThat(scanned.clientIdEnd()).isEqualTo(scanned.clientIdStart());
        }

        @Test
        void takes_the_last_of_id_timestamp_and_type() {
            scanEvent(
                    wire().text(ID, "old")
                            .text(TIMESTAMP, "nonsense")
                            .message(LAUNCH, wire())
                            .message(ADD_TO_CART, wire())
                            .text(ID, "new")
                            .text(TIMESTAMP, "1"));
            assertThat(scanned.verdict(0)).isEqualTo(Verdict.VALID);
            assertThat(text(scanned.bytes(), scanned.idStart(0), scanned.idEnd(0)))
                    .isEqualTo("new");
            assertThat(scanned.eventTimeMicros(0)).isEqualTo(1_000);
            assertThat(catalog.types().get(scanned.typeOrdinal(0)).field().getNumber())
                    .isEqualTo(ADD_TO_CART);
        }

        @Test
        void takes_fields_that_the_catalogue_does_not_know() {
            scanEvent(
                    wire().message(LAUNCH, wire().text(99, "new"))
                            .group(77, wire())
                            .raw(0xF8, 6, 1));
            assertThat(scanned.verdict(0)).isEqualTo(Verdict.VALID);
        }

        @Test
        void starts_anew_with_each_batch() {
            scan(wire().message(HEADER, wire().text(10, "web")).message(EVENTS, wire().raw(7)));
            assertThat(scanned.rejectedCount()).isEqualTo(1);

            scanEvent(wire().message(LAUNCH, wire()));
            assertThat(scanned.size()).isEqualTo(1);
            assertThat(scanned.rejectedCount()).isZero();
            assertThat(scanned.violations(0)).isEmpty();
            assertThat(scanned.headerEnd()).isEqualTo(scanned.headerStart());

            scanned.clear();
            assertThat(scanned.size()).isZero();
            assertThat(scanned.bytes()).isEmpty();
            assertThatThrownBy(() -> scanned.verdict(0))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }

        @Test
        void keeps_to_the_range_that_it_was_given() {
            byte[] batch = wire().message(EVENTS, wire().message(LAUNCH, wire())).toBytes();
            byte[] array = wire().raw(7, 7, 7).raw(batch).raw(7, 7).toBytes();
            assertThat(walker.scan(array, 3, batch.length, scanned)).isInstanceOf(Scanned.class);
            assertThat(scanned.start(0)).isEqualTo(5);
            assertThat(scanned.end(0)).isEqualTo(7);
            assertThatThrownBy(() -> walker.scan(array, 3, array.length, scanned))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Nested
    class Batches_that_are_refused_as_a_whole {
        @Test
        void has_no_events() {
            assertThat(scan(wire())).isInstanceOf(Empty.class);
            assertThat(scan(wire().message(HEADER, wire()))).isInstanceOf(Empty.class);
        }

        @Test
        void has_more_events_than_allowed() {
            Wire batch = wire();
            for (int i = 0; i < 1_000; i++) {
                batch.message(EVENTS, wire().message(LAUNCH, wire()));
            }
            assertThat(scan(batch)).isInstanceOf(Scanned.class);
            assertThat(scanned.size()).isEqualTo(1_000);
            assertThat(scan(batch.message(EVENTS, wire()))).isEqualTo(new TooManyEvents(1_000));
        }

        @Test
        void is_cut_off() {
            byte[] batch = wire().message(EVENTS, wire().message(LAUNCH, wire())).toBytes();
            byte[] cut = Arrays.copyOf(batch, batch.length - 1);
            assertThat(scan(cut))
                    .isEqualTo(new Malformed("events[0]", "ends in the middle of a field", 3));
        }

        @Test
        void has_a_header_that_is_none() {
            Malformed malformed =
                    (Malformed)
                            scan(
                                    wire().message(EVENTS, wire().message(LAUNCH, wire()))
                                            .message(HEADER, wire().tag(12, 2).raw(1, 0xFF)));
            assertThat(malformed).isEqualTo(new Malformed("header.os", "is not valid UTF-8", 8));
            assertThat(malformed.message()).isEqualTo("header.os is not valid UTF-8, at byte 8");
        }

        @Test
        void has_a_field_number_zero() {
            Malformed malformed = (Malformed) scan(wire().raw(0));
            assertThat(malformed.message())
                    .isEqualTo("the batch has a field with the number 0, at byte 1");
        }
    }

    @Nested
    class Events_that_are_rejected_alone {
        @Test
        void leaves_its_neighbours_alone() {
            scan(
                    wire().message(EVENTS, wire().message(LAUNCH, wire()))
                            .message(
                                    EVENTS, wire().text(ID, "e").message(LAUNCH, wire().raw(10, 9)))
                            .message(EVENTS, wire().message(LAUNCH, wire())));
            assertThat(scanned.size()).isEqualTo(3);
            assertThat(scanned.validCount()).isEqualTo(2);
            assertThat(scanned.verdict(0)).isEqualTo(Verdict.VALID);
            assertThat(scanned.verdict(1)).isEqualTo(Verdict.REJECTED);
            assertThat(scanned.verdict(2)).isEqualTo(Verdict.VALID);
            assertThat(scanned.violations(1))
                    .extracting(Violation::field)
                    .containsExactly("events[1].launchEvent.referrer");
            assertThat(text(scanned.bytes(), scanned.idStart(1), scanned.idEnd(1))).isEqualTo("e");
        }

        @Test
        void names_the_field_and_the_byte() {
            byte[] batch =
                    Events.newBuilder()
                            .addEvents(
                                    Event.newBuilder()
                                            .setOrderCompletedEvent(
                                                    OrderCompletedEvent.newBuilder()
                                                            .setOrderId("o")
                                                            .addItems(
                                                                    LineItem.newBuilder()
                                                                            .setSku("a"))
                                                            .addItems(
                                                                    LineItem.newBuilder()
                                                                            .setSku("b"))
                                                            .addItems(
                                                                    LineItem.newBuilder()
                                                                            .setSku("c")
                                                                            .addCategories("d")
                                                                            .addCategories("e"))))
                            .build()
                            .toByteArray();
            batch[batch.length - 1] = (byte) 0x80;
            scan(batch);
            assertThat(onlyViolation())
                    .isEqualTo(
                            new Violation(
                                    "events[0].orderCompletedEvent.items[2].categories[1]",
                                    "is not valid UTF-8, at byte %d of the event; encode it again"
                                            .formatted(batch.length - 1 - scanned.start(0))));
        }

        @Test
        void names_an_unknown_field_by_its_number() {
            scanEvent(wire().message(LAUNCH, wire().tag(99, 2).raw(5)));
            assertThat(onlyViolation().field()).isEqualTo("events[0].launchEvent.99");
        }

        @Test
        void has_a_timestamp_that_is_none() {
            scanEvent(wire().text(TIMESTAMP, "yesterday").message(LAUNCH, wire()));
            assertThat(onlyViolation().field()).isEqualTo("events[0].timestamp");
            assertThat(onlyViolation().description())
                    .startsWith("\"yesterday\" is no time; send RFC 3339")
                    .contains("2026-01-31T12:00:00.123Z")
                    .contains("milliseconds since 1970");
            assertThat(scanned.eventTimeMicros(0)).isEqualTo(ScannedBatch.NO_TIME);
        }

        @Test
        void shows_no_more_than_the_beginning_of_a_wrong_timestamp() {
            scanEvent(wire().text(TIMESTAMP, "x".repeat(5_000)).message(LAUNCH, wire()));
            assertThat(onlyViolation().description()).startsWith("\"" + "x".repeat(40) + "...\"");
        }

        @Test
        void has_an_id_that_is_too_long() {
            scanEvent(wire().text(ID, "é".repeat(128)).message(LAUNCH, wire()));
            assertThat(scanned.verdict(0)).isEqualTo(Verdict.VALID);
            assertThat(scanned.idEnd(0) - scanned.idStart(0)).isEqualTo(256);

            scanEvent(wire().text(ID, "é".repeat(128) + "x").message(LAUNCH, wire()));
            assertThat(onlyViolation())
                    .isEqualTo(
                            new Violation("events[0].id", "is 257 bytes long; send at most 256"));
            assertThat(scanned.idEnd(0)).isEqualTo(scanned.idStart(0));
        }

        @Test
        void has_no_type() {
            scanEvent(wire().text(ID, "e"));
            assertThat(onlyViolation())
                    .isEqualTo(
                            new Violation(
                                    "events[0].EventOf",
                                    "no event type is set; set one of the catalogue's 78, such as launchEvent"));
            scanEvent(wire());
            assertThat(onlyViolation().field()).isEqualTo("events[0].EventOf");
        }

        @Test
        void tells_everything_that_is_wrong_at_once() {
            scanEvent(wire().text(ID, "x".repeat(300)).text(TIMESTAMP, "x"));
            assertThat(scanned.violations(0))
                    .extracting(Violation::field)
                    .containsExactly("events[0].timestamp", "events[0].id", "events[0].EventOf");
            assertThat(scanned.rejectedCount()).isEqualTo(1);
        }

        @Test
        void is_nested_deeper_than_protobuf_allows_in_a_tail() {
            Wire tower = wire();
            for (int i = 0; i < 96; i++) {
                tower = wire().group(50, tower);
            }
            scanEvent(wire().message(LAUNCH, wire().group(50, tower)));
            assertThat(scanned.verdict(0)).isEqualTo(Verdict.VALID);

            scanEvent(wire().message(LAUNCH, wire().group(50, wire().group(50, tower))));
            assertThat(onlyViolation().description())
                    .startsWith("is nested more than 99 levels deep");
        }
    }

    @Nested
    class Events_that_are_quarantined {
        @Test
        void has_a_field_in_place_of_a_type() {
            scanEvent(wire().text(ID, "e").message(5_000, wire().text(1, "new")));
            assertThat(scanned.verdict(0)).isEqualTo(Verdict.QUARANTINED);
            assertThat(scanned.quarantinedCount()).isEqualTo(1);
            assertThat(scanned.validCount()).isZero();
            assertThat(scanned.typeOrdinal(0)).isEqualTo(ScannedBatch.NO_TYPE);
            assertThat(text(scanned.bytes(), scanned.idStart(0), scanned.idEnd(0))).isEqualTo("e");
            assertThat(scanned.violations(0)).isEmpty();
        }

        @Test
        void has_a_type_under_a_wrong_wire_type() {
            scanEvent(wire().varintField(LAUNCH, 1));
            assertThat(scanned.verdict(0)).isEqualTo(Verdict.QUARANTINED);
        }

        @Test
        void is_rejected_all_the_same_when_its_timestamp_is_none() {
            scanEvent(wire().text(TIMESTAMP, "x").message(5_000, wire()));
            assertThat(onlyViolation().field()).isEqualTo("events[0].timestamp");
        }
    }

    @Test
    void counts_verdicts() {
        scan(
                wire().message(EVENTS, wire().message(LAUNCH, wire()))
                        .message(EVENTS, wire())
                        .message(EVENTS, wire().message(5_000, wire()))
                        .message(EVENTS, wire().message(ORDER_COMPLETED, wire())));
        assertThat(scanned)
                .extracting(
                        ScannedBatch::size,
                        ScannedBatch::validCount,
                        ScannedBatch::rejectedCount,
                        ScannedBatch::quarantinedCount)
                .containsExactly(4, 2, 1, 1);
        assertThat(scanned.violations(1))
                .extracting(Violation::field, v -> v.description().isEmpty())
                .containsExactly(tuple("events[1].EventOf", false));
    }

    @Test
    void makes_no_objects_for_sound_events() {
        Wire batch = wire().message(HEADER, wire().text(10, "web"));
        for (int i = 0; i < 1_000; i++) {
            Wire items = wire().message(11, wire().text(1, "é").text(8, "shoes"));
            batch.message(
                    EVENTS,
                    wire().text(ID, "e-" + i)
                            .text(TIMESTAMP, "2026-01-31T12:00:00.123Z")
                            .text(TIMESTAMP, "2026-01-31T12:00:00+01:00")
                            .message(ORDER_COMPLETED, items));
        }
        byte[] bytes = batch.toBytes();
        assertThat(scan(bytes)).isInstanceOf(Scanned.class);
        assertThat(scanned.validCount()).isEqualTo(1_000);

        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10; i++) {
            walker.scan(bytes, 0, bytes.length, scanned);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        // An object an event would be 160,000 bytes or more.
        assertThat(allocated).isLessThan(10_000);
    }

    @Test
    void needs_room_for_one_event() {
        assertThatThrownBy(() -> new BatchWalker(catalog, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
