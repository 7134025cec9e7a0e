package dev.wirebrook.market.redis;

import static dev.wirebrook.market.redis.RedisNode.PATIENCE;
import static dev.wirebrook.market.redis.RedisNode.ltp;
import static dev.wirebrook.market.redis.RedisNode.symbol;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.api.market.v1.Snapshot;
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
}
