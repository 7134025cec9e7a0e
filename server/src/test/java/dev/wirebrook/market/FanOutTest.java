package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Snapshot;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a fan-out shares its event loop with the loop's sockets. */
class FanOutTest {
    private static final int MANY = 20_000;
    private static final DeliverySpec EACH =
            DeliverySpec.of(
                    Delivery.newBuilder().setConflation(Conflation.CONFLATION_MERGE).build());

    private final SnapshotBook book = new SnapshotBook("e", 10, 1 << 16, InstantSource.system());

    /** Its thread does nothing: what comes by the clock would come between the steps. */
    private final ScheduledExecutorService stopped =
            Executors.newSingleThreadScheduledExecutor(_ -> new Thread());

    private final Queue<Runnable> now = new ArrayDeque<>();
    private final Queue<Runnable> nextTurn = new ArrayDeque<>();
    private final FanOuts fanOuts =
            new FanOuts(book, () -> false, 10, stopped, InstantSource.system(), System::nanoTime);
    private final FanOut fanOut = fanOuts.of(now::add, nextTurn::add);
    private final Reader reader = new Reader();

    @AfterEach
    void close() {
        fanOuts.close();
        stopped.shutdownNow();
    }

    private void publish(int updates) {
        book.apply(
                IntStream.range(0, updates)
                        .mapToObj(i -> Snapshot.newBuilder().setSymbolId(1).setLtp(i).build())
                        .toList());
    }

    private void runNow() {
        while (!now.isEmpty()) {
            now.remove().run();
        }
    }

    @Test
    void one_that_is_far_behind_goes_on_after_the_sockets_had_their_turn() {
        fanOut.subscribe(EACH, 0, reader).add(List.of(1));
        runNow();
        publish(MANY);
        runNow();
        assertThat(fanOut.cursor()).isBetween(1L, MANY - 1L);
        assertThat(nextTurn).hasSize(1);

        // Whoever publishes meanwhile does not bring its turn forward.
        publish(MANY);
        assertThat(now).isEmpty();

        for (int turns = 0; !nextTurn.isEmpty(); turns++) {
            assertThat(turns).as("turns").isLessThan(100);
            long before = fanOut.cursor();
            nextTurn.remove().run();
            assertThat(fanOut.cursor()).isGreaterThan(before);
            assertThat(now).isEmpty();
        }
        assertThat(fanOut.cursor()).isEqualTo(2 * MANY);
        assertThat(reader.accounted(1)).isEqualTo(2 * MANY);

        publish(1);
        assertThat(now).hasSize(1);
        runNow();
        assertThat(reader.accounted(1)).isEqualTo(2 * MANY + 1);
    }

    @Test
    void a_turn_is_shorter_the_more_readers_there_are() {
        for (int i = 0; i < 10; i++) {
            fanOut.subscribe(EACH, 0, new Reader()).add(List.of(1));
        }
        runNow();
        publish(MANY);
        now.remove().run();
        assertThat(fanOut.cursor()).isBetween(1L, 1_000L);
    }

    @Test
    void updates_that_are_replaced_take_no_time_of_readers_content_with_the_latest() {
        for (int i = 0; i < 10; i++) {
            fanOut.subscribe(DeliverySpec.of(Delivery.getDefaultInstance()), 0, new Reader())
                    .add(List.of(1));
        }
        runNow();
        publish(5_000);
        now.remove().run();
        assertThat(fanOut.cursor()).isEqualTo(5_000);
        assertThat(nextTurn).isEmpty();
    }
}
