package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import dev.wirebrook.api.market.v1.Depth;
import dev.wirebrook.api.market.v1.DepthLevel;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotBookTest {
    private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");

    private final SnapshotBook book = new SnapshotBook("e", 4, 8, InstantSource.fixed(NOW));

    private static Snapshot.Builder of(int id) {
        return Snapshot.newBuilder().setSymbolId(id);
    }

    private static Timestamp at(long second) {
        return Timestamp.newBuilder().setSeconds(second).build();
    }

    private BookUpdate applied(Snapshot.Builder update) {
        return Objects.requireNonNull(book.apply(List.of(update.build())).getFirst().update());
    }

    private Failure refused(Snapshot.Builder update) {
        long before = book.sequence();
        Failure refusal =
                Objects.requireNonNull(book.apply(List.of(update.build())).getFirst().refusal());
        assertThat(book.sequence()).isEqualTo(before);
        return refusal;
    }

    @Test
    void numbers_the_updates_of_all_symbols_in_one_row() {
        assertThat(applied(of(13).setLtp(1)).sequence()).isEqualTo(1);
        assertThat(applied(of(25).setLtp(1)).sequence()).isEqualTo(2);
        BookUpdate third = applied(of(13).setLtp(2));
        assertThat(third.sequence()).isEqualTo(3);
        assertThat(third.previousSequence()).isEqualTo(1);
        assertThat(third.ordinal()).isEqualTo(2);
        assertThat(book.find(13)).contains(third);
        assertThat(book.size()).isEqualTo(2);
    }

    @Test
    void an_update_says_what_has_changed_and_the_rest_stays() {
        applied(of(13).setSymbol("A").setLtp(1).setBid(0.9).setVolume(7).setExchangeTime(at(5)));
        Snapshot snapshot = applied(of(13).setLtp(2).setExchangeTime(at(6))).snapshot();
        assertThat(snapshot)
                .isEqualTo(
                        of(13).setSymbol("A")
                                .setLtp(2)
                                .setBid(0.9)
                                .setVolume(7)
                                .setExchangeTime(at(6))
                                .setSequence(2)
                                .build());
    }

    @Test
    void depth_is_replaced_whole() {
        DepthLevel level = DepthLevel.newBuilder().setPrice(1).setQuantity(2).build();
        applied(of(13).setDepth(Depth.newBuilder().addBids(level).addBids(level).addAsks(level)));
        Snapshot snapshot = applied(of(13).setDepth(Depth.newBuilder().addAsks(level))).snapshot();
        assertThat(snapshot.getDepth()).isEqualTo(Depth.newBuilder().addAsks(level).build());
    }

    @Test
    void what_a_publisher_may_not_say_is_not_taken_from_it() {
        Snapshot snapshot =
                applied(
                                of(13).setSequence(99)
                                        .setStale(true)
                                        .setUnknownFields(
                                                UnknownFieldSet.newBuilder()
                                                        .addField(
                                                                77,
                                                                UnknownFieldSet.Field.newBuilder()
                                                                        .addVarint(1)
                                                                        .build())
                                                        .build()))
                        .snapshot();
        assertThat(snapshot.getSequence()).isEqualTo(1);
        assertThat(snapshot.getStale()).isFalse();
        assertThat(snapshot.getUnknownFields().asMap()).isEmpty();
    }

    @Test
    void a_symbol_without_an_id_gets_the_next_one_and_keeps_it() {
        applied(of(13));
        assertThat(applied(of(0).setSymbol("INFY")).symbolId()).isEqualTo(14);
        assertThat(applied(of(0).setSymbol("INFY")).symbolId()).isEqualTo(14);
        assertThat(book.find("INFY").orElseThrow().ordinal()).isEqualTo(2);
    }

    @Test
    void a_symbol_without_an_id_gets_the_lowest_one_when_the_highest_is_taken() {
        applied(of(2));
        applied(of(Integer.MAX_VALUE));
        assertThat(applied(of(0).setSymbol("A")).symbolId()).isEqualTo(1);
        assertThat(applied(of(0).setSymbol("B")).symbolId()).isEqualTo(3);
        assertThat(applied(of(0).setSymbol("A")).symbolId()).isEqualTo(1);
        assertThat(refused(of(0).setSymbol("C"))).isInstanceOf(Failure.TooLarge.class);
    }

    @Test
    void an_id_may_get_its_symbol_later_and_then_for_good() {
        applied(of(13));
        applied(of(13).setSymbol("A"));
        assertThat(book.find("A")).isPresent();
        assertThat(refused(of(13).setSymbol("B")).message()).contains("symbol 13 is A, not B");
        assertThat(refused(of(14).setSymbol("A")).message()).contains("A is symbol 13, not 14");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void numbers_are_finite(double number) {
        DepthLevel.Builder level = DepthLevel.newBuilder();
        List<Snapshot.Builder> all =
                List.of(
                        of(13).setLtp(number),
                        of(13).setOpen(number),
                        of(13).setHigh(number),
                        of(13).setLow(number),
                        of(13).setClose(number),
                        of(13).setVolume(number),
                        of(13).setOpenInterest(number),
                        of(13).setBid(number),
                        of(13).setAsk(number),
                        of(13).setDepth(Depth.newBuilder().addBids(level.setPrice(number))),
                        of(13).setDepth(
                                        Depth.newBuilder()
                                                .addAsks(level.setPrice(1).setQuantity(number))));
        List<String> fields = new ArrayList<>();
        for (Snapshot.Builder update : all) {
            Failure refusal = refused(update);
            assertThat(refusal).isInstanceOf(Failure.InvalidRequest.class);
            assertThat(refusal.message()).contains("finite number");
            fields.add(((Failure.InvalidRequest) refusal).violations().getFirst().field());
        }
        assertThat(fields)
                .containsExactly(
                        "ltp",
                        "open",
                        "high",
                        "low",
                        "close",
                        "volume",
                        "open_interest",
                        "bid",
                        "ask",
                        "depth.bids[0].price",
                        "depth.asks[0].quantity");
    }

    @Test
    void prices_may_be_negative_and_quantities_not() {
        applied(of(13).setLtp(-37.63));
        assertThat(refused(of(13).setVolume(-1)).message()).contains("volume", "0 or more");
    }

    @Test
    void refuses_what_is_too_much() {
        Depth.Builder six = Depth.newBuilder();
        for (int i = 0; i < 6; i++) {
            six.addBids(DepthLevel.getDefaultInstance());
        }
        assertThat(refused(of(13).setDepth(six)).message()).contains("6 levels", "at most 5");
        assertThat(refused(of(13).setSymbol("x".repeat(65))).message()).contains("64 bytes");
        assertThat(refused(of(13).setExchange("é".repeat(33))).message()).contains("64 bytes");
        assertThat(refused(of(-1)).message()).contains("1 to 2147483647");
        assertThat(refused(of(0)).message()).contains("send one of them");
        assertThat(refused(of(1).setExchangeTime(Timestamp.newBuilder().setNanos(-1))).message())
                .contains("exchange_time");
    }

    @Test
    void time_does_not_run_backwards() {
        applied(of(13).setLtp(1).setExchangeTime(at(100)));
        assertThat(refused(of(13).setLtp(2).setExchangeTime(at(99))).message()).contains("earlier");
        assertThat(book.find(13).orElseThrow().snapshot().getLtp()).isEqualTo(1);
        applied(of(13).setLtp(3).setExchangeTime(at(100)));
        // One that is ahead of this server's clock is not turned back by it.
        long ahead = NOW.getEpochSecond() + 60;
        applied(of(13).setLtp(4).setExchangeTime(at(ahead)));
        assertThat(applied(of(13).setLtp(5)).snapshot().getExchangeTime()).isEqualTo(at(ahead));
    }

    @Test
    void takes_no_more_symbols_than_it_may_and_goes_on_with_those_it_has() {
        for (int id = 1; id <= 4; id++) {
            applied(of(id));
        }
        assertThat(refused(of(5))).isInstanceOf(Failure.TooLarge.class);
        assertThat(refused(of(5)).message()).contains("market.symbols-max");
        applied(of(4).setLtp(2));
    }

    @Test
    void what_is_wrong_with_one_update_does_not_keep_the_others_out() {
        List<SnapshotBook.Applied> results =
                book.apply(
                        List.of(
                                of(1).setLtp(1).build(),
                                of(1).setLtp(Double.NaN).build(),
                                of(1).setLtp(3).build()));
        assertThat(results)
                .extracting(result -> result.update() != null)
                .containsExactly(true, false, true);
        assertThat(book.find(1).orElseThrow().snapshot().getLtp()).isEqualTo(3);
    }

    @Test
    void keeps_the_last_updates() {
        for (int i = 1; i <= 20; i++) {
            applied(of(1).setLtp(i));
        }
        assertThat(book.at(12)).isNull();
        assertThat(Objects.requireNonNull(book.at(13)).snapshot().getLtp()).isEqualTo(13);
        assertThat(Objects.requireNonNull(book.at(20)).snapshot().getLtp()).isEqualTo(20);
        assertThat(book.at(21)).isNull();
    }
}
