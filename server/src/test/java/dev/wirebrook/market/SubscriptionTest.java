package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Overflow;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.Update;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriptionTest {
    private static final int KEPT = 64;

    private final SnapshotBook book = new SnapshotBook("e", 1_000, KEPT, InstantSource.system());
    private final TestLoop loop = new TestLoop(book, 1_000);
    private final Reader reader = new Reader();

    @AfterEach
    void close() {
        loop.close();
    }

    private void publish(int id, double ltp) {
        assertThat(book.apply(List.of(priced(id, ltp))).getFirst().refusal()).isNull();
    }

    private static Snapshot priced(int id, double ltp) {
        return Snapshot.newBuilder().setSymbolId(id).setLtp(ltp).build();
    }

    private Subscription subscribe(Delivery.Builder delivery, Integer... ids) {
        Subscription subscription =
                loop.fanOut.subscribe(DeliverySpec.of(delivery.build()), 0, reader);
        subscription.add(List.of(ids));
        loop.run();
        return subscription;
    }

    private static Delivery.Builder latest() {
        return Delivery.newBuilder();
    }

    private static Delivery.Builder every() {
        return Delivery.newBuilder().setConflation(Conflation.CONFLATION_NONE);
    }

    private List<Double> prices() {
        return reader.updates.stream().map(update -> update.getSnapshot().getLtp()).toList();
    }

    // What comes, and when.

    @Test
    void what_is_known_comes_first_and_then_what_changes() {
        publish(1, 10);
        subscribe(latest(), 1, 2);
        assertThat(prices()).containsExactly(10.0);
        assertThat(reader.updates.getFirst().getPreviousSequence()).isZero();
        publish(2, 20);
        publish(1, 11);
        publish(3, 30);
        loop.run();
        assertThat(prices()).containsExactly(10.0, 20.0, 11.0);
        assertThat(reader.updates.getLast().getPreviousSequence()).isEqualTo(1);
    }

    @Test
    void several_updates_go_into_one_message_unless_each_shall_come_alone() {
        Reader other = new Reader();
        subscribe(latest(), 1, 2, 3);
        loop.fanOut
                .subscribe(DeliverySpec.of(latest().setUpdatesPerMessageMax(1).build()), 0, other)
                .add(List.of(1, 2, 3));
        publish(1, 1);
        publish(2, 2);
        publish(3, 3);
        loop.run();
        assertThat(reader.messages).hasSize(1);
        assertThat(reader.updates).hasSize(3);
        assertThat(other.messages).hasSize(3);
    }

    @Test
    void readers_of_the_same_are_sent_the_very_same_bytes() {
        SentBytes outlet = new SentBytes();
        for (int i = 0; i < 3; i++) {
            loop.fanOut.subscribe(DeliverySpec.of(latest().build()), 0, outlet).add(List.of(1, 2));
        }
        publish(1, 1);
        publish(2, 2);
        loop.run();
        outlet.sent.clear();
        publish(1, 3);
        publish(2, 4);
        loop.run();
        assertThat(outlet.sent).hasSize(3);
        assertThat(outlet.sent.get(1)).isSameAs(outlet.sent.getFirst());
        assertThat(outlet.sent.get(2)).isSameAs(outlet.sent.getFirst());
    }

    @Test
    void a_limit_ends_it_with_its_last_update() {
        Subscription subscription =
                loop.fanOut.subscribe(DeliverySpec.of(latest().build()), 2, reader);
        subscription.add(List.of(1));
        for (int i = 1; i <= 5; i++) {
            publish(1, i);
            loop.run();
        }
        assertThat(prices()).containsExactly(1.0, 2.0);
        assertThat(reader.completed).isTrue();
        assertThat(loop.fanOuts.subscriptions()).isZero();
        assertThat(loop.fanOuts.slots()).isZero();
    }

    @Test
    void all_means_those_that_are_still_to_come_too() {
        publish(1, 1);
        Subscription subscription = subscribe(latest());
        subscription.addAll();
        loop.run();
        publish(2, 2);
        loop.run();
        assertThat(prices()).containsExactly(1.0, 2.0);
        subscription.removeAll();
        publish(1, 3);
        publish(3, 3);
        loop.run();
        assertThat(reader.updates).hasSize(2);
    }

    @Test
    void nothing_of_a_symbol_comes_after_it_was_taken_away() {
        Subscription subscription = subscribe(every(), 1, 2);
        publish(1, 1);
        publish(2, 2);
        loop.run();
        reader.room = 0;
        for (int i = 0; i < 5; i++) {
            publish(1, i);
            publish(2, i);
        }
        loop.run();
        subscription.remove(List.of(1));
        reader.room = Integer.MAX_VALUE;
        subscription.ready();
        publish(1, 99);
        loop.run();
        assertThat(reader.updates.subList(2, reader.updates.size()))
                .extracting(update -> update.getSnapshot().getSymbolId())
                .hasSize(5)
                .containsOnly(2);
    }

    // A reader that is slow.

    @Test
    void a_slow_reader_ends_on_the_last_value_and_is_told_what_it_missed() {
        Subscription subscription = subscribe(latest(), 1);
        publish(1, 0);
        loop.run();
        reader.room = 0;
        for (int i = 1; i <= 10; i++) {
            publish(1, i);
            loop.run();
        }
        reader.room = 1;
        subscription.ready();
        Update last = reader.updates.getLast();
        assertThat(last.getSnapshot().getLtp()).isEqualTo(10);
        assertThat(last.getConflated()).isEqualTo(9);
        assertThat(last.getPreviousSequence()).isEqualTo(1);
    }

    @Test
    void merged_updates_hold_what_has_changed_since_the_last_one() {
        Subscription subscription =
                subscribe(latest().setConflation(Conflation.CONFLATION_MERGE), 1);
        book.apply(List.of(Snapshot.newBuilder().setSymbolId(1).setSymbol("A").setBid(1).build()));
        loop.run();
        reader.room = 0;
        publish(1, 5);
        book.apply(List.of(Snapshot.newBuilder().setSymbolId(1).setVolume(7).build()));
        loop.run();
        reader.room = 1;
        subscription.ready();
        Snapshot part = reader.updates.getLast().getSnapshot();
        assertThat(part.getLtp()).isEqualTo(5);
        assertThat(part.getVolume()).isEqualTo(7);
        assertThat(part.hasBid()).isFalse();
        assertThat(part.getSymbol()).isEmpty();
        assertThat(reader.snapshot(1)).isEqualTo(book.find(1).orElseThrow().snapshot());
    }

    @Test
    void every_update_waits_in_line_where_that_is_asked_for() {
        Subscription subscription = subscribe(every(), 1);
        publish(1, 0);
        loop.run();
        reader.room = 0;
        for (int i = 1; i <= 10; i++) {
            publish(1, i);
        }
        loop.run();
        reader.room = 100;
        subscription.ready();
        assertThat(prices())
                .containsExactly(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0);
        assertThat(subscription.conflated()).isZero();
    }

    @Test
    void a_full_line_becomes_a_fresh_snapshot() {
        Subscription subscription = subscribe(every().setQueueMax(4), 1);
        overfill(subscription);
        Update fresh = reader.updates.get(1);
        assertThat(fresh.getPreviousSequence()).isZero();
        assertThat(fresh.getConflated()).isEqualTo(11);
        assertThat(fresh.getSnapshot().getLtp()).isEqualTo(12);
        publish(1, 13);
        loop.run();
        assertThat(reader.updates.getLast().getPreviousSequence())
                .isEqualTo(fresh.getSnapshot().getSequence());
    }

    @Test
    void a_full_line_becomes_fresh_snapshots_of_all_in_it_and_of_what_came_last() {
        publish(1, 0);
        publish(2, 0);
        Subscription subscription = subscribe(every().setQueueMax(4), 1, 2);
        reader.room = 0;
        for (int i = 1; i <= 4; i++) {
            publish(2, i);
        }
        publish(1, 1);
        loop.run();
        reader.room = 100;
        subscription.ready();
        assertThat(reader.updates.subList(2, reader.updates.size()))
                .extracting(Update::getPreviousSequence)
                .containsExactly(0L, 0L);
    }

    @Test
    void a_full_line_is_conflated_until_the_reader_has_caught_up() {
        Subscription subscription =
                subscribe(every().setQueueMax(4).setOverflow(Overflow.OVERFLOW_CONFLATE), 1);
        overfill(subscription);
        Update late = reader.updates.get(1);
        assertThat(late.getPreviousSequence()).isEqualTo(1);
        assertThat(late.getConflated()).isEqualTo(11);
        reader.room = 0;
        publish(1, 13);
        publish(1, 14);
        loop.run();
        reader.room = 100;
        subscription.ready();
        assertThat(prices().subList(2, 4)).as("in line again").containsExactly(13.0, 14.0);
    }

    @Test
    void a_full_line_ends_a_stream_that_asked_for_that() {
        Subscription subscription =
                subscribe(every().setQueueMax(4).setOverflow(Overflow.OVERFLOW_DISCONNECT), 1, 2);
        overfill(subscription);
        assertThat(reader.updates).hasSize(1);
        assertThat(reader.failure).isInstanceOf(Failure.Overloaded.class);
        assertThat(loop.fanOuts.slots()).isZero();
    }

    private void overfill(Subscription subscription) {
        publish(1, 0);
        loop.run();
        reader.room = 0;
        for (int i = 1; i <= 12; i++) {
            publish(1, i);
        }
        loop.run();
        reader.room = 100;
        subscription.ready();
    }

    @Test
    void a_bounded_rate_conflates_what_comes_faster() {
        subscribe(latest().setMaxRate(10), 1);
        for (int i = 0; i < 1_000; i++) {
            publish(1, i);
            loop.run();
            loop.advance(Duration.ofMillis(1));
        }
        // A second's worth, and the first snapshot.
        assertThat(reader.updates).hasSizeBetween(8, 12);
        await().untilAsserted(() -> {
            loop.advance(Duration.ofMillis(100));
            loop.run();
            assertThat(reader.snapshot(1).getLtp()).isEqualTo(999);
        });
    }

    // A loop that is slow.

    @ParameterizedTest
    @EnumSource(
            value = Conflation.class,
            names = {"CONFLATION_LATEST", "CONFLATION_MERGE", "CONFLATION_NONE"})
    void a_loop_that_was_lapped_goes_on_with_the_latest(Conflation conflation) {
        publish(1, 0);
        publish(2, 0);
        subscribe(latest().setConflation(conflation), 1, 2);
        book.apply(List.of(Snapshot.newBuilder().setSymbolId(1).setBid(1).build()));
        for (int i = 2; i <= 3 * KEPT; i++) {
            publish(1, i);
        }
        loop.run();
        assertThat(loop.fanOuts.lapses()).isPositive();
        assertThat(reader.snapshot(1)).isEqualTo(book.find(1).orElseThrow().snapshot());
        assertThat(reader.snapshot(2)).isEqualTo(book.find(2).orElseThrow().snapshot());
        assertThat(reader.accounted(1)).isEqualTo(3L * KEPT + 1);
    }

    // Progress.

    @Test
    void progress_is_told_while_nothing_happens() {
        subscribe(latest().setProgressInterval(seconds(1)), 1);
        publish(2, 1);
        publish(3, 1);
        loop.run();
        assertThat(reader.messages).isEmpty();
        loop.advance(Duration.ofSeconds(1));
        loop.fanOut.tick();
        assertThat(reader.progress).isEqualTo(2);
        loop.fanOut.tick();
        assertThat(reader.messages).hasSize(1);
    }

    @Test
    void progress_does_not_run_ahead_of_what_was_sent() {
        Subscription subscription = subscribe(latest().setProgressInterval(seconds(1)), 1);
        publish(1, 1);
        loop.run();
        reader.room = 0;
        publish(1, 2);
        loop.run();
        loop.advance(Duration.ofSeconds(2));
        loop.fanOut.tick();
        reader.room = 1;
        loop.advance(Duration.ofSeconds(2));
        subscription.ready();
        assertThat(reader.snapshot(1).getLtp()).as("what it tells of came before").isEqualTo(2);
        assertThat(reader.progress).isEqualTo(2);
    }

    private static com.google.protobuf.Duration seconds(long seconds) {
        return com.google.protobuf.Duration.newBuilder().setSeconds(seconds).build();
    }

    // Counting.

    @Test
    void what_is_left_out_before_the_first_update_is_counted_from_when_it_was_asked_for() {
        publish(1, 1);
        publish(1, 2);
        reader.room = 0;
        Subscription subscription = subscribe(every(), 1, 2);
        publish(1, 3);
        publish(2, 4);
        publish(2, 5);
        publish(2, 6);
        loop.run();
        reader.room = Integer.MAX_VALUE;
        subscription.ready();
        assertThat(prices()).containsExactlyInAnyOrder(3.0, 6.0);
        // The one that was known when it was asked for, and one since.
        assertThat(reader.accounted(1)).isEqualTo(2);
        assertThat(reader.accounted(2)).isEqualTo(3);
    }

    // Coming back.

    @Test
    void who_comes_back_in_time_gets_what_has_changed_since() {
        publish(1, 1);
        publish(2, 2);
        publish(3, 3);
        publish(1, 4);
        publish(1, 5);
        loop.run();
        Subscription subscription =
                loop.fanOut.subscribe(DeliverySpec.of(every().build()), 0, reader);
        reader.known.put(1, Snapshot.newBuilder().setSequence(1).build());
        assertThat(subscription.resume(List.of(1, 2, 3), false, 2)).isTrue();
        loop.run();
        assertThat(prices()).containsExactlyInAnyOrder(3.0, 4.0, 5.0);
        publish(2, 6);
        reader.known.put(2, Snapshot.newBuilder().setSequence(2).build());
        loop.run();
        assertThat(reader.updates.getLast().getPreviousSequence()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Conflation.class,
            names = {"CONFLATION_LATEST", "CONFLATION_MERGE", "CONFLATION_NONE"})
    void who_comes_back_while_updates_come_goes_on_from_what_it_was_sent(Conflation conflation) {
        for (int i = 1; i <= 10; i++) {
            publish(1, i);
        }
        loop.run();
        Snapshot sent = book.find(1).orElseThrow().snapshot();
        reader.known.put(1, sent);
        // In the book, and the loop has not been there yet.
        publish(1, 11);
        publish(2, 1);
        publish(1, 12);
        Subscription subscription =
                loop.fanOut.subscribe(
                        DeliverySpec.of(latest().setConflation(conflation).build()), 0, reader);
        assertThat(subscription.resume(List.of(1, 2), false, sent.getSequence())).isTrue();
        loop.run();
        assertThat(reader.snapshot(1)).isEqualTo(book.find(1).orElseThrow().snapshot());
        assertThat(reader.accounted(1)).as("since then").isEqualTo(2);
        assertThat(reader.accounted(2)).isEqualTo(1);
        assertThat(reader.updates)
                .filteredOn(update -> update.getSnapshot().getSymbolId() == 1)
                .first()
                .satisfies(first ->
                        assertThat(first.getPreviousSequence()).isEqualTo(sent.getSequence()));
    }

    @Test
    void who_comes_back_while_the_loop_is_lapped_starts_anew() {
        publish(1, 1);
        loop.run();
        for (int i = 0; i < 2 * KEPT; i++) {
            publish(1, i);
        }
        Subscription subscription =
                loop.fanOut.subscribe(DeliverySpec.of(latest().build()), 0, reader);
        assertThat(subscription.resume(List.of(1), false, 1)).isFalse();
        assertThat(subscription.resume(List.of(), true, 1)).isFalse();
        assertThat(subscription.size()).isZero();
        assertThat(subscription.hasAll()).isFalse();
        assertThat(loop.fanOuts.slots()).isZero();
        subscription.add(List.of(1));
        loop.run();
        assertThat(reader.snapshot(1)).isEqualTo(book.find(1).orElseThrow().snapshot());
        assertThat(reader.accounted(1)).as("the one that was known").isEqualTo(1);
    }

    @Test
    void who_comes_back_too_late_or_from_elsewhere_starts_anew() {
        for (int i = 0; i < 2 * KEPT; i++) {
            publish(1, i);
        }
        loop.run();
        Subscription subscription =
                loop.fanOut.subscribe(DeliverySpec.of(latest().build()), 0, reader);
        assertThat(subscription.resume(List.of(1), false, 1)).isFalse();
        assertThat(subscription.resume(List.of(1), false, 2 * KEPT + 1)).isFalse();
        assertThat(subscription.resume(List.of(1), false, -1)).isFalse();
        assertThat(subscription.size()).isZero();
        assertThat(subscription.resume(List.of(1), false, 2 * KEPT)).isTrue();
        loop.run();
        assertThat(reader.updates).isEmpty();
    }

    // Bounds.

    @Test
    void all_subscriptions_together_have_so_many_symbols() {
        List<Integer> ids = new ArrayList<>();
        for (int id = 1; id <= 1_001; id++) {
            ids.add(id);
        }
        Subscription subscription =
                loop.fanOut.subscribe(DeliverySpec.of(latest().build()), 0, reader);
        assertThatThrownBy(() -> subscription.add(ids))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        e -> assertThat(e.failure()).isInstanceOf(Failure.TooLarge.class))
                .hasMessageContaining("market.slots-max");
        subscription.cancel();
        assertThat(loop.fanOuts.slots()).isZero();
        subscribe(latest(), ids.subList(0, 1_000).toArray(Integer[]::new));
        assertThat(loop.fanOuts.slots()).isEqualTo(1_000);
    }

    @Test
    void one_that_there_is_no_room_for_takes_nothing_from_the_next() {
        TestLoop narrow = new TestLoop(book, 2);
        List<Reader> readers = List.of(new Reader(), new Reader());
        for (Reader one : readers) {
            narrow.fanOut.subscribe(DeliverySpec.of(every().build()), 0, one).addAll();
        }
        publish(1, 1);
        narrow.run();
        publish(2, 2);
        narrow.run();
        assertThat(readers).filteredOn(one -> one.failure != null).hasSize(1);
        assertThat(readers)
                .filteredOn(one -> one.failure == null)
                .singleElement()
                .satisfies(one -> assertThat(one.snapshot(2).getLtp()).isEqualTo(2));
        narrow.close();
    }

    @Test
    void one_that_has_ended_takes_nothing_more() {
        publish(1, 1);
        Subscription subscription = subscribe(every().setQueueMax(1), 1);
        subscription.cancel();
        subscription.add(List.of(1, 2));
        subscription.addAll();
        assertThat(subscription.resume(List.of(1), false, 1)).isFalse();
        subscription.say(new byte[] {1});
        publish(3, 3);
        loop.run();
        assertThat(loop.fanOuts.slots()).isZero();
        assertThat(subscription.unsaid()).isZero();
        assertThat(subscription.hasAll()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"CONFLATION_LATEST, 150000", "CONFLATION_NONE, 65536"})
    void symbols_go_as_fast_as_they_came_however_many_wait(Conflation conflation, int symbols) {
        List<Integer> ids = IntStream.rangeClosed(1, symbols).boxed().toList();
        SnapshotBook wide = new SnapshotBook("e", symbols, 1 << 18, InstantSource.system());
        TestLoop busy = new TestLoop(wide, symbols);
        wide.apply(ids.stream().map(id -> priced(id, 1)).toList());
        busy.run();
        Subscription subscription =
                busy.fanOut.subscribe(
                        DeliverySpec.of(
                                Delivery.newBuilder()
                                        .setConflation(conflation)
                                        .setQueueMax(65_536)
                                        .build()),
                        0,
                        reader);
        subscription.add(ids);
        busy.run();
        reader.room = 0;
        wide.apply(ids.stream().map(id -> priced(id, 2)).toList());
        busy.run();
        assertTimeout(Duration.ofSeconds(2), () -> subscription.remove(ids.reversed()));
        reader.room = Integer.MAX_VALUE;
        int before = reader.updates.size();
        subscription.ready();
        assertThat(reader.updates).hasSize(before);
        assertThat(busy.fanOuts.slots()).isZero();
        busy.close();
    }

    @Test
    void one_that_ends_while_its_rate_holds_it_back_leaves_no_timer_behind() {
        Subscription subscription = subscribe(latest().setMaxRate(0.001), 1);
        for (int i = 0; i < 3; i++) {
            publish(1, i);
            loop.run();
        }
        assertThat(loop.wakes()).isEqualTo(1);
        subscription.cancel();
        assertThat(loop.wakes()).isZero();
    }

    // What always holds.

    /**
     * Publishers, readers of every kind whose transports stall and go on, symbols that come and go,
     * a loop that runs when it likes. The {@link Reader} checks each update as it comes: its
     * sequence rises and it follows on the one before.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void whatever_happens_readers_end_on_what_is_true_and_every_update_is_accounted_for(long seed) {
        Random random = new Random(seed);
        List<Watch> watches = new ArrayList<>();
        for (int step = 0; step < 4_000; step++) {
            int what = random.nextInt(100);
            loop.advance(Duration.ofMillis(10));
            if (what < 50) {
                publishSomething(random);
            } else if (what < 75) {
                loop.step();
            } else if (what < 78 && watches.size() < 12) {
                Reader one = new Reader();
                Watch watch =
                        new Watch(
                                one,
                                loop.fanOut.subscribe(DeliverySpec.of(anyDelivery(random)), 0, one),
                                new HashMap<>());
                if (random.nextBoolean()) {
                    watch.wantEverything(book);
                }
                watches.add(watch);
            } else if (!watches.isEmpty()) {
                watches.get(random.nextInt(watches.size())).change(what, random, book);
            }
            watches.forEach(this::checkProgress);
        }
        for (Watch watch : watches) {
            watch.reader().room = Integer.MAX_VALUE;
            watch.subscription().ready();
        }
        loop.run();
        for (Watch watch : watches) {
            Reader one = watch.reader();
            assertThat(one.failure).isNull();
            watch.wanted()
                    .forEach((id, first) ->
                            book.find(id)
                                    .ifPresent(last -> {
                                        assertThat(one.snapshot(id)).isEqualTo(last.snapshot());
                                        assertThat(one.accounted(id))
                                                .as("delivered and conflated of symbol %d", id)
                                                .isEqualTo(last.ordinal() - first + 1);
                                    }));
        }
    }

    /**
     * @param wanted by symbol: which of its updates was the latest, or will be the first, when it
     *     was asked for
     */
    private record Watch(Reader reader, Subscription subscription, Map<Integer, Long> wanted) {
        void wantEverything(SnapshotBook book) {
            for (int id = 1; id <= 8; id++) {
                wanted.put(id, book.find(id).map(BookUpdate::ordinal).orElse(1L));
            }
            subscription.addAll();
        }

        void change(int what, Random random, SnapshotBook book) {
            int id = 1 + random.nextInt(8);
            if (subscription.hasAll()) {
                // Now and then one that keeps up for long.
                reader.room = what < 80 ? Integer.MAX_VALUE : random.nextInt(4);
                subscription.ready();
            } else if (what < 85 && !wanted.containsKey(id)) {
                wanted.put(id, book.find(id).map(BookUpdate::ordinal).orElse(1L));
                subscription.add(List.of(id));
            } else if (what < 87 && wanted.remove(id) != null) {
                subscription.remove(List.of(id));
                reader.forget(id);
            } else {
                reader.room = random.nextInt(4);
                subscription.ready();
            }
        }
    }

    /**
     * Readers that come back to places of the loop's past, while the loop runs when it likes. What
     * they know is what the symbols were there; the {@link Reader} checks what follows on it.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whoever_comes_back_is_told_of_each_update_since_once(long seed) {
        Random random = new Random(seed);
        List<Snapshot> history = new ArrayList<>();
        List<Return> returns = new ArrayList<>();
        for (int step = 0; step < 2_000; step++) {
            int what = random.nextInt(100);
            if (what < 70) {
                publishSomething(random);
                history.add(Objects.requireNonNull(book.at(book.sequence())).snapshot());
            } else if (what < 85) {
                loop.step();
            } else if (returns.size() < 100) {
                comeBack(random, history).ifPresent(returns::add);
            }
        }
        returns.forEach(one -> {
            one.reader().room = Integer.MAX_VALUE;
            one.subscription().ready();
        });
        loop.run();
        assertThat(returns).hasSizeGreaterThan(50);
        for (Return one : returns) {
            List<Snapshot> since = history.subList(one.place(), history.size());
            for (int id = 1; id <= 8; id++) {
                int symbol = id;
                assertThat(one.reader().snapshot(id))
                        .isEqualTo(book.find(id).orElseThrow().snapshot());
                assertThat(one.reader().accounted(id))
                        .as("seed %d: of symbol %d since %d", seed, id, one.place())
                        .isEqualTo(
                                since.stream()
                                        .filter(update -> update.getSymbolId() == symbol)
                                        .count());
            }
        }
    }

    /**
     * @param place up to which it knows the history
     */
    private record Return(Reader reader, Subscription subscription, int place) {}

    private Optional<Return> comeBack(Random random, List<Snapshot> history) {
        int place = (int) loop.fanOut.cursor() - random.nextInt(20);
        if (place < 0) {
            return Optional.empty();
        }
        Reader one = new Reader();
        one.room = random.nextInt(4);
        history.subList(0, place).forEach(known -> one.known.put(known.getSymbolId(), known));
        Subscription subscription =
                loop.fanOut.subscribe(DeliverySpec.of(anyDelivery(random)), 0, one);
        boolean everything = random.nextBoolean();
        boolean recovered =
                subscription.resume(
                        everything ? List.of() : List.of(1, 2, 3, 4, 5, 6, 7, 8),
                        everything,
                        place);
        return recovered ? Optional.of(new Return(one, subscription, place)) : Optional.empty();
    }

    private void publishSomething(Random random) {
        Snapshot.Builder update = Snapshot.newBuilder().setSymbolId(1 + random.nextInt(8));
        switch (random.nextInt(4)) {
            case 0 -> update.setLtp(random.nextInt(1_000));
            case 1 -> update.setBid(random.nextInt(1_000)).setAsk(random.nextInt(1_000));
            case 2 -> update.setVolume(random.nextInt(1_000));
            default -> update.setExchange("X" + random.nextInt(3));
        }
        for (SnapshotBook.Applied applied : book.apply(List.of(update.build()))) {
            assertThat(applied.update()).isNotNull();
        }
    }

    private static Delivery anyDelivery(Random random) {
        return Delivery.newBuilder()
                .setConflation(
                        List.of(
                                        Conflation.CONFLATION_LATEST,
                                        Conflation.CONFLATION_MERGE,
                                        Conflation.CONFLATION_NONE)
                                .get(random.nextInt(3)))
                .setOverflow(
                        random.nextBoolean()
                                ? Overflow.OVERFLOW_RESNAPSHOT
                                : Overflow.OVERFLOW_CONFLATE)
                .setQueueMax(1 + random.nextInt(20))
                .setUpdatesPerMessageMax(1 + random.nextInt(5))
                .build();
    }

    /** Everything up to it that is asked for has come. */
    private void checkProgress(Watch watch) {
        Reader one = watch.reader();
        for (int id : watch.wanted().keySet()) {
            Snapshot known = one.known.get(id);
            long number = one.progress;
            BookUpdate update = book.at(number);
            while (known != null && update != null && update.symbolId() != id) {
                number--;
                update = book.at(number);
            }
            if (known != null && update != null) {
                assertThat(known.getSequence()).isGreaterThanOrEqualTo(number);
            }
        }
    }

    // Resets.

    @ParameterizedTest
    @EnumSource(
            value = Conflation.class,
            names = {"UNRECOGNIZED", "CONFLATION_UNSPECIFIED"},
            mode = EnumSource.Mode.EXCLUDE)
    void a_reset_comes_as_a_snapshot_with_nothing_in_it(Conflation conflation) {
        publish(1, 10);
        subscribe(Delivery.newBuilder().setConflation(conflation), 1);
        book.reset(1);
        loop.run();
        Update reset = reader.updates.getLast();
        assertThat(reset.getSnapshot())
                .isEqualTo(Snapshot.newBuilder().setSymbolId(1).setSequence(2).build());
    }

    @Test
    void a_reader_of_parts_that_missed_a_reset_is_sent_the_whole_snapshot() {
        assertThat(
                        book.apply(
                                        List.of(
                                                priced(1, 10).toBuilder()
                                                        .setBid(9)
                                                        .setVolume(3)
                                                        .build()))
                                .getFirst()
                                .refusal())
                .isNull();
        subscribe(Delivery.newBuilder().setConflation(Conflation.CONFLATION_MERGE), 1);
        reader.room = 0;
        book.reset(1);
        loop.run();
        publish(1, 20);
        loop.run();
        for (int i = 0; i < 2 * KEPT; i++) {
            publish(2, i); // The loop is lapped, too.
        }
        publish(1, 21);
        loop.run();
        reader.room = Integer.MAX_VALUE;
        reader.updates.clear();
        loop.fanOut.signal();
        publish(1, 22);
        loop.run();
        assertThat(reader.snapshot(1).getLtp()).isEqualTo(22);
        assertThat(reader.snapshot(1).hasBid()).isFalse();
        assertThat(reader.snapshot(1).hasVolume()).isFalse();
        assertThat(reader.accounted(1)).isEqualTo(5);
    }

    @Test
    void after_a_reset_an_update_of_any_time_is_taken() {
        Snapshot.Builder update = priced(1, 10).toBuilder();
        assertThat(
                        book.apply(List.of(update.setExchangeTime(time(4_000_000_000L)).build()))
                                .getFirst()
                                .refusal())
                .isNull();
        assertThat(
                        book.apply(List.of(update.setExchangeTime(time(-1)).build()))
                                .getFirst()
                                .refusal())
                .isNotNull();
        assertThat(book.reset(1).refusal()).isNull();
        assertThat(
                        book.apply(List.of(update.setExchangeTime(time(-1)).build()))
                                .getFirst()
                                .refusal())
                .isNull();
        assertThat(book.reset(2).refusal()).isInstanceOf(Failure.NotFound.class);
    }

    private static com.google.protobuf.Timestamp time(long seconds) {
        return com.google.protobuf.Timestamp.newBuilder().setSeconds(seconds).build();
    }

    /** Wakes come up to a tenth of a second late, as on a machine that is busy. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 20, 100, 1_000, 5_000})
    void a_bounded_rate_is_kept_to_however_late_wakes_come(double rate) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Subscription subscription =
                subscribe(
                        latest().setMaxRate(rate),
                        IntStream.rangeClosed(1, 800).boxed().toArray(Integer[]::new));
        for (int id = 1; id <= 800; id++) {
            publish(id, 0);
            loop.run();
        }
        loop.advance(Duration.ofSeconds(1));
        subscription.woken();
        long begun = subscription.delivered();
        List<long[]> sent = new ArrayList<>();
        long nanos = 0;
        while (nanos < Duration.ofSeconds(30).toNanos()) {
            for (int id = 1; id <= 800; id++) {
                publish(id, (double) nanos);
                if (id % (KEPT / 2) == 0) {
                    loop.run();
                }
            }
            Duration late = Duration.ofMillis(5 + random.nextInt(100));
            nanos += late.toNanos();
            loop.advance(late);
            long before = subscription.delivered();
            subscription.woken();
            sent.add(new long[] {nanos, subscription.delivered() - before});
        }
        double expected = rate * nanos / 1e9;
        assertThat((double) (subscription.delivered() - begun))
                .as("rate %s, seed %d", rate, seed)
                .isBetween(0.97 * expected - 2, 1.03 * expected + 2);
        for (int from = 0; from < sent.size(); from++) {
            long inOneSecond = 0;
            for (int i = from;
                    i < sent.size() && sent.get(i)[0] < sent.get(from)[0] + 1_000_000_000L;
                    i++) {
                inOneSecond += sent.get(i)[1];
            }
            assertThat((double) inOneSecond)
                    .as("within a second, rate %s, seed %d", rate, seed)
                    .isLessThanOrEqualTo(1.5 * rate + 2);
        }
    }

    @Test
    void a_bounded_rate_saves_nothing_up_while_nothing_waits() {
        Subscription subscription = subscribe(latest().setMaxRate(100), 1, 2, 3);
        for (int id = 1; id <= 3; id++) {
            publish(id, 0);
        }
        loop.run();
        long begun = subscription.delivered();
        loop.advance(Duration.ofMinutes(1));
        for (int id = 1; id <= 3; id++) {
            publish(id, 1);
        }
        loop.run();
        assertThat(subscription.delivered() - begun).isEqualTo(1);
    }
}
