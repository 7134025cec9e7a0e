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
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What candles are on every warehouse. All tests share one, each with symbols of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class CandlesContract implements TestPipeline.Engines {
    static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final long SECOND = 1_000_000;

    /** Updates that are stored before more are published. */
    private static final int PORTION = 10_000;

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
    void a_volume_that_is_not_known_yet_after_a_restart_goes_on_from_the_last_one_before() {
        publish(tick("restart", 60 * SECOND, 1.0, 100.0));
        Snapshot behind = tick("restart", 120 * SECOND, 2.0, null);
        Snapshot later = tick("restart", 180 * SECOND, 3.0, 108.0);
        new PublishedTicks("another epoch", catalog, pipeline)
                .publish(
                        List.of(
                                behind.toBuilder().setSymbolId(ticks.idOf("restart")).build(),
                                later));
        pipeline.settle();
        assertThat(candles("restart", 60 * SECOND))
                .extracting(CandlesContract::text)
                .containsExactly(
                        "60: 1.0 1.0 1.0 1.0, 0.0 in 1",
                        "120: 2.0 2.0 2.0 2.0, - in 1",
                        "180: 3.0 3.0 3.0 3.0, 8.0 in 1");
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
        for (int i = 0; i < replay.size(); i += PORTION) {
            ticks.publish(replay.subList(i, Math.min(replay.size(), i + PORTION)));
            pipeline.settle();
        }
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
        long volumeDay = 0;
        for (Snapshot update : updates) {
            long micros = Timestamps.toMicros(update.getExchangeTime());
            long time = micros - Math.floorMod(micros, interval);
            long day = Math.floorDiv(micros, 86_400 * SECOND);
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
                boolean isNewDay =
                        update.getVolume() < before
                                && (day != volumeDay || update.getVolume() * 10 < before);
                double rise = isNewDay ? update.getVolume() : update.getVolume() - before;
                candle.setVolume(candle.getVolume() + rise);
                volume = update.getVolume();
                volumeDay = day;
            }
        }
        return candles.values().stream()
                .map(candle ->
                        candle.hasVolume()
                                ? candle.setVolume(Math.max(0, candle.getVolume()))
                                : candle)
                .map(Candle.Builder::build)
                .toList();
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

    private static final long DAY = 86_400 * SECOND;

    private static long micros(String time) {
        return Instant.parse(time).getEpochSecond() * SECOND;
    }

    private List<Candle> candles(String symbol, long interval, String zone) {
        return history.candles(
                new CandleRange(
                        ticks.idOf(symbol),
                        interval,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        ZoneId.of(zone),
                        CandleRange.LIMIT_MAX));
    }

    @Test
    void a_correction_of_the_volume_is_taken_back_and_no_new_day() {
        long open = micros("2024-03-05T10:00:00Z");
        publish(
                tick("corrected", open, 1.0, 1_000_000.0),
                tick("corrected", open + 60 * SECOND, 1.0, 5_000_000.0),
                tick("corrected", open + 120 * SECOND, 1.0, 4_999_500.0),
                tick("corrected", open + 180 * SECOND, 1.0, 5_000_100.0));
        assertThat(candles("corrected", DAY))
                .extracting(Candle::getVolume)
                .containsExactly(4_000_100.0);
        assertThat(candles("corrected", 60 * SECOND))
                .extracting(Candle::getVolume)
                .containsExactly(0.0, 4_000_000.0, 0.0, 600.0);
    }

    @Test
    void on_another_day_of_the_zone_a_lower_volume_begins_at_0() {
        publish(
                tick("days", micros("2024-03-05T18:29:59Z"), 1.0, 5_000.0),
                tick("days", micros("2024-03-05T18:30:00Z"), 1.0, 4_900.0),
                tick("days", micros("2024-03-05T18:31:00Z"), 1.0, 5_100.0));
        assertThat(candles("days", DAY, "Asia/Kolkata"))
                .extracting(CandlesContract::text)
                .containsExactly(
                        micros("2024-03-04T18:30:00Z") / SECOND + ": 1.0 1.0 1.0 1.0, 0.0 in 1",
                        micros("2024-03-05T18:30:00Z") / SECOND + ": 1.0 1.0 1.0 1.0, 5100.0 in 2");
        assertThat(candles("days", DAY)).extracting(Candle::getVolume).containsExactly(100.0);
        assertThat(candles("days", DAY, "+05:30")).isEqualTo(candles("days", DAY, "Asia/Kolkata"));
    }

    /** One tick each ten minutes around both changes of the clock, counted with java.time. */
    @ParameterizedTest
    @ValueSource(strings = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"})
    void candles_begin_in_local_time_whatever_the_clock_is_changed(String name) {
        ZoneId zone = ZoneId.of(name);
        List<Snapshot> updates = new ArrayList<>();
        for (String about : List.of("2024-03-31T12:00:00Z", "2024-10-27T12:00:00Z")) {
            for (long at = micros(about) - 30 * DAY;
                    at < micros(about) + 10 * DAY;
                    at += 600 * SECOND) {
                updates.add(tick(name, at, 1.0, null));
            }
        }
        ticks.publish(updates);
        pipeline.settle();
        Map<Long, Integer> days = new TreeMap<>();
        Map<Long, Integer> hours = new TreeMap<>();
        Map<Long, Integer> halves = new TreeMap<>();
        for (Snapshot update : updates) {
            ZonedDateTime time =
                    Instant.ofEpochSecond(update.getExchangeTime().getSeconds()).atZone(zone);
            days.merge(time.toLocalDate().atStartOfDay(zone).toEpochSecond(), 1, Integer::sum);
            // A change by half an hour makes two hours of one and a half.
            hours.merge(time.truncatedTo(ChronoUnit.HOURS).toEpochSecond(), 1, Integer::sum);
            halves.merge(
                    time.toLocalDate()
                            .atTime(time.getHour() / 12 * 12, 0)
                            .atZone(zone)
                            .toEpochSecond(),
                    1,
                    Integer::sum);
        }
        assertThat(updatesByStart(candles(name, DAY, name))).isEqualTo(days);
        assertThat(updatesByStart(candles(name, DAY / 2, name))).isEqualTo(halves);
        if (!name.equals("Australia/Lord_Howe")) {
            assertThat(updatesByStart(candles(name, DAY / 24, name))).isEqualTo(hours);
        }
        long start = micros("2024-03-31T00:30:00Z");
        assertThat(
                        updatesByStart(
                                history.candles(
                                        new CandleRange(
                                                ticks.idOf(name),
                                                DAY,
                                                OptionalLong.of(start),
                                                OptionalLong.of(start + 3 * DAY),
                                                zone,
                                                9))))
                .isEqualTo(new TreeMap<>(days).subMap(start / SECOND, (start + 3 * DAY) / SECOND));
    }

    private static Map<Long, Integer> updatesByStart(List<Candle> candles) {
        Map<Long, Integer> updates = new TreeMap<>();
        candles.forEach(
                candle -> updates.put(candle.getTime().getSeconds(), (int) candle.getUpdates()));
        return updates;
    }
}
