package dev.wirebrook.market.redis;

import static dev.wirebrook.market.redis.RedisNode.PATIENCE;
import static dev.wirebrook.market.redis.RedisNode.ltp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.market.SharedUpdate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;

/**
 * Publishers that go on whatever happens, each with a symbol of its own and prices that rise by
 * one: what was not taken for sure is not sent again, the next price is.
 */
final class Load implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Map<Integer, Set<Double>> answered = new ConcurrentHashMap<>();
    private final List<Thread> publishers = new ArrayList<>();
    private volatile boolean enough;

    Load(RedisNode... nodes) {
        for (int i = 0; i < nodes.length; i++) {
            int symbol = i + 1;
            RedisNode node = nodes[i];
            Set<Double> prices = ConcurrentHashMap.newKeySet();
            answered.put(symbol, prices);
            publishers.add(Thread.ofPlatform().start(() -> publish(node, symbol, prices)));
        }
    }

    private void publish(RedisNode node, int symbol, Set<Double> prices) {
        for (int price = 1; !enough; price++) {
            try {
                assertThat(node.publish(ltp(symbol, price)).accepted()).isEqualTo(1);
                prices.add((double) price);
            } catch (FailureException refused) {
                assertThat(refused.failure()).isInstanceOf(Failure.Unavailable.class);
                await().pollDelay(PAUSE).until(() -> true); // as it was told
            }
        }
    }

    /** Lets so many more of every publisher be answered. */
    Load goOn(int count) {
        answered.forEach((_, prices) -> {
            int before = prices.size();
            await().atMost(PATIENCE).until(() -> prices.size() > before + count);
        });
        return this;
    }

    /** Ends it, and checks what Redis has against what was answered. */
    void assertKept(RedisData data) {
        close();
        List<SharedUpdate> history = data.history();
        assertThat(history.stream().map(SharedUpdate::sequence))
                .isEqualTo(LongStream.rangeClosed(1, data.sequence()).boxed().toList());
        answered.forEach((symbol, prices) -> {
            List<Double> kept =
                    history.stream()
                            .filter(update -> update.snapshot().getSymbolId() == symbol)
                            .map(update -> update.snapshot().getLtp())
                            .toList();
            // None twice, none late; those that nobody was answered for may be there.
            assertThat(kept).isSorted().doesNotHaveDuplicates().containsAll(prices);
            assertThat(kept.size()).isLessThan(prices.size() + 100);
        });
    }

    @Override
    public void close() {
        enough = true;
        publishers.forEach(RedisNode::join);
    }
}
