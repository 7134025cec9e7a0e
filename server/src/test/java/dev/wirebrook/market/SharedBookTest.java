package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import dev.wirebrook.api.market.v1.Update;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Workers;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A book whose updates come with their sequences, and what its readers are told. */
class SharedBookTest {
    private final Workers workers = new Workers();
    private final SnapshotBook book = new SnapshotBook("a", 100, 8, InstantSource.system());
    private final FanOuts fanOuts =
            new FanOuts(
                    book,
                    () -> false,
                    1_000,
                    workers.timer(),
                    InstantSource.system(),
                    System::nanoTime);
    private final FanOut fanOut = fanOuts.of(Runnable::run, Runnable::run);

    @AfterEach
    void stop() {
        fanOuts.close();
        workers.close();
    }

    private static final class Reader implements Outlet {
        final List<SubscribeSnapshotsResponse> got = new ArrayList<>();
        boolean ready = true;

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void send(byte[] message) {
            try {
                got.add(SubscribeSnapshotsResponse.parseFrom(message));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void complete() {}

        @Override
        public void fail(Failure failure) {
            throw new IllegalStateException(failure.message());
        }

        List<Update> updates() {
            return got.stream().flatMap(message -> message.getUpdatesList().stream()).toList();
        }
    }

    private static SharedUpdate update(int id, long sequence, long previous, long ordinal) {
        Snapshot snapshot =
                Snapshot.newBuilder()
                        .setSymbolId(id)
                        .setSymbol("S" + id)
                        .setLtp((double) sequence)
                        .setSequence(sequence)
                        .build();
        return new SharedUpdate(snapshot, previous, ordinal, -1);
    }

    private Subscription subscribe(Reader reader, Delivery delivery, Integer... ids) {
        Subscription subscription = fanOut.subscribe(DeliverySpec.of(delivery), 0, reader);
        subscription.add(List.of(ids));
        return subscription;
    }

    @Test
    void shared_updates_stand_in_the_book_with_the_sequences_they_have() {
        book.applyShared(List.of(update(1, 1, 0, 1), update(2, 2, 0, 1), update(1, 3, 1, 2)));
        assertThat(book.sequence()).isEqualTo(3);
        assertThat(book.find("S1").orElseThrow().sequence()).isEqualTo(3);
        assertThat(book.find("S1").orElseThrow().previousSequence()).isEqualTo(1);
        assertThat(book.size()).isEqualTo(2);
    }

    @Test
    void refuses_a_shared_update_that_does_not_follow_on_the_last() {
        book.applyShared(List.of(update(1, 1, 0, 1)));
        assertThatThrownBy(() -> book.applyShared(List.of(update(1, 3, 1, 2))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> book.applyShared(List.of(update(1, 1, 0, 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(book.sequence()).isEqualTo(1);
    }

    @Test
    void refuses_to_go_back_within_an_epoch() {
        book.applyShared(List.of(update(1, 1, 0, 1), update(1, 2, 1, 2)));
        assertThatThrownBy(() -> book.skip(1, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void after_updates_that_are_left_out_readers_go_on_with_the_latest_and_know_how_many() {
        Reader reader = new Reader();
        book.applyShared(List.of(update(1, 1, 0, 1), update(2, 2, 0, 1)));
        subscribe(reader, Delivery.getDefaultInstance(), 1, 2);
        book.skip(50, List.of(update(1, 49, 47, 4), update(2, 2, 0, 1)));
        book.applyShared(List.of(update(2, 51, 2, 2)));
        assertThat(reader.updates().stream().map(update -> update.getSnapshot().getSequence()))
                .containsExactly(1L, 2L, 49L, 51L);
        assertThat(reader.updates().get(2).getPreviousSequence()).isEqualTo(1);
        assertThat(reader.updates().get(2).getConflated()).isEqualTo(2);
        assertThat(fanOut.cursor()).isEqualTo(51);
    }

    @Test
    void a_book_that_starts_over_forgets_what_it_knew() {
        book.applyShared(List.of(update(1, 1, 0, 1), update(2, 2, 0, 1)));
        book.restart("b", 1, List.of(update(3, 1, 0, 1)));
        assertThat(book.epoch()).isEqualTo("b");
        assertThat(book.sequence()).isEqualTo(1);
        assertThat(book.find(1)).isEmpty();
        assertThat(book.find("S2")).isEmpty();
        assertThat(book.find("S3")).isPresent();
        book.applyShared(List.of(update(1, 2, 0, 1)));
        assertThat(book.size()).isEqualTo(2);
    }

    @Test
    void readers_of_a_book_that_starts_over_are_told_the_epoch_and_then_fresh_snapshots() {
        Reader reader = new Reader();
        book.applyShared(List.of(update(1, 1, 0, 1), update(2, 2, 0, 1), update(2, 3, 2, 2)));
        subscribe(reader, Delivery.getDefaultInstance(), 1, 2);
        reader.got.clear();
        book.restart("b", 2, List.of(update(2, 2, 1, 2)));
        assertThat(reader.got.getFirst().getStarted().getEpoch()).isEqualTo("b");
        assertThat(reader.got.getFirst().getStarted().getSequence()).isEqualTo(2);
        assertThat(reader.got.getFirst().getStarted().getRecovered()).isFalse();
        assertThat(reader.updates()).hasSize(1);
        assertThat(reader.updates().getFirst().getPreviousSequence()).isZero();
        assertThat(reader.updates().getFirst().getSnapshot().getSequence()).isEqualTo(2);
        // One that the new epoch did not know yet, with a number that the old one had too.
        book.applyShared(List.of(update(1, 3, 0, 1)));
        assertThat(reader.updates()).hasSize(2);
        assertThat(reader.updates().getLast().getSnapshot().getSymbolId()).isEqualTo(1);
        assertThat(fanOut.epoch()).isEqualTo("b");
    }

    @Test
    void nothing_that_waited_for_a_reader_comes_after_the_new_epoch() {
        Reader reader = new Reader();
        Delivery every = Delivery.newBuilder().setConflation(Conflation.CONFLATION_NONE).build();
        book.applyShared(List.of(update(1, 1, 0, 1)));
        Subscription subscription = subscribe(reader, every, 1);
        reader.ready = false;
        book.applyShared(List.of(update(1, 2, 1, 2), update(1, 3, 2, 3)));
        book.restart("b", 1, List.of(update(1, 1, 0, 1)));
        reader.got.clear();
        reader.ready = true;
        subscription.ready();
        assertThat(reader.got.getFirst().getStarted().getEpoch()).isEqualTo("b");
        assertThat(reader.updates()).hasSize(1);
        assertThat(reader.updates().getFirst().getSnapshot().getSequence()).isEqualTo(1);
    }

    @Test
    void one_who_reads_all_gets_all_of_the_new_epoch() {
        Reader reader = new Reader();
        book.applyShared(List.of(update(1, 1, 0, 1)));
        fanOut.subscribe(DeliverySpec.of(Delivery.getDefaultInstance()), 0, reader).addAll();
        reader.got.clear();
        book.restart("b", 9, List.of(update(5, 9, 0, 1), update(6, 8, 0, 1)));
        assertThat(reader.updates().stream().map(update -> update.getSnapshot().getSymbolId()))
                .containsExactlyInAnyOrder(5, 6);
    }
}
