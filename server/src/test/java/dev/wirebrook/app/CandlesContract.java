package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.Candle;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.FaultySink;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.events.journal.JournalEventLog;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalSettings;
import dev.wirebrook.market.CandleRange;
import dev.wirebrook.market.TickType;
import dev.wirebrook.market.history.CandleHistory;
import dev.wirebrook.market.history.CandleSql;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What candles are on every warehouse. All tests share one, each with symbols of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CandlesContract implements TestPipeline.Engines {
    static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final long SECOND = 1_000_000;

    @TempDir static Path folder;

    private final EventCatalog catalog = TickType.addedTo(EventCatalog.standard());
    private TestPipeline pipeline;
    private PublishedTicks ticks;
    private CandleHistory history;

    abstract CandleSql sql(EventCatalog extended);

    @Override
    public EventCatalog catalog() {
        return catalog;
    }

    @Override
    public EventLog openLog(EventCatalog ignored, List<RouteSpec> routes, Workers workers)
            throws IOException {
        return new JournalEventLog(
                Journal.open(
                        folder.resolve("journal"), JournalSettings.dev(), InstantSource.system()));
    }

    @BeforeAll
    void open() {
        pipeline = TestPipeline.open(folder, new FaultySink.Plan(), this);
        ticks = new PublishedTicks("epoch", catalog, pipeline);
        history =
                new CandleHistory(new WarehouseTicks(pipeline.warehouse()), sql(catalog), TIMEOUT);
    }

    @AfterAll
    void close() {
        pipeline.close();
    }

    /** What a publisher says at a time; null is not said. */
    private static Snapshot tick(
            String symbol, long micros, @Nullable Double ltp, @Nullable Double volume) {
        Snapshot.Builder snapshot =
                Snapshot.newBuilder()
                        .setSymbol(symbol)
                        .setExchangeTime(Timestamps.fromMicros(micros))
                        .setBid(1);
        if (ltp != null) {
            snapshot.setLtp(ltp);
        }
        if (volume != null) {
            snapshot.setVolume(volume);
        }
        return snapshot.build();
    }

    private void publish(Snapshot... snapshots) {
        ticks.publish(List.of(snapshots));
        pipeline.settle();
    }

    private List<Candle> candles(
            String symbol, long interval, @Nullable Long start, @Nullable Long end, int limit) {
        return history.candles(
                new CandleRange(
                        ticks.idOf(symbol),
                        interval,
                        start == null ? OptionalLong.empty() : OptionalLong.of(start),
                        end == null ? OptionalLong.empty() : OptionalLong.of(end),
                        limit));
    }

    private List<Candle> candles(String symbol, long interval) {
        return candles(symbol, interval, null, null, CandleRange.LIMIT_MAX);
    }

    private static String text(Candle candle) {
        return "%d: %s %s %s %s, %s in %d"
                .formatted(
                        Timestamps.toMicros(candle.getTime()) / SECOND,
                        candle.getOpen(),
                        candle.getHigh(),
                        candle.getLow(),
                        candle.getClose(),
                        candle.hasVolume() ? candle.getVolume() : "-",
                        candle.getUpdates());
    }

    @Test
    void what_is_not_known_has_none() {
        assertThat(
                        history.candles(
                                new CandleRange(
                                        Integer.MAX_VALUE,
                                        SECOND,
                                        OptionalLong.empty(),
                                        OptionalLong.empty(),
                                        1)))
                .isEmpty();
    }

    @Test
    void prices_are_those_of_trades_in_the_order_of_the_exchange_and_then_of_the_book() {
        publish(
                tick("order", 60 * SECOND, 5.0, null),
                tick("order", 61 * SECOND, 9.0, null),
                tick("order", 61 * SECOND, 2.0, null),
                tick("order", 119 * SECOND + 999_999, 8.0, null),
                tick("order", 119 * SECOND + 999_999, 6.0, null),
                tick("order", 120 * SECOND, 7.0, null));
        assertThat(candles("order", 60 * SECOND))
                .extracting(CandlesContract::text)
                .containsExactly("60: 5.0 9.0 2.0 6.0, - in 5", "120: 7.0 7.0 7.0 7.0, - in 1");
    }

    @Test
    void an_update_that_brings_no_price_is_no_trade_though_one_is_known() {
        publish(
                tick("quotes", 10 * SECOND, null, null),
                tick("quotes", 60 * SECOND, 5.0, null),
                tick("quotes", 61 * SECOND, null, null),
                tick("quotes", 130 * SECOND, null, null),
                tick("quotes", 180 * SECOND, 6.0, null));
        assertThat(candles("quotes", 60 * SECOND))
                .extracting(CandlesContract::text)
                .containsExactly("60: 5.0 5.0 5.0 5.0, - in 1", "180: 6.0 6.0 6.0 6.0, - in 1");
    }

    @Test
    void volume_is_what_it_rose_since_the_last_update_before_and_begins_anew_from_0() {
        publish(
                tick("volume", 1 * SECOND, 1.0, null),
                tick("volume", 60 * SECOND, 1.0, 100.0),
                tick("volume", 61 * SECOND, 1.0, 130.0),
                tick("volume", 120 * SECOND, 1.0, 135.0),
                tick("volume", 121 * SECOND, 1.0, 4.0),
                tick("volume", 122 * SECOND, 1.0, 6.0),
                tick("volume", 300 * SECOND, 1.0, 6.0),
                tick("volume", 360 * SECOND, 1.0, 7.5));
        assertThat(candles("volume", 60 * SECOND))
                .extracting(CandlesContract::text)
                .containsExactly(
                        "0: 1.0 1.0 1.0 1.0, - in 1",
                        "60: 1.0 1.0 1.0 1.0, 30.0 in 2",
                        "120: 1.0 1.0 1.0 1.0, 11.0 in 3",
                        "300: 1.0 1.0 1.0 1.0, 0.0 in 1",
                        "360: 1.0 1.0 1.0 1.0, 1.5 in 1");
        assertThat(candles("volume", 60 * SECOND, 120 * SECOND, 360 * SECOND, 9))
                .extracting(CandlesContract::text)
                .containsExactly(
                        "120: 1.0 1.0 1.0 1.0, 11.0 in 3", "300: 1.0 1.0 1.0 1.0, 0.0 in 1");
    }

    @Test
    void a_range_has_the_candles_that_begin_in_it_whole() {
        publish(
                tick("range", 0, 1.0, null),
                tick("range", 59 * SECOND, 2.0, null),
                tick("range", 60 * SECOND, 3.0, null),
                tick("range", 119 * SECOND, 4.0, null),
                tick("range", 120 * SECOND, 5.0, null));
        assertThat(candles("range", 60 * SECOND, 1L, 61 * SECOND, 9))
                .extracting(CandlesContract::text)
                .containsExactly("60: 3.0 4.0 3.0 4.0, - in 2");
        assertThat(candles("range", 60 * SECOND, 0L, 60 * SECOND, 9))
                .extracting(CandlesContract::text)
                .containsExactly("0: 1.0 2.0 1.0 2.0, - in 2");
    }

    @Test
    void without_a_start_the_latest_come_and_with_one_the_first_oldest_first_both_times() {
        publish(
                tick("limit", 1 * SECOND, 1.0, null),
                tick("limit", 2 * SECOND, 2.0, null),
                tick("limit", 3 * SECOND, 3.0, null),
                tick("limit", 4 * SECOND, 4.0, null));
        assertThat(candles("limit", SECOND, null, null, 2))
                .extracting(Candle::getOpen)
                .containsExactly(3.0, 4.0);
        assertThat(candles("limit", SECOND, null, 4 * SECOND, 2))
                .extracting(Candle::getOpen)
                .containsExactly(2.0, 3.0);
        assertThat(candles("limit", SECOND, 2 * SECOND, null, 2))
                .extracting(Candle::getOpen)
                .containsExactly(2.0, 3.0);
    }

    @Test
    void intervals_are_counted_from_1970_backwards_too() {
        publish(
                tick("past", -60 * SECOND - 1, 1.0, null),
                tick("past", -60 * SECOND, 2.0, null),
                tick("past", -1, 3.0, null),
                tick("past", 0, 4.0, null));
        assertThat(candles("past", 60 * SECOND))
                .extracting(CandlesContract::text)
                .containsExactly(
                        "-120: 1.0 1.0 1.0 1.0, - in 1",
                        "-60: 2.0 3.0 2.0 3.0, - in 2",
                        "0: 4.0 4.0 4.0 4.0, - in 1");
        assertThat(candles("past", 60 * SECOND, -60 * SECOND, null, 9)).hasSize(2);
    }

    @Test
    void any_time_of_the_contract_may_be_asked_for() {
        publish(tick("times", 1 * SECOND, 1.0, null));
        long first = Timestamps.toMicros(Timestamps.MIN_VALUE);
        long last = Timestamps.toMicros(Timestamps.MAX_VALUE);
        long longest = 366L * 86_400 * SECOND;
        assertThat(candles("times", longest, first, last, 9)).hasSize(1);
        assertThat(candles("times", longest, last, last, 9)).isEmpty();
        assertThat(candles("times", SECOND, first, last, 9)).hasSize(1);
    }

    @Test
    void candles_of_real_markets_are_those_that_are_counted_by_hand() throws Exception {
        List<Snapshot> replay = MarketReplay.read();
        ticks.publish(replay);
        pipeline.settle();
        Map<String, List<Snapshot>> bySymbol = new TreeMap<>();
        replay.forEach(
                one -> bySymbol.computeIfAbsent(one.getSymbol(), _ -> new ArrayList<>()).add(one));
        assertThat(bySymbol).hasSize(7);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        bySymbol.forEach((symbol, updates) -> {
            for (long seconds : new long[] {7, 60, 3_600, 86_400}) {
                List<Candle> expected = counted(updates, seconds * SECOND);
                String what = "%s in %d s, seed %d".formatted(symbol, seconds, seed);
                assertSame(what, candles(symbol, seconds * SECOND), latest(expected, 10_000));
                assertSame(
                        what,
                        candles(symbol, seconds * SECOND, null, null, 17),
                        latest(expected, 17));
                assertWithin(what, random, symbol, seconds * SECOND, expected);
            }
        });
    }

    private void assertWithin(
            String what, Random random, String symbol, long interval, List<Candle> all) {
        if (all.isEmpty()) {
            return;
        }
        long start = time(all.get(random.nextInt(all.size()))) - random.nextInt(2);
        long end = start + 1 + random.nextLong(interval * 100);
        List<Candle> expected =
                all.stream()
                        .filter(one -> time(one) >= start && time(one) < end)
                        .limit(50)
                        .toList();
        assertSame(
                what + " from " + start + " to " + end,
                candles(symbol, interval, start, end, 50),
                expected);
    }

    private static long time(Candle candle) {
        return Timestamps.toMicros(candle.getTime());
    }

    private static List<Candle> latest(List<Candle> candles, int limit) {
        return candles.subList(Math.max(0, candles.size() - limit), candles.size());
    }

    /** One update after the other, as they were published. */
    private static List<Candle> counted(List<Snapshot> updates, long interval) {
        TreeMap<Long, Candle.Builder> candles = new TreeMap<>();
        double volume = Double.NaN;
        for (Snapshot update : updates) {
            long micros = Timestamps.toMicros(update.getExchangeTime());
            long time = micros - Math.floorMod(micros, interval);
            if (!update.hasLtp()) {
                continue;
            }
            Candle.Builder candle =
                    candles.computeIfAbsent(
                            time,
                            _ ->
                                    Candle.newBuilder()
                                            .setTime(Timestamps.fromMicros(time))
                                            .setOpen(update.getLtp())
                                            .setHigh(update.getLtp())
                                            .setLow(update.getLtp()));
            candle.setHigh(Math.max(candle.getHigh(), update.getLtp()))
                    .setLow(Math.min(candle.getLow(), update.getLtp()))
                    .setClose(update.getLtp())
                    .setUpdates(candle.getUpdates() + 1);
            if (update.hasVolume()) {
                double before = Double.isNaN(volume) ? update.getVolume() : volume;
                double rise =
                        update.getVolume() < before
                                ? update.getVolume()
                                : update.getVolume() - before;
                candle.setVolume(candle.getVolume() + rise);
                volume = update.getVolume();
            }
        }
        return candles.values().stream().map(Candle.Builder::build).toList();
    }

    private static void assertSame(String what, List<Candle> found, List<Candle> expected) {
        assertThat(found).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            Candle candle = found.get(i);
            Candle other = expected.get(i);
            assertThat(candle.toBuilder().clearVolume().build())
                    .as(what)
                    .isEqualTo(other.toBuilder().clearVolume().build());
            assertThat(candle.hasVolume()).as(what).isEqualTo(other.hasVolume());
            // Engines add in an order of their own.
            assertThat(candle.getVolume())
                    .as(what)
                    .isCloseTo(other.getVolume(), within(1e-9 * (1 + other.getVolume())));
        }
    }
}
