package dev.wirebrook.market.redis;

import static dev.wirebrook.market.redis.RedisNode.PATIENCE;
import static dev.wirebrook.market.redis.RedisNode.SYMBOLS_MAX;
import static dev.wirebrook.market.redis.RedisNode.ltp;
import static dev.wirebrook.market.redis.RedisNode.symbol;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.wirebrook.RealEngine;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SharedUpdate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes on one Redis that stays up. */
@Timeout(60)
class RedisMarketIT {
    private static RealEngine redis;
    private static RedisData data;

    private RedisNode one;
    private RedisNode other;

    @BeforeAll
    static void startRedis() {
        redis = RealEngine.start("redis");
        data = new RedisData(redis.url());
    }

    @AfterAll
    static void stopRedis() {
        data.close();
        redis.close();
    }

    @BeforeEach
    void start() {
        data.command(commands -> commands.flushall());
        one = RedisNode.on(redis.url()).whenFresh();
        other = RedisNode.on(redis.url()).whenFresh();
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
    }

    private void assertAllAgree() {
        await().atMost(PATIENCE).until(() -> one.book.sequence() == data.sequence());
        await().atMost(PATIENCE).until(() -> other.book.sequence() == data.sequence());
        assertThat(one.snapshots()).isEqualTo(data.snapshots());
        assertThat(other.snapshots()).isEqualTo(data.snapshots());
        assertThat(one.book.epoch()).isEqualTo(data.epoch());
        assertThat(other.book.epoch()).isEqualTo(data.epoch());
    }

    @Test
    void what_one_node_publishes_stands_in_the_book_of_both() {
        Snapshot.Builder update = symbol(0).setSymbol("EURUSD").setLtp(1.1).setVolume(3);
        assertThat(one.publish(update.build(), ltp(7, 2)).accepted()).isEqualTo(2);
        assertAllAgree();
        Snapshot known = other.book.find("EURUSD").orElseThrow().snapshot();
        assertThat(known.getSymbolId()).isEqualTo(1);
        assertThat(known.getSequence()).isEqualTo(1);
        assertThat(known.getLtp()).isEqualTo(1.1);
        assertThat(known.getVolume()).isEqualTo(3);
        assertThat(known.hasExchangeTime()).isTrue();
    }

    @Test
    void one_who_was_answered_reads_what_he_published_on_the_same_node() {
        for (int i = 1; i <= 200; i++) {
            one.publish(ltp(1, i));
            assertThat(one.book.find(1).orElseThrow().snapshot().getLtp()).isEqualTo(i);
        }
    }

    @Test
    void two_nodes_that_send_different_fields_of_one_symbol_lose_none() {
        for (int i = 1; i <= 500; i++) {
            var first = one.send(symbol(1).setBid(i).build());
            var second = other.send(symbol(1).setAsk(-i).build());
            first.join();
            second.join();
        }
        assertAllAgree();
        Snapshot last = one.book.find(1).orElseThrow().snapshot();
        assertThat(last.getBid()).isEqualTo(500);
        assertThat(last.getAsk()).isEqualTo(-500);
        assertThat(last.getSequence()).isEqualTo(1_000);
    }

