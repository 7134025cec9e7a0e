package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import dev.wirebrook.api.market.v1.BookCheckpoint;
import dev.wirebrook.api.market.v1.Depth;
import dev.wirebrook.api.market.v1.DepthLevel;
import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class BookRecoveryTest {
    private final BookRecovery recovery = new BookRecovery();

    private static MarketTick.Builder tick(String epoch, long sequence) {
        return MarketTick.newBuilder().setSymbolId(1).setEpoch(epoch).setSequence(sequence);
    }

    private static Depth depth(double price) {
        return Depth.newBuilder().addBids(DepthLevel.newBuilder().setPrice(price)).build();
    }

    /** As it stands in the log. */
    private void take(MarketTick.Builder tick) {
        byte[] event =
                UnknownFieldSet.newBuilder()
                        .addField(
                                TickType.NUMBER,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(tick.build().toByteString())
                                        .build())
                        .build()
                        .toByteArray();
        recovery.take(event, 0, event.length);
    }

    private Snapshot restored() {
        SnapshotBook book = new SnapshotBook("next", 10, 16, InstantSource.system());
        assertThat(recovery.restore(book)).isEmpty();
        return book.find(1).orElseThrow().snapshot();
    }

    @Test
    void the_last_tick_counts_in_whatever_order_they_stand_in_the_log() {
        take(tick("e", 2).setLtp(2));
        take(tick("e", 3).setLtp(3));
        take(tick("e", 1).setLtp(1));
        assertThat(restored().getLtp()).isEqualTo(3);
    }

    @Test
    void the_depth_is_that_of_the_last_tick_that_has_one() {
        take(tick("e", 1).setLtp(1).setDepth(depth(1)));
        take(tick("e", 4).setLtp(4));
        take(tick("e", 3).setLtp(3).setDepth(depth(3)));
        take(tick("e", 2).setLtp(2).setDepth(depth(2)));
        Snapshot snapshot = restored();
        assertThat(snapshot.getLtp()).isEqualTo(4);
        assertThat(snapshot.getDepth()).isEqualTo(depth(3));
    }

    @Test
    void a_depth_of_another_epoch_is_older_whatever_its_sequence() {
        take(tick("e1", 1_000_000).setDepth(depth(1)));
        take(tick("e2", 5).setLtp(5));
        take(tick("e2", 9).setLtp(9).setDepth(depth(2)));
        assertThat(restored().getDepth()).isEqualTo(depth(2));
    }

    @Test
    void a_depth_stays_over_an_epoch_that_brought_none() {
        take(tick("e1", 1_000_000).setDepth(depth(1)));
        take(tick("e2", 5).setLtp(5));
        assertThat(restored().getDepth()).isEqualTo(depth(1));
    }

    @Test
    void says_why_a_symbol_is_refused() {
        recovery.take(
                BookCheckpoint.newBuilder()
                        .addSnapshots(Snapshot.newBuilder().setSymbolId(1))
                        .addSnapshots(Snapshot.newBuilder().setSymbolId(2))
                        .build());
        assertThat(recovery.size()).isEqualTo(2);
        assertThat(recovery.restore(new SnapshotBook("next", 1, 16, InstantSource.system())))
                .get()
                .isInstanceOf(Failure.TooLarge.class);
    }

    @Test
    void nothing_is_known_of_a_symbol_that_was_reset_not_even_its_time() {
        take(tick("a", 1).setSymbol("A").setLtp(1).setExchangeTimeMicros(5).setDepth(depth(1)));
        take(tick("a", 2).setSymbol("A").setReset(true));
        Snapshot known = restored();
        assertThat(known.getSymbol()).isEqualTo("A");
        assertThat(known.hasLtp()).isFalse();
        assertThat(known.hasDepth()).isFalse();
        assertThat(known.hasExchangeTime()).isFalse();
    }

    @Test
    void a_reset_that_stands_in_the_log_behind_a_later_tick_takes_the_depth_along() {
        take(tick("a", 1).setDepth(depth(1)));
        take(tick("a", 3).setLtp(3).setExchangeTimeMicros(7));
        take(tick("a", 2).setReset(true));
        Snapshot known = restored();
        assertThat(known.getLtp()).isEqualTo(3);
        assertThat(known.hasDepth()).isFalse();
        assertThat(known.hasExchangeTime()).isTrue();
    }
}
