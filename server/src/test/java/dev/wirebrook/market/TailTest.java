package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Snapshot;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Readers of everything, which share what they are sent for as long as they keep up. */
class TailTest {
    private static final int SYMBOLS = 10;
    private static final int KEPT = 1 << 13;
    private static final int FAR = Tail.BEHIND_MAX / SYMBOLS + 1;

    private final SnapshotBook book = new SnapshotBook("e", 100, KEPT, InstantSource.system());
    private final TestLoop loop = new TestLoop(book, 2 * SYMBOLS);
    private final Reader reader = new Reader();
    private int published;

    @BeforeEach
    void begin() {
        publish(SYMBOLS);
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private void publish(int updates) {
        book.apply(
                IntStream.range(published, published + updates)
                        .mapToObj(i ->
                                Snapshot.newBuilder()
                                        .setSymbolId(1 + i % SYMBOLS)
                                        .setLtp(i)
                                        .build())
                        .toList());
        published += updates;
    }

    /** So that none is replaced before the loop comes to it. */
    private void publishRounds(int rounds) {
        for (int i = 0; i < rounds; i++) {
            publish(SYMBOLS);
            loop.run();
        }
    }

    private Subscription follow(Delivery.Builder delivery, Outlet outlet) {
        Subscription subscription =
                loop.fanOut.subscribe(DeliverySpec.of(delivery.build()), 0, outlet);
        subscription.addAll();
        loop.run();
        return subscription;
    }

    private void hasEverything(Reader one) {
        for (int id = 1; id <= SYMBOLS; id++) {
            BookUpdate last = book.find(id).orElseThrow();
            assertThat(one.snapshot(id)).isEqualTo(last.snapshot());
            assertThat(one.accounted(id)).as("of symbol %d", id).isEqualTo(last.ordinal());
        }
    }

    @Test
    void they_have_no_slots_and_are_sent_the_very_same_bytes() {
        SentBytes outlet = new SentBytes();
        follow(Delivery.newBuilder(), outlet);
        follow(Delivery.newBuilder(), outlet);
        follow(Delivery.newBuilder(), reader);
        assertThat(loop.fanOuts.slots()).isZero();
        outlet.sent.clear();
        publish(64);
        loop.run();
        assertThat(outlet.sent).hasSize(2);
        assertThat(outlet.sent.getFirst()).isSameAs(outlet.sent.getLast());
        hasEverything(reader);
    }

    @Test
    void one_that_falls_behind_has_its_own_until_it_has_kept_up_for_a_while() {
        Subscription subscription = follow(Delivery.newBuilder(), reader);
        assertThat(subscription.isTailing()).isTrue();
        reader.room = 0;
        publishRounds(FAR);
        assertThat(subscription.isTailing()).isFalse();
        assertThat(loop.fanOuts.slots()).isEqualTo(SYMBOLS);
        int before = reader.updates.size();
        reader.room = Integer.MAX_VALUE;
        subscription.ready();
        loop.run();
        assertThat(reader.updates).hasSize(before + SYMBOLS);
        assertThat(subscription.isTailing()).isFalse();
        loop.advance(Duration.ofSeconds(1));
        publish(1);
        loop.run();
        assertThat(subscription.isTailing()).isTrue();
        assertThat(loop.fanOuts.slots()).isZero();
        publish(SYMBOLS);
        loop.run();
        hasEverything(reader);
    }

    @ParameterizedTest
    @EnumSource(
            value = Conflation.class,
            names = {"CONFLATION_MERGE", "CONFLATION_NONE"})
    void one_that_is_not_content_with_the_latest_has_its_own(Conflation conflation) {
        Subscription subscription = follow(Delivery.newBuilder().setConflation(conflation), reader);
        publishRounds(1);
        assertThat(subscription.isTailing()).isFalse();
    }

    @Test
    void what_is_replaced_before_its_turn_is_sent_to_none_and_counted() {
        Subscription subscription = follow(Delivery.newBuilder(), reader);
        Reader slow = new Reader();
        follow(Delivery.newBuilder(), slow);
        slow.room = 0;
        int before = reader.updates.size();
        publish(50 * SYMBOLS);
        loop.run();
        assertThat(subscription.isTailing()).isTrue();
        assertThat(reader.updates).hasSize(before + SYMBOLS);
        assertThat(subscription.conflated()).isEqualTo(49 * SYMBOLS);
        hasEverything(reader);
    }

    @Test
    void one_that_is_a_little_behind_is_sent_every_update() {
        Subscription subscription = follow(Delivery.newBuilder(), reader);
        reader.room = 0;
        publishRounds(FAR - 1);
        assertThat(subscription.isTailing()).isTrue();
        reader.room = Integer.MAX_VALUE;
        subscription.ready();
        assertThat(subscription.conflated()).isZero();
        hasEverything(reader);
    }

    @Test
    void progress_waits_for_what_is_left_out_until_its_replacement_comes() {
        try (TestLoop wide = new TestLoop(book, 1_000)) {
            DeliverySpec latest =
                    DeliverySpec.of(
                            Delivery.newBuilder()
                                    .setProgressInterval(
                                            com.google.protobuf.Duration.newBuilder().setSeconds(1))
                                    .build());
            DeliverySpec changes =
                    DeliverySpec.of(
                            Delivery.newBuilder()
                                    .setConflation(Conflation.CONFLATION_MERGE)
                                    .build());
            wide.fanOut.subscribe(latest, 0, reader).addAll();
            for (int i = 0; i < 50; i++) {
                wide.fanOut.subscribe(changes, 0, new Reader()).add(List.of(1));
            }
            wide.run();
            book.apply(
                    IntStream.range(0, 1_000)
                            .mapToObj(i -> Snapshot.newBuilder().setSymbolId(1).setLtp(i).build())
                            .toList());
            wide.step();
            assertThat(wide.fanOut.cursor()).isBetween(SYMBOLS + 1L, SYMBOLS + 999L);
            wide.advance(Duration.ofSeconds(2));
            wide.fanOut.tick();
            assertThat(reader.progress).isLessThanOrEqualTo(SYMBOLS);
            wide.run();
            assertThat(reader.snapshot(1).getLtp()).isEqualTo(999);
            wide.fanOut.tick();
            assertThat(reader.progress).isEqualTo(SYMBOLS + 1_000);
        }
    }

    @Test
    void one_that_names_none_of_its_symbols_tails_as_well() {
        Subscription subscription = follow(Delivery.newBuilder(), reader);
        subscription.named(List.of());
        subscription.remove(List.of());
        publish(SYMBOLS);
        loop.run();
        assertThat(subscription.isTailing()).isTrue();
    }

    @Test
    void a_new_symbol_comes_as_it_would_else() {
        Subscription subscription = follow(Delivery.newBuilder(), reader);
        book.apply(List.of(Snapshot.newBuilder().setSymbolId(77).setLtp(1).build()));
        loop.run();
        assertThat(subscription.isTailing()).isTrue();
        assertThat(reader.snapshot(77).getLtp()).isEqualTo(1);
    }

    @Test
    void when_the_loop_is_lapped_every_update_is_accounted_for() {
        Subscription subscription = follow(Delivery.newBuilder(), reader);
        reader.room = 0;
        publish(100);
        loop.run();
        for (int i = 0; i < 3; i++) {
            publish(KEPT);
        }
        loop.run();
        assertThat(loop.fanOuts.lapses()).isPositive();
        reader.room = Integer.MAX_VALUE;
        subscription.ready();
        loop.run();
        hasEverything(reader);
    }

    @Test
    void one_that_gives_a_symbol_back_is_sent_no_more_of_it() {
        Subscription subscription = follow(Delivery.newBuilder(), reader);
        subscription.remove(List.of(1));
        long before = reader.delivered(1);
        loop.advance(Duration.ofSeconds(2));
        publish(10 * SYMBOLS);
        loop.run();
        assertThat(subscription.isTailing()).isFalse();
        assertThat(reader.delivered(1)).isEqualTo(before);
        assertThat(reader.snapshot(2)).isEqualTo(book.find(2).orElseThrow().snapshot());
    }

    @Test
    void one_that_falls_behind_and_for_which_there_is_no_room_ends() {
        for (int i = 0; i < 3; i++) {
            Reader slow = new Reader();
            follow(Delivery.newBuilder(), slow);
            slow.room = 0;
        }
        follow(Delivery.newBuilder(), reader);
        publishRounds(FAR);
        assertThat(loop.fanOuts.slots()).isEqualTo(2 * SYMBOLS);
        assertThat(loop.fanOuts.subscriptions()).isEqualTo(3);
        hasEverything(reader);
    }
}
