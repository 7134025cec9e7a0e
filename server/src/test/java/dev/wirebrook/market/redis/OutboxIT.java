package dev.wirebrook.market.redis;

import static dev.wirebrook.market.redis.RedisNode.PATIENCE;
import static dev.wirebrook.market.redis.RedisNode.ltp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.wirebrook.RealEngine;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.UpdateDraft;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a publication of many parcels when Redis breaks in the midst of them. */
@Timeout(120)
class OutboxIT {
    private static final String NODE = "node";
    private static final int SYMBOLS = 100;

    private final Workers workers = new Workers();
    private RealEngine redis;
    private RedisData data;
    private RedisMarketSettings settings;
    private RedisConnections connections;
    private Outbox outbox;

    @BeforeEach
    void start() {
        redis = RealEngine.start("redis");
        data = new RedisData(redis.url());
        settings = RedisMarketSettings.of(URI.create(redis.url()));
        connections = new RedisConnections(settings, workers.factory("redis"));
        outbox =
                new Outbox(
                        settings,
                        SYMBOLS,
                        System::nanoTime,
                        workers.timer(),
                        new AnsweringAtOnce());
    }

    @AfterEach
    void stop() {
        connections.close();
        workers.close();
        data.close();
        redis.close();
    }

    private static final class AnsweringAtOnce implements Outbox.Events {
        @Override
        public void settled(Submission submission, String epoch) {
            submission.answer(epoch);
        }

        @Override
        public void failed(RedisLink link, Throwable cause) {
            // The test knows.
        }
    }

    private RedisLink open(RedisLink.Known known, String newEpoch) {
        MarketKeys keys = new MarketKeys(settings.keyPrefix(), NODE);
        return RedisLink.open(connections, settings, keys, known, newEpoch)
                .toCompletableFuture()
                .join();
    }

    private CompletableFuture<PublishOutcome> offer(int updates) {
        return offer(
                IntStream.range(0, updates)
                        .mapToObj(i -> UpdateDraft.of(ltp(1 + i % SYMBOLS, i), Instant.EPOCH))
                        .toList());
    }

    private CompletableFuture<PublishOutcome> offer(List<UpdateDraft> drafts) {
        CompletableFuture<PublishOutcome> outcome = new CompletableFuture<>();
        assertThat(
                        outbox.offer(
                                new Submission(RedisNode.publication(outcome)),
                                drafts,
                                IntStream.range(0, drafts.size()).boxed().toList()))
                .isNull();
        return outcome;
    }

    @Test
    void nobody_is_told_that_all_was_taken_when_redis_has_lost_a_part_before_it_took_the_rest() {
        RedisLink link = open(new RedisLink.Known("", 0, ""), "a");
        outbox.attach(link);
        assertThat(offer(SYMBOLS).join().accepted()).isEqualTo(SYMBOLS);
        data.command(commands -> commands.configSet("appendonly", "no"));
        CompletableFuture<PublishOutcome> outcome = offer(settings.pendingUpdatesMax());
        await().atMost(PATIENCE).until(() -> outbox.lastAnswered() > SYMBOLS);
        redis.kill();
        assertThat(outcome).as("killed in the midst of it").isNotDone();
        outbox.detach();
        redis.startAgain();
        assertThat(data.sequence()).as("what Redis has kept").isEqualTo(SYMBOLS);
        RedisLink next = open(new RedisLink.Known("a", outbox.lastAnswered(), link.run()), "b");
        assertThat(next.epoch()).isEqualTo("b");
        outbox.attach(next);
        assertThat(outcome)
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(FailureException.class)
                .withMessageContaining("has lost a part");
        assertThat(outbox.lastAnswered()).as("of the new epoch").isEqualTo(data.sequence());
    }

    @Test
    void what_redis_has_answered_of_a_part_counts_even_if_it_refuses_the_rest() {
        outbox.attach(open(new RedisLink.Known("", 0, ""), "a"));
        List<UpdateDraft> drafts =
                IntStream.range(0, Parcel.UPDATES_MAX)
                        .mapToObj(i -> UpdateDraft.of(ltp(1, i), Instant.EPOCH))
                        .collect(Collectors.toCollection(ArrayList::new));
        // None that was made of an update: the script stumbles over a field without an end.
        ByteString broken = ByteString.copyFrom(new byte[] {2 << 3 | 2});
        drafts.add(new UpdateDraft(2, "", 0, true, Timestamp.getDefaultInstance(), broken));
        assertThat(offer(drafts))
                .failsWithin(PATIENCE)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(FailureException.class);
        assertThat(data.sequence()).isEqualTo(Parcel.UPDATES_MAX);
        assertThat(outbox.lastAnswered()).isEqualTo(Parcel.UPDATES_MAX);
    }

    @Test
    void what_redis_has_answered_in_another_epoch_does_not_count() {
        RedisLink link = open(new RedisLink.Known("", 0, ""), "a");
        outbox.attach(link);
        offer(SYMBOLS).join();
        outbox.detach();
        data.command(commands -> commands.flushall());
        outbox.attach(open(new RedisLink.Known("a", SYMBOLS, link.run()), "b"));
        offer(1).join();
        assertThat(outbox.lastAnswered()).isEqualTo(1);
    }

    @Test
    void whoever_comes_beyond_what_may_wait_stands_in_line_and_beyond_that_is_refused() {
        int most = settings.pendingUpdatesMax();
        List<CompletableFuture<PublishOutcome>> outcomes =
                IntStream.rangeClosed(0, Outbox.LINE).mapToObj(_ -> offer(most)).toList();
        Failure refusal =
                outbox.offer(
                        new Submission(RedisNode.publication(new CompletableFuture<>())),
                        List.of(UpdateDraft.of(ltp(1, 1), Instant.EPOCH)),
                        List.of(0));
        assertThat(refusal).isInstanceOf(Failure.Overloaded.class);
        outbox.close();
        assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome).isCompletedExceptionally());
    }
}
