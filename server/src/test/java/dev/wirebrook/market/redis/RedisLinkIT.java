package dev.wirebrook.market.redis;

import static dev.wirebrook.market.redis.RedisNode.ltp;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.RealEngine;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.market.UpdateDraft;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What Redis does with publications that come twice, or late, and with nodes that know more than
 * it.
 */
@Timeout(60)
class RedisLinkIT {
    private static final RedisLink.Known NOTHING = new RedisLink.Known("", 0, "");

    private final Workers workers = new Workers();
    private RealEngine redis;
    private RedisData data;
    private RedisMarketSettings settings;
    private RedisConnections connections;

    @BeforeEach
    void start() {
        redis = RealEngine.start("redis");
        data = new RedisData(redis.url());
        settings = RedisMarketSettings.of(URI.create(redis.url()));
        connections = new RedisConnections(settings, workers.factory("redis"));
    }

    @AfterEach
    void stop() {
        connections.close();
        workers.close();
        data.close();
        redis.close();
    }

    private RedisLink open(RedisLink.Known known, String newEpoch) {
        return open("node", known, newEpoch);
    }

    private RedisLink open(String node, RedisLink.Known known, String newEpoch) {
        MarketKeys keys = new MarketKeys(settings.keyPrefix(), node);
        return RedisLink.open(connections, settings, keys, known, newEpoch)
                .toCompletableFuture()
                .join();
    }

    private static byte[] publish(RedisLink link, long number, double price) {
        UpdateDraft draft = UpdateDraft.of(ltp(1, price), Instant.EPOCH);
        return link.publish(number, List.of(PublishArguments.of(draft)), 100)
                .toCompletableFuture()
                .join();
    }

    private RedisLink.Known known(RedisLink link, long sequence) {
        return new RedisLink.Known(link.epoch(), sequence, link.run());
    }

    @Test
    void a_publication_that_comes_again_is_answered_again_and_not_applied_again() {
        RedisLink link = open(NOTHING, "a");
        byte[] first = publish(link, 1, 5);
        publish(link, 2, 6);
        assertThat(publish(link, 1, 5)).isEqualTo(first);
        RedisLink next = open(known(link, 2), "b");
        assertThat(publish(next, 1, 5)).isEqualTo(first);
        assertThat(data.sequence()).isEqualTo(2);
        assertThat(data.snapshot(1).getLtp()).isEqualTo(6);
    }

    @Test
    void what_comes_late_on_a_link_that_has_a_successor_is_not_applied() {
        RedisLink link = open(NOTHING, "a");
        publish(link, 1, 5);
        RedisLink next = open(known(link, 1), "b");
        publish(next, 3, 6);
        assertThat(publish(link, 2, 5.5)).isNull();
        assertThat(data.snapshot(1).getLtp()).isEqualTo(6);
        assertThat(data.sequence()).isEqualTo(2);
    }

    @Test
    void nothing_is_published_into_another_epoch() {
        RedisLink link = open(NOTHING, "a");
        data.command(commands -> commands.flushall());
        assertThat(publish(link, 1, 5)).isNull();
        assertThat(data.snapshots()).isEmpty();
    }

    @Test
    void nobody_reads_on_from_one_epoch_into_another() {
        RedisLink link = open(NOTHING, "a");
        publish(link, 1, 5);
        data.command(commands -> commands.flushall());
        RedisLink next = open("other", NOTHING, "b");
        publish(next, 1, 6);
        publish(next, 2, 7);
        assertThat(next.read(1, false).toCompletableFuture().join()).hasSize(1);
        assertThat(link.read(1, false).toCompletableFuture().join()).isEmpty();
    }

    @Test
    void an_epoch_goes_on_over_a_restart_that_has_lost_nothing() {
        RedisLink link = open(NOTHING, "a");
        publish(link, 1, 5);
        redis.kill();
        redis.startAgain();
        RedisLink next = open(known(link, 1), "b");
        assertThat(next.epoch()).isEqualTo("a");
        assertThat(next.run()).isNotEqualTo(link.run());
        assertThat(next.sequence()).isEqualTo(1);
        // A node that was away for two runs.
        redis.kill();
        redis.startAgain();
        publish(open("other", known(next, 1), "c"), 1, 6);
        assertThat(open(known(link, 1), "d").epoch()).isEqualTo("a");
    }

    @Test
    void
            an_epoch_ends_when_a_node_has_seen_what_a_restart_has_lost_however_far_others_are_by_then() {
        RedisLink link = open(NOTHING, "a");
        publish(link, 1, 5);
        redis.kill();
        redis.startAgain();
        // One that has seen less comes first, and gives the lost numbers again.
        RedisLink first = open(new RedisLink.Known("a", 1, link.run()), "b");
        assertThat(first.epoch()).isEqualTo("a");
        publish(first, 2, 6);
        publish(first, 3, 7);
        publish(first, 4, 8);
        assertThat(open("other", new RedisLink.Known("a", 3, link.run()), "c").epoch())
                .isEqualTo("c");
        assertThat(publish(first, 5, 9)).isNull();
        assertThat(data.snapshot(1).getLtp()).isEqualTo(8);
    }

    /** Whoever has seen what it has lost may be gone with it. */
    @Test
    void an_epoch_ends_when_the_first_to_come_after_a_restart_has_seen_nothing_of_it() {
        RedisLink link = open(NOTHING, "a");
        publish(link, 1, 5);
        redis.kill();
        redis.startAgain();
        RedisLink first = open("other", NOTHING, "b");
        assertThat(first.epoch()).isEqualTo("b");
        publish(first, 1, 6);
        assertThat(data.sequence()).isEqualTo(2);
        assertThat(data.channels()).as("only the epoch's").isEqualTo(1);
        assertThat(open(known(link, 1), "c").epoch()).isEqualTo("b");
        // One that comes later is no reason.
        assertThat(open("third", NOTHING, "d").epoch()).isEqualTo("b");
        assertThat(publish(first, 2, 7)).isNotNull();
    }

    @Test
    void values_have_what_changes_while_they_are_read() {
        RedisLink link = open(NOTHING, "a");
        publish(link, 1, 0);
        for (int i = 2; i <= 50; i++) {
            CompletableFuture<RedisLink.Values> reading = link.values().toCompletableFuture();
            publish(link, i, i);
            assertThat(reading.join().latest())
                    .singleElement()
                    .satisfies(update ->
                            assertThat(update.sequence())
                                    .isGreaterThanOrEqualTo(reading.join().sequence()));
        }
    }

    @Test
    void an_epoch_ends_when_nobody_knows_any_more_what_a_node_has_seen_it_on() {
        RedisLink link = open(NOTHING, "a");
        publish(link, 1, 5);
        assertThat(open(new RedisLink.Known("a", 1, "unheardof"), "b").epoch()).isEqualTo("b");
    }
}
