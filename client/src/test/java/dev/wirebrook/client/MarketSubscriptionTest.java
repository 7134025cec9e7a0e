package dev.wirebrook.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.google.rpc.Code;
import dev.wirebrook.api.market.v1.Answered;
import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Overflow;
import dev.wirebrook.api.market.v1.Progress;
import dev.wirebrook.api.market.v1.ResumePoint;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.Started;
import dev.wirebrook.api.market.v1.StreamMarketDataRequest;
import dev.wirebrook.api.market.v1.StreamMarketDataResponse;
import dev.wirebrook.api.market.v1.SymbolStatus;
import dev.wirebrook.api.market.v1.Update;
import dev.wirebrook.client.ScriptedMarket.Call;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MarketSubscriptionTest {
    private static final SubscriptionOptions QUICK =
            SubscriptionOptions.DEFAULT.withBackoff(Duration.ofMillis(1), Duration.ofMillis(20));

    private ScriptedMarket server;
    private WirebrookClient client;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedMarket();
        client = server.client();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private MarketSubscription subscribe(Symbols symbols) {
        return client.market().subscribe(symbols, QUICK);
    }

    /** The reader's stream with this number, when it has sent so many requests. */
    private Call<StreamMarketDataRequest, StreamMarketDataResponse> stream(
            int number, int requests) {
        await().until(() ->
                server.readers.size() > number
                        && server.readers.get(number).requests.size() >= requests);
        return server.readers.get(number);
    }

    private static StreamMarketDataResponse started(String epoch, boolean recovered) {
        return StreamMarketDataResponse.newBuilder()
                .setStarted(Started.newBuilder().setEpoch(epoch).setRecovered(recovered))
                .setAnswered(Answered.newBuilder().setRequestId(recovered ? 2 : 1))
                .build();
    }

    private static StreamMarketDataResponse answered(long request) {
        return StreamMarketDataResponse.newBuilder()
                .setAnswered(Answered.newBuilder().setRequestId(request))
                .build();
    }

    private static StreamMarketDataResponse progress(long sequence) {
        return StreamMarketDataResponse.newBuilder()
                .setProgress(Progress.newBuilder().setSequence(sequence))
                .build();
    }

    private static StreamMarketDataResponse update(int id, long sequence, long previous) {
        return update(
                Snapshot.newBuilder().setSymbolId(id).setSequence(sequence).build(), previous);
    }

    private static StreamMarketDataResponse update(Snapshot snapshot, long previous) {
        return StreamMarketDataResponse.newBuilder()
                .addUpdates(Update.newBuilder().setSnapshot(snapshot).setPreviousSequence(previous))
                .build();
    }

    private static long nextSequence(MarketSubscription subscription) throws Exception {
        return subscription.next().snapshot().getSequence();
    }

    @Test
    void goes_on_after_the_last_progress_and_hands_out_nothing_twice() throws Exception {
        try (MarketSubscription prices = subscribe(Symbols.ofIds(1, 2))) {
            var first = stream(0, 1);
            assertThat(first.requests.getFirst().getSubscribeIdsList()).containsExactly(1, 2);
            assertThat(first.requests.getFirst().hasResume()).isFalse();
            first.answer(started("e", false));
            first.answer(update(1, 3, 0));
            first.answer(progress(4));
            first.answer(update(1, 6, 3));
            assertThat(nextSequence(prices)).isEqualTo(3);
            assertThat(nextSequence(prices)).isEqualTo(6);
            first.drop();

            var second = stream(1, 1);
            assertThat(second.requests.getFirst().getResume())
                    .isEqualTo(ResumePoint.newBuilder().setEpoch("e").setSequence(4).build());
            assertThat(second.requests.getFirst().getSubscribeIdsList()).containsExactly(1, 2);
            second.answer(started("e", true));
            // What was on its way when the stream broke, and an update of another symbol that was
            // overtaken by it.
            second.answer(update(1, 6, 3));
            second.answer(update(2, 5, 0));
            second.answer(update(1, 7, 6));
            assertThat(nextSequence(prices)).isEqualTo(5);
            assertThat(nextSequence(prices)).isEqualTo(7);
        }
    }

    @Test
    void a_lost_epoch_brings_fresh_snapshots_whatever_their_sequences() throws Exception {
        try (MarketSubscription prices = subscribe(Symbols.everything())) {
            var first = stream(0, 1);
            assertThat(first.requests.getFirst().getSubscribeAll()).isTrue();
            first.answer(started("e", false));
            first.answer(update(1, 900, 0));
            first.answer(progress(900));
            assertThat(nextSequence(prices)).isEqualTo(900);
            first.drop();
            var second = stream(1, 1);
            second.answer(started("another", false));
            second.answer(update(1, 2, 0));
            assertThat(nextSequence(prices)).isEqualTo(2);
            second.drop();
            // No progress in this epoch: there is nothing to go on from.
            assertThat(stream(2, 1).requests.getFirst().hasResume()).isFalse();
        }
    }

    @Test
    void what_was_added_since_the_last_progress_comes_fresh_on_the_next_stream() throws Exception {
        try (MarketSubscription prices = subscribe(Symbols.ofIds(1))) {
            var first = stream(0, 1);
            first.answer(started("e", false));
            first.answer(progress(10));
            prices.subscribe(Symbols.ofIds(2));
            stream(0, 2);
            first.answer(answered(2));
            first.answer(update(1, 11, 0));
            assertThat(nextSequence(prices)).isEqualTo(11);
            first.drop();

            var second = stream(1, 1);
            assertThat(second.requests.getFirst().getSubscribeIdsList()).containsExactly(1);
            assertThat(second.requests.getFirst().hasResume()).isTrue();
            second.answer(answered(3));
            assertThat(stream(1, 2).requests.get(1).getSubscribeIdsList()).containsExactly(2);
            assertThat(second.requests.get(1).hasResume()).isFalse();
        }
    }

    @Test
    void a_name_without_an_id_is_asked_for_again_on_the_next_stream() throws Exception {
        try (MarketSubscription prices = subscribe(Symbols.named("A", "B"))) {
            var first = stream(0, 1);
            first.answer(
                    started("e", false).toBuilder()
                            .addStatuses(SymbolStatus.newBuilder().setSymbol("B"))
                            .build());
            first.answer(progress(10));
            first.answer(update(Snapshot.newBuilder().setSymbol("A").setSequence(11).build(), 0));
            assertThat(nextSequence(prices)).isEqualTo(11);
            first.drop();
            var second = stream(1, 1);
            assertThat(second.requests.getFirst().getSubscribeSymbolsList()).containsExactly("A");
            second.answer(answered(2));
            assertThat(stream(1, 2).requests.get(1).getSubscribeSymbolsList()).containsExactly("B");
        }
    }

    @Test
    void tells_the_server_one_change_at_a_time() {
        try (MarketSubscription prices = subscribe(Symbols.ofIds(1))) {
            var stream = stream(0, 1);
            prices.subscribe(Symbols.ofIds(2));
            prices.subscribe(Symbols.ofIds(3).and(Symbols.named("X")));
            prices.unsubscribe(Symbols.ofIds(2, 1));
            stream.answer(started("e", false));
            var change = stream(0, 2).requests.get(1);
            assertThat(change.getSubscribeIdsList()).containsExactly(3);
            assertThat(change.getSubscribeSymbolsList()).containsExactly("X");
            assertThat(change.getUnsubscribeIdsList()).containsExactly(1);
            await().during(Duration.ofMillis(50)).until(() -> stream.requests.size() == 2);
        }
    }

    @Test
    void a_symbol_that_is_taken_away_comes_no_more_and_fresh_when_it_is_added_again()
            throws Exception {
        try (MarketSubscription prices = subscribe(Symbols.ofIds(1, 2))) {
            var stream = stream(0, 1);
            stream.answer(started("e", false));
            stream.answer(update(1, 5, 0));
            assertThat(nextSequence(prices)).isEqualTo(5);
            prices.unsubscribe(Symbols.ofIds(1));
            // On its way before the server heard of it.
            stream.answer(update(1, 6, 5));
            stream.answer(update(2, 7, 0));
            assertThat(nextSequence(prices)).isEqualTo(7);
            prices.subscribe(Symbols.ofIds(1));
            stream.answer(update(1, 6, 0));
            assertThat(nextSequence(prices)).isEqualTo(6);
            // Nothing has happened since, and it was not asked for meanwhile.
            prices.unsubscribe(Symbols.ofIds(2));
            prices.subscribe(Symbols.ofIds(2));
            stream.answer(update(2, 7, 0));
            assertThat(nextSequence(prices)).isEqualTo(7);
        }
    }

    @Test
    void parts_are_handed_out_as_whole_snapshots() throws Exception {
        SubscriptionOptions merging = QUICK.withConflation(Conflation.CONFLATION_MERGE);
        try (MarketSubscription prices = client.market().subscribe(Symbols.ofIds(1), merging)) {
            var stream = stream(0, 1);
            assertThat(stream.requests.getFirst().getDelivery().getConflation())
                    .isEqualTo(Conflation.CONFLATION_MERGE);
            Snapshot.Builder whole =
                    Snapshot.newBuilder().setSymbolId(1).setSequence(1).setSymbol("A").setLtp(1);
            whole.getDepthBuilder().addBidsBuilder().setPrice(9);
            Snapshot.Builder part = Snapshot.newBuilder().setSymbolId(1).setSequence(2).setBid(3);
            part.getDepthBuilder().addBidsBuilder().setPrice(8);
            stream.answer(started("e", false));
            stream.answer(update(whole.build(), 0));
            stream.answer(update(part.build(), 1));
            assertThat(prices.next().snapshot()).isEqualTo(whole.build());
            assertThat(prices.next().snapshot())
                    .isEqualTo(whole.setSequence(2).setBid(3).setDepth(part.getDepth()).build());
        }
    }

    @Test
    void parts_of_a_symbol_that_was_asked_for_by_name_say_its_number_only() throws Exception {
        SubscriptionOptions merging = QUICK.withConflation(Conflation.CONFLATION_MERGE);
        try (MarketSubscription prices = client.market().subscribe(Symbols.named("A"), merging)) {
            var stream = stream(0, 1);
            Snapshot.Builder whole =
                    Snapshot.newBuilder().setSymbolId(1).setSequence(1).setSymbol("A").setLtp(1);
            stream.answer(started("e", false));
            stream.answer(update(whole.build(), 0));
            stream.answer(
                    update(
                            Snapshot.newBuilder().setSymbolId(1).setSequence(2).setBid(3).build(),
                            1));
            assertThat(prices.next().snapshot()).isEqualTo(whole.build());
            assertThat(prices.poll(Duration.ofSeconds(5)).map(MarketUpdate::snapshot))
                    .contains(whole.setSequence(2).setBid(3).build());
        }
    }

    @Test
    void a_time_in_a_part_replaces_the_one_before() throws Exception {
        SubscriptionOptions merging = QUICK.withConflation(Conflation.CONFLATION_MERGE);
        try (MarketSubscription prices = client.market().subscribe(Symbols.ofIds(1), merging)) {
            var stream = stream(0, 1);
            Snapshot.Builder whole = Snapshot.newBuilder().setSymbolId(1).setSequence(1);
            whole.getExchangeTimeBuilder().setSeconds(10).setNanos(500_000_000);
            Snapshot.Builder part = Snapshot.newBuilder().setSymbolId(1).setSequence(2);
            part.getExchangeTimeBuilder().setSeconds(11);
            stream.answer(started("e", false));
            stream.answer(update(whole.build(), 0));
            stream.answer(update(part.build(), 1));
            assertThat(prices.next().snapshot()).isEqualTo(whole.build());
            assertThat(prices.next().snapshot()).isEqualTo(part.build());
        }
    }

    @Test
    void a_part_of_what_is_not_known_any_more_is_left_to_the_fresh_one_behind_it()
            throws Exception {
        SubscriptionOptions merging = QUICK.withConflation(Conflation.CONFLATION_MERGE);
        try (MarketSubscription prices = client.market().subscribe(Symbols.ofIds(1, 2), merging)) {
            var stream = stream(0, 1);
            Snapshot.Builder whole = Snapshot.newBuilder().setSymbolId(1).setSequence(1).setLtp(1);
            stream.answer(started("e", false));
            stream.answer(update(whole.build(), 0));
            assertThat(prices.next().snapshot()).isEqualTo(whole.build());
            prices.unsubscribe(Symbols.ofIds(1));
            prices.subscribe(Symbols.ofIds(1));
            // On its way before the server heard of it, and then what it answers.
            stream.answer(
                    update(
                            Snapshot.newBuilder().setSymbolId(1).setSequence(2).setBid(3).build(),
                            1));
            stream.answer(update(whole.setSequence(2).setBid(3).build(), 0));
            stream.answer(update(2, 3, 0));
            assertThat(prices.next().snapshot()).isEqualTo(whole.build());
            assertThat(nextSequence(prices)).isEqualTo(3);
        }
    }

    @Test
    void a_reader_that_is_slow_is_not_buffered_for() throws Exception {
        Snapshot.Builder large =
                Snapshot.newBuilder().setSymbolId(1).setSymbol("x".repeat(1 << 18));
        try (MarketSubscription prices = subscribe(Symbols.ofIds(1))) {
            var stream = stream(0, 1);
            stream.answer(started("e", false));
            int sent = 0;
            while (sent < 200 && becomesReady(stream)) {
                stream.answer(update(large.setSequence(++sent).build(), 0));
            }
            int written = sent;
            assertThat(written).isLessThan(200);
            for (int i = 1; i <= written; i++) {
                assertThat(nextSequence(prices)).isEqualTo(i);
            }
            await().until(stream::isReady);
        }
    }

    private static boolean becomesReady(Call<?, ?> stream) {
        try {
            await().atMost(Duration.ofMillis(500)).until(stream::isReady);
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    @Test
    void a_server_without_room_is_tried_again_unless_the_reader_wants_to_hear_of_it()
            throws Exception {
        StatusRuntimeException refusal =
                ScriptedServer.refusal(Code.RESOURCE_EXHAUSTED, Duration.ofMillis(1));
        try (MarketSubscription _ = subscribe(Symbols.ofIds(1))) {
            stream(0, 1).fail(refusal);
            stream(1, 1);
        }
        SubscriptionOptions disconnecting =
                QUICK.withDelivery(
                        Delivery.newBuilder()
                                .setConflation(Conflation.CONFLATION_NONE)
                                .setOverflow(Overflow.OVERFLOW_DISCONNECT)
                                .build());
        try (MarketSubscription prices =
                client.market().subscribe(Symbols.ofIds(1), disconnecting)) {
            stream(2, 1).fail(refusal);
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(prices::next)
                    .matches(e -> e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED);
        }
    }

    @Test
    void a_refusal_ends_it_after_what_came_before() throws Exception {
        try (MarketSubscription prices = subscribe(Symbols.ofIds(1))) {
            var stream = stream(0, 1);
            stream.answer(update(1, 5, 0));
            stream.fail(Status.UNAUTHENTICATED.asRuntimeException());
            assertThat(nextSequence(prices)).isEqualTo(5);
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(prices::next)
                    .matches(e -> e.getStatus().getCode() == Status.Code.UNAUTHENTICATED);
        }
        assertThat(server.readers).hasSize(1);
    }

    @Test
    void patience_ends_when_the_server_tells_no_progress() {
        SubscriptionOptions impatient = QUICK.withPatience(Duration.ofMillis(50));
        try (MarketSubscription prices = client.market().subscribe(Symbols.ofIds(1), impatient)) {
            CompletableFuture<Status> end =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            throw new AssertionError(prices.next());
                        } catch (StatusRuntimeException e) {
                            return e.getStatus();
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    });
            int[] broken = {0};
            await().until(() -> {
                if (server.readers.size() > broken[0]) {
                    server.readers.get(broken[0]++).drop();
                }
                return end.isDone();
            });
            assertThat(end.join().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(broken[0]).isGreaterThan(1);
        }
    }

    @Test
    void closing_ends_the_stream_and_whoever_reads() throws Exception {
        MarketSubscription prices = subscribe(Symbols.ofIds(1));
        CompletableFuture<List<MarketUpdate>> read =
                CompletableFuture.supplyAsync(() -> {
                    List<MarketUpdate> updates = new ArrayList<>();
                    try {
                        prices.forEach(updates::add);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    return updates;
                });
        stream(0, 1);
        prices.close();
        prices.close();
        assertThat(read.get()).isEmpty();
        await().until(() -> server.readers.getFirst().isCancelled());
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(prices::next)
                .matches(e -> e.getStatus().getCode() == Status.Code.CANCELLED);
    }
}
