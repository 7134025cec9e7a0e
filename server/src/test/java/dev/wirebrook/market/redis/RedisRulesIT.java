package dev.wirebrook.market.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import dev.wirebrook.RealEngine;
import dev.wirebrook.api.market.v1.Depth;
import dev.wirebrook.api.market.v1.DepthLevel;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.market.BookUpdate;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotBook;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The script in Redis decides and merges as a book of one node does. */
@Timeout(120)
class RedisRulesIT {
    private static final int SYMBOLS_MAX = 6;
    private static final int ROUNDS = 1_000;
    private static final long YEAR_ONE = -62_135_596_800L;
    private static final long YEAR_9999 = 253_402_300_799L;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private Instant now = Instant.ofEpochSecond(1_700_000_000);
    private final InstantSource clock = () -> now;

    @Test
    void random_updates_have_the_outcome_that_they_have_in_a_book_of_one_node() {
        try (RealEngine redis = RealEngine.start("redis");
                RedisNode node =
                        new RedisNode(
                                        RedisNode.settings(redis.url(), 100).build(),
                                        SYMBOLS_MAX,
                                        clock,
                                        Duration.ofDays(10_000 * 366L))
                                .whenFresh()) {
            SnapshotBook alone = new SnapshotBook("alone", SYMBOLS_MAX, 64, clock);
            int accepted = 0;
            Set<String> refused = new TreeSet<>();
            for (int round = 0; round < ROUNDS; round++) {
                now = now.plusNanos(random.nextInt(-2_000_000, 3_000_000));
                Snapshot[] updates = new Snapshot[1 + random.nextInt(4)];
                for (int i = 0; i < updates.length; i++) {
                    updates[i] = update();
                }
                List<PublishOutcome.Rejection> expected = new ArrayList<>();
                List<SnapshotBook.Applied> applied = alone.apply(List.of(updates));
                for (int i = 0; i < updates.length; i++) {
                    Failure refusal = applied.get(i).refusal();
                    if (refusal != null) {
                        refused.add(kind(refusal));
                        expected.add(
                                new PublishOutcome.Rejection(
                                        i,
                                        updates[i].getSymbolId(),
                                        updates[i].getSymbol(),
                                        refusal));
                    }
                }
                PublishOutcome outcome = node.publish(updates);
                String which = "seed %d, round %d".formatted(seed, round);
                assertThat(outcome.rejections()).as(which).isEqualTo(expected);
                accepted += outcome.accepted();
                assertThat(node.book.sequence()).as(which).isEqualTo(alone.sequence());
                for (int id : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 40, 41, Integer.MAX_VALUE}) {
                    assertSame(which, alone.find(id), node.book.find(id));
                }
                for (String symbol : List.of("A", "BB", "ÄÖ", "D".repeat(64))) {
                    assertSame(which, alone.find(symbol), node.book.find(symbol));
                }
            }
            assertThat(accepted).as("seed %d", seed).isGreaterThan(ROUNDS / 10);
            assertThat(refused)
                    .as("seed %d", seed)
                    .contains("symbol_id", "symbol", "exchange_time", "TooLarge");
        }
    }

    /** The field that is wrong; else the kind of failure. */
    private static String kind(Failure refusal) {
        return refusal instanceof Failure.InvalidRequest invalid
                ? invalid.violations().getFirst().field()
                : refusal.getClass().getSimpleName();
    }

    private static void assertSame(
            String which, Optional<BookUpdate> expected, Optional<BookUpdate> actual) {
        assertThat(actual.map(BookUpdate::snapshot))
                .as(which)
                .isEqualTo(expected.map(BookUpdate::snapshot));
        assertThat(actual.map(BookUpdate::previousSequence))
                .as(which)
                .isEqualTo(expected.map(BookUpdate::previousSequence));
    }

    private Snapshot update() {
        Snapshot.Builder update = Snapshot.newBuilder();
        if (random.nextInt(3) > 0) {
            update.setSymbolId(random.nextInt(60) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(5));
        }
        if (random.nextInt(200) == 0) {
            update.setSymbolId(40);
        }
        if (random.nextInt(3) == 0) {
            update.setSymbol(List.of("A", "BB", "ÄÖ", "D".repeat(64)).get(random.nextInt(4)));
        }
        if (random.nextInt(30) == 0) {
            update.setSymbol("N" + random.nextInt(50));
        }
        if (random.nextInt(4) == 0) {
            update.setExchange(random.nextBoolean() ? "NSE" : "X".repeat(random.nextInt(65)));
        }
        if (random.nextBoolean()) {
            update.setLtp(number());
        }
        if (random.nextInt(4) == 0) {
            update.setOpen(number()).setHigh(number()).setLow(number()).setClose(number());
        }
        if (random.nextInt(4) == 0) {
            update.setVolume(Math.abs(number())).setOpenInterest(Math.abs(number()));
        }
        if (random.nextInt(4) == 0) {
            update.setBid(number()).setAsk(number());
        }
        if (random.nextInt(4) == 0) {
            update.setDepth(depth());
        }
        if (random.nextInt(3) == 0) {
            update.setExchangeTime(time());
        }
        if (random.nextInt(8) == 0) {
            update.setSequence(random.nextLong()).setStale(true);
            update.setUnknownFields(
                    UnknownFieldSet.newBuilder()
                            .addField(900, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
                            .build());
        }
        return update.build();
    }

    private double number() {
        return switch (random.nextInt(20)) {
            case 0 -> 0;
            case 1 -> -0.0;
            case 2 -> Double.MAX_VALUE;
            case 3 -> random.nextInt(5) == 0 ? Double.NaN : Double.MIN_VALUE;
            default -> random.nextDouble(-1_000, 1_000);
        };
    }

    private Depth depth() {
        Depth.Builder depth = Depth.newBuilder();
        for (int i = random.nextInt(7); i > 0; i--) {
            depth.addBids(
                    DepthLevel.newBuilder()
                            .setPrice(number())
                            .setQuantity(random.nextDouble())
                            .setOrders(random.nextInt(1_000_000)));
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            depth.addAsks(DepthLevel.newBuilder().setPrice(random.nextInt()));
        }
        return depth.build();
    }

    private Timestamp time() {
        return switch (random.nextInt(200)) {
            case 0 -> Timestamp.newBuilder().setSeconds(YEAR_9999).setNanos(999_999_999).build();
            case 1, 2, 3, 4, 5 -> Timestamp.newBuilder().setSeconds(YEAR_ONE).build();
            case 6, 7 -> Timestamp.getDefaultInstance();
            default ->
                    Timestamp.newBuilder()
                            .setSeconds(now.getEpochSecond())
                            .setNanos(
                                    Math.clamp(
                                            now.getNano() + random.nextInt(-5_000, 500_000),
                                            0,
                                            999_999_999))
                            .build();
        };
    }
}