    @Test
    void four_publishers_on_two_nodes_get_sequences_without_gap_and_end_on_what_was_answered_last()
            throws InterruptedException {
        long rounds = 300;
        List<Thread> publishers = new ArrayList<>();
        Map<Integer, Double> answeredLast = new ConcurrentHashMap<>();
        for (int i = 1; i <= 4; i++) {
            int own = i;
            RedisNode node = i % 2 == 0 ? one : other;
            publishers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int round = 1; round <= rounds; round++) {
                                    PublishOutcome outcome =
                                            node.publish(
                                                    ltp(own, round),
                                                    symbol(9).setBid(own).build(),
                                                    ltp(own, round + 0.5));
                                    assertThat(outcome.accepted()).isEqualTo(3);
                                    answeredLast.put(own, round + 0.5);
                                }
                            }));
        }
        for (Thread publisher : publishers) {
            publisher.join();
        }
        assertAllAgree();
        assertThat(data.sequence()).isEqualTo(4 * 3 * rounds);
        assertThat(answeredLast).hasSize(4);
        answeredLast.forEach((id, price) ->
                assertThat(one.book.find(id).orElseThrow().snapshot().getLtp()).isEqualTo(price));
        assertThat(data.history().stream().map(SharedUpdate::sequence))
                .isEqualTo(LongStream.rangeClosed(1, 4 * 3 * rounds).boxed().toList());
        for (int id : new int[] {1, 2, 3, 4, 9}) {
            long previous = 0;
            long ordinal = 0;
            for (SharedUpdate update : data.history()) {
                if (update.snapshot().getSymbolId() == id) {
                    assertThat(update.previousSequence()).isEqualTo(previous);
                    assertThat(update.ordinal()).isEqualTo(++ordinal);
                    previous = update.sequence();
                }
            }
            assertThat(ordinal).isEqualTo(id == 9 ? 4 * rounds : 2 * rounds);
        }
    }

    @Test
    void a_publication_of_more_than_one_parcel_stands_in_its_order() {
        Snapshot[] updates =
                IntStream.range(0, 900).mapToObj(i -> ltp(1 + i % 7, i)).toArray(Snapshot[]::new);
        assertThat(one.publish(updates).accepted()).isEqualTo(900);
        assertThat(data.history().stream().map(update -> update.snapshot().getLtp()))
                .isEqualTo(IntStream.range(0, 900).mapToObj(i -> (double) i).toList());
        assertAllAgree();
    }

    @Test
    void a_node_that_comes_late_has_all() {
        for (int id = 1; id <= SYMBOLS_MAX; id++) {
            var _ = one.send(ltp(id, id), symbol(id).setBid(-id).build());
        }
        one.publish(ltp(1, 0.5));
        try (RedisNode late = RedisNode.on(redis.url()).whenFresh()) {
            assertThat(late.snapshots()).hasSize(SYMBOLS_MAX).isEqualTo(data.snapshots());
            late.publish(ltp(2, 7));
            assertAllAgree();
        }
    }

    @Test
    void a_channel_that_has_lost_what_follows_is_healed_from_the_latest_values() {
        one.publish(ltp(1, 1), ltp(2, 2));
        assertAllAgree();
        // As when a node is away for longer than the history lasts.
        data.publishUnheard(1, ltp(1, 148));
        data.publishUnheard(2, ltp(1, 149));
        assertAllAgree();
        assertThat(data.historyEntries()).isZero();
        assertThat(other.book.sequence()).isEqualTo(4);
        assertThat(other.book.find(1).orElseThrow().snapshot().getLtp()).isEqualTo(149);
        other.publish(ltp(2, 3));
        assertAllAgree();
    }

    @Test
    void a_redis_that_was_emptied_gets_a_new_epoch_and_all_start_over() {
        one.publish(ltp(1, 1), ltp(2, 2));
        assertAllAgree();
        String before = data.epoch();
        data.command(commands -> commands.flushall());
        await().atMost(PATIENCE).until(() -> !one.book.epoch().equals(before));
        await().atMost(PATIENCE).until(() -> !other.book.epoch().equals(before));
        assertThat(one.snapshots()).isEmpty();
        assertThat(other.snapshots()).isEmpty();
        assertThat(other.publish(ltp(2, 5)).accepted()).isEqualTo(1);
        assertAllAgree();
        assertThat(data.sequence()).isEqualTo(1);
    }

    /** The old epoch's readers must not take the new one's updates for the next of theirs. */
    @Test
    void
            updates_of_a_new_epoch_that_passes_the_old_ones_numbers_at_once_are_taken_for_none_of_it() {
        one.publish(ltp(1, 1), ltp(2, 2));
        assertAllAgree();
        data.command(commands -> commands.flushall());
        for (int i = 1; i <= 20; i++) {
            one.publish(ltp(3, i));
        }
        assertAllAgree();
        assertThat(other.snapshots()).containsOnlyKeys(3);
        assertThat(other.book.sequence()).isEqualTo(20);
    }

    @Test
    void scripts_that_redis_has_forgotten_are_loaded_again() {
        one.publish(ltp(1, 1));
        data.command(commands -> commands.scriptFlush());
        assertThat(one.publish(ltp(1, 2)).accepted()).isEqualTo(1);
        assertThat(other.publish(ltp(1, 3)).accepted()).isEqualTo(1);
        assertAllAgree();
        assertThat(data.sequence()).isEqualTo(3);
    }

    @Test
    void the_history_is_bounded_and_so_are_the_answers() {
        RedisMarketSettings settings = RedisNode.settings(redis.url(), 500).build();
        try (RedisNode small =
                new RedisNode(settings, SYMBOLS_MAX, InstantSource.system()).whenFresh()) {
            for (int i = 0; i < 3_000; i++) {
                var _ = small.send(ltp(1, i));
            }
            small.publish(ltp(1, -1));
            // Redis drops whole blocks of 100 entries.
            assertThat(data.historyEntries()).isBetween(500L, 600L);
            assertThat(data.answersOfTheBusiestNode()).isLessThanOrEqualTo(2L * Outbox.WINDOW + 1);
        }
        assertAllAgree();
    }

    @Test
    void beyond_what_may_wait_for_an_answer_publishers_are_slowed_and_keep_their_order() {
        RedisMarketSettings settings =
                RedisNode.settings(redis.url(), 2_000).pendingUpdatesMax(8).build();
        try (RedisNode small =
                new RedisNode(settings, SYMBOLS_MAX, InstantSource.system()).whenFresh()) {
            // As many as may wait, and four times as many in line.
            for (int round = 0; round < 20; round++) {
                List<CompletableFuture<PublishOutcome>> outcomes = new ArrayList<>();
                for (int i = 0; i < 40 / 4; i++) {
                    int price = round * 40 + i * 4;
                    outcomes.add(
                            small.send(
                                    ltp(1, price),
                                    ltp(1, price + 1),
                                    ltp(1, price + 2),
                                    ltp(1, price + 3)));
                }
                assertThat(outcomes)
                        .allSatisfy(outcome ->
                                assertThat(outcome)
                                        .succeedsWithin(PATIENCE)
                                        .extracting(PublishOutcome::accepted)
                                        .isEqualTo(4));
            }
            assertThat(data.history().stream().map(update -> update.snapshot().getLtp()))
                    .isEqualTo(IntStream.range(0, 800).mapToObj(i -> (double) i).toList());
            Snapshot[] more = new Snapshot[9];
            Arrays.fill(more, ltp(1, 1));
            // More than there ever will be room for; so at once.
            assertThat(small.send(more))
                    .isCompletedExceptionally()
                    .failsWithin(PATIENCE)
                    .withThrowableOfType(ExecutionException.class)
                    .havingCause()
                    .isInstanceOfSatisfying(
                            FailureException.class,
                            e -> assertThat(e.failure()).isInstanceOf(Failure.Overloaded.class));
        }
    }

    @Test
    void a_redis_without_memory_refuses_publishers_and_leaves_readers_alone() {
        one.publish(ltp(1, 1));
        data.command(commands -> commands.configSet("maxmemory", "1"));
        try {
            assertThatThrownBy(() -> one.publish(ltp(1, 2)))
                    .isInstanceOfSatisfying(
                            FailureException.class,
                            e -> assertThat(e.failure()).isInstanceOf(Failure.Unavailable.class));
            assertThat(one.market.isStale()).isFalse();
        } finally {
            data.command(commands -> commands.configSet("maxmemory", "0"));
        }
        assertThat(one.publish(ltp(1, 3)).accepted()).isEqualTo(1);
        assertAllAgree();
        assertThat(data.sequence()).isEqualTo(2);
    }

    private static Snapshot at(long seconds, double price) {
        return ltp(3, price).toBuilder()
                .setExchangeTime(Timestamp.newBuilder().setSeconds(seconds))
                .build();
    }

    @Test
    void a_symbol_that_one_node_resets_takes_an_update_of_any_time_from_every_node() {
        assertThat(one.publish(at(Instant.now().getEpochSecond(), 1)).accepted()).isEqualTo(1);
        assertThat(one.publish(at(4_070_908_800L, 2)).rejections().getFirst().failure().message())
                .contains("2099-01-01", "market.exchange-time-ahead-max");
        assertThat(other.publish(at(1, 2)).rejections()).hasSize(1);
        assertThat(one.reset(3).accepted()).isEqualTo(1);
        assertThat(one.reset(4).rejections().getFirst().failure())
                .isInstanceOf(Failure.NotFound.class);
        assertAllAgree();
        assertThat(other.book.find(3).orElseThrow().snapshot())
                .isEqualTo(Snapshot.newBuilder().setSymbolId(3).setSequence(2).build());
        assertThat(other.publish(at(1, 2)).accepted()).isEqualTo(1);
        assertAllAgree();
        assertThat(one.book.find(3).orElseThrow().snapshot().getLtp()).isEqualTo(2);
    }

    @Test
    void an_update_that_is_sent_again_at_another_node_is_acknowledged_and_no_update_of_its_own() {
        long now = Instant.now().getEpochSecond();
        Snapshot update = at(now, 1).toBuilder().setSymbol("A").setVolume(2).build();
        assertThat(one.publish(update).sequences()).containsExactly(1L);
        PublishOutcome again = other.publish(update, at(now, 2), at(now, 2));
        assertThat(again.accepted()).isEqualTo(3);
        assertThat(again.sequences()).containsExactly(2L);
        assertThat(again.duplicates()).containsExactly(1L, 2L);
        assertAllAgree();
        assertThat(one.book.sequence()).isEqualTo(2);
    }
}
