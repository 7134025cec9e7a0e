package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a reader makes of a shared book that has left out updates, or has started over. */
class SharedSubscriptionTest {
    private static final int BID = 1 << Snapshot.BID_FIELD_NUMBER;
    private static final int ASK = 1 << Snapshot.ASK_FIELD_NUMBER;
    private static final int ANY = -1;

    private final SnapshotBook book = new SnapshotBook("a", 100, 8, InstantSource.system());
    private final TestLoop loop = new TestLoop(book, 100);
    private final Reader reader = new Reader();

    @AfterEach
    void close() {
        loop.close();
    }

    private static SharedUpdate update(
            long sequence, long previous, long ordinal, double bid, double ask, int changed) {
        return new SharedUpdate(
                Snapshot.newBuilder()
                        .setSymbolId(1)
                        .setSymbol("EURUSD")
                        .setBid(bid)
                        .setAsk(ask)
                        .setSequence(sequence)
                        .build(),
                previous,
                ordinal,
                changed);
    }

    private static SharedUpdate named(int id, String symbol, long sequence) {
        return new SharedUpdate(
                Snapshot.newBuilder()
                        .setSymbolId(id)
                        .setSymbol(symbol)
                        .setSequence(sequence)
                        .build(),
                0,
                1,
                ANY);
    }

    private Subscription subscribe(Conflation conflation) {
        Delivery delivery = Delivery.newBuilder().setConflation(conflation).build();
        Subscription subscription = loop.fanOut.subscribe(DeliverySpec.of(delivery), 0, reader);
        subscription.add(List.of(1));
        loop.run();
        return subscription;
    }

    private void take(SharedUpdate... updates) {
        book.applyShared(List.of(updates));
        loop.run();
    }

    // The channel has lost updates; the second changed the bid, the third, the ask, comes again.

    @Test
    void a_part_is_whole_after_an_update_that_was_left_out() {
        take(update(1, 0, 1, 10, 20, ANY));
        subscribe(Conflation.CONFLATION_MERGE);
        book.skip(2, List.of());
        loop.run();
        take(update(3, 2, 3, 11, 21, ASK));
        assertThat(reader.snapshot(1).getBid()).isEqualTo(11);
        assertThat(reader.snapshot(1).getAsk()).isEqualTo(21);
        assertThat(reader.accounted(1)).isEqualTo(3);
    }

    @Test
    void a_part_has_what_changed_and_no_more_after_an_update_that_was_seen_and_not_sent() {
        take(update(1, 0, 1, 10, 20, ANY));
        Subscription subscription = subscribe(Conflation.CONFLATION_MERGE);
        reader.room = 0;
        take(update(2, 1, 2, 10, 21, ASK), update(3, 2, 3, 10, 22, ASK));
        reader.room = 10;
        subscription.ready();
        assertThat(reader.updates.getLast().getSnapshot().hasBid()).isFalse();
        assertThat(reader.snapshot(1).getAsk()).isEqualTo(22);
    }

    @Test
    void what_is_later_than_what_was_left_out_comes_at_once_and_once() {
        take(update(1, 0, 1, 10, 20, ANY));
        subscribe(Conflation.CONFLATION_MERGE);
        book.skip(2, List.of(update(4, 3, 4, 12, 22, ANY)));
        loop.run();
        assertThat(reader.snapshot(1).getBid()).isEqualTo(12);
        assertThat(book.sequence()).isEqualTo(2);
        take(update(3, 2, 3, 12, 21, BID), update(4, 3, 4, 12, 22, ASK));
        assertThat(reader.updates).hasSize(2);
        assertThat(book.find(1).orElseThrow().sequence()).isEqualTo(4);
        take(update(5, 4, 5, 12, 23, ASK));
        assertThat(reader.snapshot(1).getAsk()).isEqualTo(23);
        assertThat(reader.accounted(1)).isEqualTo(5);
    }

    @Test
    void the_book_keeps_the_later_value_while_what_came_before_it_is_still_added() {
        take(update(1, 0, 1, 10, 20, ANY));
        book.skip(2, List.of(update(4, 3, 4, 12, 22, ANY)));
        book.applyShared(List.of(update(3, 2, 3, 12, 21, BID)));
        assertThat(book.find(1).orElseThrow().sequence()).isEqualTo(4);
        assertThat(book.sequence()).isEqualTo(3);
        assertThat(book.seen()).as("what must not get lost any more").isEqualTo(4);
    }

    // Another epoch, in which symbols have other ids.

    @Test
    void one_who_named_a_symbol_is_sent_none_of_another_and_is_told_to_ask_again() {
        take(named(1, "EURUSD", 1));
        subscribe(Conflation.CONFLATION_LATEST).named(List.of(1));
        book.restart("b", 2, List.of(named(1, "GBPUSD", 1), named(2, "EURUSD", 2)));
        loop.run();
        assertThat(reader.failure).isInstanceOf(Failure.Unavailable.class);
        assertThat(reader.updates).hasSize(1);
    }

    @Test
    void one_who_named_a_symbol_that_is_not_known_any_more_is_told_to_ask_again() {
        take(named(1, "EURUSD", 1));
        subscribe(Conflation.CONFLATION_LATEST).named(List.of(1));
        book.restart("b", 0, List.of());
        loop.run();
        assertThat(reader.failure).isInstanceOf(Failure.Unavailable.class);
    }

    @Test
    void one_who_named_a_symbol_that_has_kept_its_id_goes_on() {
        take(named(1, "EURUSD", 1));
        subscribe(Conflation.CONFLATION_LATEST).named(List.of(1));
        reader.forget(1);
        book.restart("b", 2, List.of(named(1, "EURUSD", 2)));
        loop.run();
        assertThat(reader.failure).isNull();
        assertThat(reader.snapshot(1).getSequence()).isEqualTo(2);
    }

    @Test
    void one_who_asked_for_an_id_goes_on_with_it() {
        take(named(1, "EURUSD", 1));
        subscribe(Conflation.CONFLATION_LATEST);
        reader.forget(1);
        book.restart("b", 2, List.of(named(1, "GBPUSD", 2)));
        loop.run();
        assertThat(reader.failure).isNull();
        assertThat(reader.snapshot(1).getSymbol()).isEqualTo("GBPUSD");
    }
}
