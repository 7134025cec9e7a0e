package dev.wirebrook.market.redis;

import static dev.wirebrook.market.redis.RedisNode.PATIENCE;
import static dev.wirebrook.market.redis.RedisNode.ltp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Redis that is killed, and comes back with all it had, with a part of it, or with nothing. */
@Timeout(120)
class RedisOutageIT {
    private static final Duration STALE_WITHIN = Duration.ofSeconds(2);

    private RealEngine redis;
    private RedisData data;
    private final List<RedisNode> nodes = new ArrayList<>();

    @BeforeEach
    void start() {
        redis = RealEngine.start("redis");
        data = new RedisData(redis.url());
    }

    private void startNodes() {
        nodes.add(RedisNode.on(redis.url()).whenFresh());
        nodes.add(RedisNode.on(redis.url()).whenFresh());
    }

    private RedisNode one() {
        return nodes.getFirst();
    }

    private RedisNode other() {
        return nodes.getLast();
    }

    @AfterEach
    void stop() {
        nodes.forEach(RedisNode::close);
        data.close();
        redis.close();
    }

    private void assertAllAgree() {
        for (RedisNode node : nodes) {
            node.whenFresh();
            await().atMost(PATIENCE).until(() -> node.book.epoch().equals(data.epoch()));
            await().atMost(PATIENCE).until(() -> node.book.sequence() == data.sequence());
            assertThat(node.snapshots()).isEqualTo(data.snapshots());
        }
    }

    private void stopWriting() {
        data.command(commands -> commands.configSet("appendonly", "no"));
    }

    @Test
    void a_kill_under_load_costs_nothing_that_was_answered_where_redis_writes_before_it_answers() {
        startNodes();
        String epoch = data.epoch();
        try (Load load = new Load(one(), other(), one(), other()).goOn(100)) {
            redis.kill();
            redis.startAgain();
            load.goOn(100);
            redis.kill();
            redis.startAgain();
            load.goOn(100).assertKept(data);
        }
        assertAllAgree();
        assertThat(data.epoch()).isEqualTo(epoch);
    }

    @Test
    void a_redis_that_kept_nothing_comes_back_with_a_new_epoch_and_all_start_over() {
        stopWriting();
        startNodes();
        one().publish(ltp(1, 1), ltp(2, 2));
        assertAllAgree();
        String epoch = data.epoch();
        redis.kill();
        redis.startAgain();
        await().atMost(PATIENCE).until(() -> !one().book.epoch().equals(epoch));
        assertAllAgree();
        assertThat(other().snapshots()).isEmpty();
        assertThat(other().publish(ltp(2, 3)).accepted()).isEqualTo(1);
        assertAllAgree();
        assertThat(data.sequence()).isEqualTo(1);
    }

    @Test
    void a_redis_that_has_lost_the_last_of_it_comes_back_with_a_new_epoch_and_the_rest() {
        startNodes();
        one().publish(ltp(1, 1), ltp(2, 2));
        assertAllAgree();
        String epoch = data.epoch();
        stopWriting();
        one().publish(ltp(1, 3), ltp(3, 4));
        assertAllAgree();
        redis.kill();
        redis.startAgain();
        await().atMost(PATIENCE).until(() -> !one().book.epoch().equals(epoch));
        assertAllAgree();
        assertThat(other().snapshots()).containsOnlyKeys(1, 2);
        assertThat(other().book.find(1).orElseThrow().snapshot().getLtp()).isEqualTo(1);
        one().publish(ltp(1, 5));
        assertAllAgree();
        assertThat(data.channels()).as("only the epoch's").isEqualTo(1);
    }

    @Test
    void
            a_redis_that_has_lost_the_last_of_it_with_all_who_saw_that_has_a_new_epoch_for_who_comes() {
        startNodes();
        one().publish(ltp(1, 1), ltp(2, 2));
        assertAllAgree();
        String epoch = data.epoch();
        stopWriting();
        one().publish(ltp(1, 3), ltp(3, 4));
        assertAllAgree();
        redis.kill();
        nodes.forEach(RedisNode::close);
        nodes.clear();
        redis.startAgain();
        startNodes();
        assertAllAgree();
        assertThat(data.epoch()).isNotEqualTo(epoch);
        assertThat(other().snapshots()).containsOnlyKeys(1, 2);
        assertThat(data.channels()).as("none of the old epoch").isZero();
    }

    @Test
    void while_redis_is_away_reading_goes_on_publishing_is_refused_and_all_is_said_to_be_stale() {
        startNodes();
        one().publish(ltp(1, 1));
        assertAllAgree();
        redis.kill();
        await().atMost(STALE_WITHIN)
                .until(() -> one().market.isStale() && other().market.isStale());
        assertThatThrownBy(() -> one().publish(ltp(1, 2)))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e ->
                                assertThat(e.failure())
                                        .isInstanceOfSatisfying(
                                                Failure.Unavailable.class,
                                                failure ->
                                                        assertThat(failure.retryDelay())
                                                                .isPositive()));
        assertThat(other().book.find(1).orElseThrow().snapshot().getLtp()).isEqualTo(1);
        redis.startAgain();
        assertAllAgree();
        assertThat(other().publish(ltp(1, 3)).accepted()).isEqualTo(1);
        assertAllAgree();
        assertThat(data.sequence()).isEqualTo(2);
    }

    @Test
    void what_redis_has_not_answered_in_time_is_refused_and_may_have_been_taken() {
        nodes.add(
                new RedisNode(
                                TestRedisSettings.of(redis.url())
                                        .staleAfter(PATIENCE) // so that it does not refuse at once
                                        .build(),
                                RedisNode.SYMBOLS_MAX,
                                InstantSource.system())
                        .whenFresh());
        nodes.add(RedisNode.on(redis.url()).whenFresh());
        redis.kill();
        assertThatThrownBy(() -> one().publish(ltp(1, 2)))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e ->
                                assertThat(e.failure().message())
                                        .contains("did not answer within 3000 ms"));
    }

    @Test
    void what_had_no_room_in_time_is_refused_and_was_not_taken() {
        nodes.add(
                new RedisNode(
                                TestRedisSettings.of(redis.url())
                                        .staleAfter(PATIENCE) // so that it does not refuse at once
                                        .pendingUpdatesMax(2)
                                        .build(),
                                RedisNode.SYMBOLS_MAX,
                                InstantSource.system())
                        .whenFresh());
        nodes.add(RedisNode.on(redis.url()).whenFresh());
        redis.kill();
        var sent = one().send(ltp(1, 1), ltp(2, 1));
        var inLine = one().send(ltp(1, 2));
        assertThat(inLine)
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(FailureException.class)
                .withMessageContaining("no more are taken just now");
        assertThat(sent)
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("may have been taken or not");
    }

    @Test
    void nodes_that_start_before_redis_does_come_up_with_it() {
        redis.kill();
        nodes.add(RedisNode.on(redis.url()));
        nodes.add(RedisNode.on(redis.url()));
        assertThat(one().market.isStale()).isTrue();
        assertThatThrownBy(() -> one().publish(ltp(1, 2))).isInstanceOf(FailureException.class);
        redis.startAgain();
        one().whenFresh().publish(ltp(1, 1));
        assertAllAgree();
    }
}
