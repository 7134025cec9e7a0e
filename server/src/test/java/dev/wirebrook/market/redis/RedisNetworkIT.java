package dev.wirebrook.market.redis;

import static dev.wirebrook.market.redis.RedisNode.PATIENCE;
import static dev.wirebrook.market.redis.RedisNode.ltp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.FreezableProxy;
import dev.wirebrook.RealEngine;
import dev.wirebrook.failure.FailureException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A network between one node and Redis that goes silent without closing anything. */
@Timeout(120)
class RedisNetworkIT {
    private static final int HISTORY = 50;

    private RealEngine redis;
    private FreezableProxy network;
    private RedisData data;
    private final List<RedisNode> nodes = new ArrayList<>();
    private volatile boolean cut;

    @BeforeEach
    void start() {
        redis = RealEngine.start("redis");
        data = new RedisData(redis.url());
        network = new FreezableProxy(URI.create(redis.url()).getPort());
    }

    private void startNodes(int historyUpdates) {
        nodes.add(RedisNode.on(redis.url(), historyUpdates).whenFresh());
        nodes.add(RedisNode.on("redis://127.0.0.1:" + network.port(), historyUpdates).whenFresh());
    }

    private RedisNode near() {
        return nodes.getFirst();
    }

    private RedisNode far() {
        return nodes.getLast();
    }

    @AfterEach
    void stop() {
        cut = false;
        nodes.forEach(RedisNode::close);
        network.close();
        data.close();
        redis.close();
    }

    /** New connections fall silent too, until it is mended. */
    private Thread cutTheNetwork() {
        cut = true;
        network.freeze();
        return Thread.ofPlatform()
                .start(() -> {
                    while (cut) {
                        network.freeze();
                        Thread.onSpinWait();
                    }
                });
    }

    private void assertAllAgree() {
        for (RedisNode node : nodes) {
            node.whenFresh();
            await().atMost(PATIENCE).until(() -> node.book.sequence() == data.sequence());
            assertThat(node.book.epoch()).isEqualTo(data.epoch());
            assertThat(node.snapshots()).isEqualTo(data.snapshots());
        }
    }

    @Test
    void connections_that_fall_silent_under_load_cost_time_and_nothing_else() {
        startNodes(65_536);
        String epoch = data.epoch();
        try (Load load = new Load(near(), far(), far()).goOn(100)) {
            network.freeze();
            load.goOn(100);
            network.freeze();
            load.goOn(100).assertKept(data);
        }
        assertAllAgree();
        assertThat(data.epoch()).isEqualTo(epoch);
    }

    @Test
    void answers_that_are_lost_under_load_double_nothing() {
        startNodes(65_536);
        try (Load load = new Load(near(), far(), far()).goOn(100)) {
            network.mute();
            load.goOn(100);
            network.mute();
            load.goOn(100).assertKept(data);
        }
        assertAllAgree();
    }

    @Test
    void a_publication_whose_answer_was_lost_is_applied_once_and_answered() {
        startNodes(65_536);
        far().publish(ltp(1, 1));
        network.mute();
        assertThat(far().publish(ltp(1, 2), ltp(2, 2)).accepted()).isEqualTo(2);
        assertAllAgree();
        assertThat(data.sequence()).isEqualTo(3);
    }

    @Test
    void what_redis_has_answered_and_then_lost_ends_the_epoch_though_no_book_has_it() {
        RedisNode only = RedisNode.on("redis://127.0.0.1:" + network.port()).whenFresh();
        nodes.add(only);
        only.publish(ltp(1, 1));
        String epoch = data.epoch();
        data.command(commands -> commands.configSet("appendonly", "no"));
        network.freezeLast(); // The channel's.
        var _ = only.send(ltp(1, 2));
        await().atMost(PATIENCE).until(() -> data.sequence() == 2);
        redis.kill();
        redis.startAgain();
        assertThat(data.sequence()).as("what Redis has kept").isEqualTo(1);
        await().atMost(PATIENCE).until(() -> !data.epoch().equals(epoch));
        assertAllAgree();
        assertThat(only.book.find(1).orElseThrow().snapshot().getLtp()).isEqualTo(1);
    }

    @Test
    void a_node_that_is_cut_off_says_so_refuses_publishers_and_ends_on_the_last_values() {
        startNodes(65_536);
        near().publish(ltp(1, 1));
        assertAllAgree();
        Thread cutter = cutTheNetwork();
        await().atMost(Duration.ofSeconds(2)).until(() -> far().market.isStale());
        near().whenFresh();
        for (int i = 2; i <= 100; i++) {
            near().publish(ltp(1, i));
        }
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThatThrownBy(() -> far().publish(ltp(1, -1)))
                                .isInstanceOf(FailureException.class));
        assertThat(far().book.find(1).orElseThrow().snapshot().getLtp()).isEqualTo(1);
        cut = false;
        RedisNode.join(cutter);
        assertAllAgree();
        assertThat(far().book.find(1).orElseThrow().snapshot().getLtp()).isEqualTo(100);
    }

    @Test
    void a_node_that_was_cut_off_for_longer_than_the_history_ends_on_the_last_values() {
        startNodes(HISTORY);
        near().publish(ltp(1, 1), ltp(2, 1));
        assertAllAgree();
        String epoch = data.epoch();
        Thread cutter = cutTheNetwork();
        for (int i = 2; i <= 1_000; i++) {
            near().publish(ltp(1, i));
        }
        near().publish(ltp(3, 3));
        assertThat(data.historyEntries()).isLessThan(HISTORY + 200);
        assertThat(far().book.sequence()).isLessThan(data.sequence() - HISTORY - 200);
        cut = false;
        RedisNode.join(cutter);
        assertAllAgree();
        assertThat(far().book.epoch()).isEqualTo(epoch);
        far().publish(ltp(1, 0));
        assertAllAgree();
    }
}
