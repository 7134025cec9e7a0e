package dev.wirebrook.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.OrderUpdatedEvent;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the pipeline keeps on every log, with the real warehouse and dead letters; faults come from
 * a sink that wraps the real one.
 */
public abstract class EventPipelineContract implements TestPipeline.Engines {
    @TempDir protected Path directory;

    protected final FaultySink.Plan faults = new FaultySink.Plan();
    private TestPipeline pipeline;

    protected final TestPipeline pipeline() {
        return pipeline;
    }

    @BeforeEach
    void open() {
        pipeline = TestPipeline.open(directory, faults, this);
    }

    @AfterEach
    void close() {
        pipeline.close();
    }

    @Test
    void stores_what_it_acknowledged() {
        BatchOutcome outcome = pipeline.submit(batch("c", cart("a"), cart("b"), cart("c")));
        assertThat(outcome.accepted()).isEqualTo(3);
        assertThat(outcome.outcomes()).isEmpty();
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a", "b", "c");
        assertBalanced(3, new SettledCounts(3, 0, 0, 0));
    }

    @Test
    void stores_an_id_once_for_each_client() {
        pipeline.submit(batch("one", cart("a"), cart("a")));
        pipeline.submit(batch("two", cart("a")));
        pipeline.submit(batch("one", cart("a")));
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a", "a");
        assertBalanced(4, new SettledCounts(2, 2, 0, 0));
    }

    @Test
    void stores_an_event_without_id_each_time_it_comes() {
        pipeline.submit(batch("one", cart("")));
        pipeline.submit(batch("one", cart("")));
        pipeline.settle();
        assertThat(storedIds()).hasSize(2).doesNotHaveDuplicates().doesNotContain("");
    }

    @Test
    void no_sender_can_choose_an_id_that_the_server_derives() {
        pipeline.submit(batch("one", cart("")));
        pipeline.settle();
        String derived = storedIds().getFirst();
        reopen();
        BatchOutcome forged = pipeline.submit(batch("one", cart(derived), cart("a")));
        assertThat(forged.rejected()).isEqualTo(1);
        assertThat(forged.firstRejection()).contains("wirebrook:").contains("reserved");
        // As ids were derived before there was a reserved form.
        String bare = derived.substring(derived.indexOf('-') + 1);
        assertThat(pipeline.submit(batch("one", cart(bare))).accepted()).isEqualTo(1);
        pipeline.submit(batch("one", cart("")));
        pipeline.settle();
        assertThat(storedIds()).hasSize(4).doesNotHaveDuplicates().contains("a", bare);
    }

    @Test
    void only_webhooks_send_under_the_client_ids_of_webhooks() {
        assertThatThrownBy(() -> pipeline.submit(batch("webhook/shopify", cart("d#1"))))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("reserved for deliveries of webhooks");
        assertThat(pipeline.submit(batch("webhooks", cart("d#1"))).accepted()).isEqualTo(1);
    }

    @Test
    void remembers_ids_over_a_restart() {
        pipeline.submit(batch("one", cart("a"), cart("b")));
        pipeline.settle();
        reopen();
        pipeline.submit(batch("one", cart("b"), cart("c")));
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a", "b", "c");
        assertBalanced(4, new SettledCounts(3, 1, 0, 0));
    }

    @Test
    void tells_of_duplicates_who_asks() {
        pipeline.submit(batch("one", cart("a")));
        pipeline.settle();
        BatchOutcome outcome =
                pipeline.submitReportingDuplicates(batch("one", cart("b"), cart("a")));
        assertThat(outcome.accepted()).isEqualTo(2);
        assertThat(outcome.outcomes())
                .containsExactly(
                        new EventOutcome(1, "a", EventOutcome.Verdict.DUPLICATE, List.of()));
    }

    @Test
    void rejects_the_bad_event_and_stores_its_neighbours() {
        Event bad = cart("bad").toBuilder().setTimestamp("yesterday").build();
        BatchOutcome outcome = pipeline.submit(batch("one", cart("a"), bad, cart("b")));
        assertThat(outcome.accepted()).isEqualTo(2);
        assertThat(outcome.outcomes()).hasSize(1);
        assertThat(outcome.outcomes().getFirst().verdict())
                .isEqualTo(EventOutcome.Verdict.REJECTED);
        assertThat(outcome.outcomes().getFirst().id()).isEqualTo("bad");
        assertThat(outcome.outcomes().getFirst().violations())
                .singleElement()
                .satisfies(violation ->
                        assertThat(violation.field()).isEqualTo("events[1].timestamp"));
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a", "b");
        assertThat(pipeline.counts().rejected()).isEqualTo(1);
        assertBalanced(2, new SettledCounts(2, 0, 0, 0));
    }

    @Test
    void keeps_an_event_of_unknown_type_raw() {
        Event unknown = TestPipeline.eventOfUnknownType("u");
        BatchOutcome outcome = pipeline.submit(batch("one", cart("a"), unknown));
        assertThat(outcome.accepted()).isEqualTo(2);
        assertThat(outcome.quarantined()).isEqualTo(1);
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a");
        assertBalanced(2, new SettledCounts(1, 0, 1, 0));
        long letterId =
                pipeline.deadLetters().list(DeadLetterFilter.ALL, 0, 10).getFirst().letterId();
        DeadLetterStore.DeadLetter letter = pipeline.deadLetters().find(letterId).orElseThrow();
        assertThat(letter.event()).isEqualTo(unknown.toByteArray());
        assertThat(letter.eventId()).isEqualTo("u");
        assertThat(letter.stage()).isEqualTo(DeadLetterStore.Stage.QUARANTINE);
    }

    @Test
    void refuses_a_batch_that_is_none() {
        assertThat(pipeline.refusal(new byte[0])).isInstanceOf(Failure.InvalidRequest.class);
        assertThat(pipeline.refusal(new byte[] {1, 2, 3}))
                .isInstanceOf(Failure.InvalidRequest.class);
        assertThat(pipeline.refusal(new byte[TestPipeline.BATCH_BYTES_MAX + 1]))
                .isInstanceOf(Failure.TooLarge.class);
        byte[] empties = new byte[2 * (TestPipeline.BATCH_EVENTS_MAX + 1)];
        for (int i = 0; i < empties.length; i += 2) {
            empties[i] = 5 << 3 | 2;
        }
        assertThat(pipeline.refusal(empties)).isInstanceOf(Failure.TooLarge.class);
    }

    @Test
    void waits_out_a_sink_that_does_not_answer() {
        faults.transientFailures.set(3);
        pipeline.submit(batch("one", cart("a")));
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a");
        assertThat(faults.transientFailures).hasValue(-1);
    }

    @Test
    void stores_once_when_the_sink_commits_and_then_times_out() {
        faults.commitThenFail.set(2);
        pipeline.submit(batch("one", cart("a"), cart("b")));
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a", "b");
        assertThat(faults.commitThenFail).hasValue(-1);
        assertBalanced(2, new SettledCounts(2, 0, 0, 0));
    }

    @Test
    void starts_a_route_anew_after_a_fault_nobody_foresaw() {
        pipeline.submit(batch("one", cart("a")));
        pipeline.settle();
        faults.unforeseen.set(2);
        pipeline.submit(batch("one", cart("b"), cart("a")));
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a", "b");
        assertBalanced(3, new SettledCounts(2, 1, 0, 0));
    }

    @Test
    void parks_the_poison_alone_and_stores_all_around_it() {
        faults.poisonIds.add("7");
        faults.poisonIds.add("42");
        Event[] events = IntStream.range(0, 100).mapToObj(i -> cart("" + i)).toArray(Event[]::new);
        pipeline.submit(batch("one", events));
        pipeline.settle();
        assertThat(storedIds()).hasSize(98).doesNotContain("7", "42").doesNotHaveDuplicates();
        assertBalanced(100, new SettledCounts(98, 0, 0, 2));
        assertThat(pipeline.deadLetters().list(DeadLetterFilter.ALL, 0, 10))
                .extracting(DeadLetterStore.DeadLetter::eventId)
                .containsExactlyInAnyOrder("7", "42");
        assertThat(pipeline.deadLetters().list(DeadLetterFilter.ALL, 0, 10))
                .allSatisfy(letter -> {
                    assertThat(letter.attempts()).isEqualTo(3);
                    assertThat(letter.reason()).isEqualTo("poison");
                    assertThat(letter.type()).isEqualTo("AddToCartEvent");
                });
    }

    @Test
    void replays_a_parked_event_under_its_own_id() throws InterruptedException {
        faults.poisonIds.add("p");
        pipeline.submit(batch("one", cart("a"), cart("p")));
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a");

        // Also over a restart: the parked event's id must not count as stored.
        reopen();
        assertThat(pipeline.replay(true).matched()).isEqualTo(1);
        assertThat(pipeline.deadLetters().stats().getFirst().state())
                .isEqualTo(DeadLetterStore.State.PARKED);

        faults.poisonIds.clear();
        DeadLetterReplay.Progress progress = pipeline.replay(false);
        assertThat(progress.replayed()).isEqualTo(1);
        assertThat(progress.failed()).isZero();
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a", "p");
        assertThat(pipeline.replay(false).matched()).isZero();
        assertBalanced(3, new SettledCounts(2, 0, 0, 1));
    }

    /** As a kill leaves it between the log and the mark. */
    @Test
    void a_replay_that_was_not_marked_and_runs_again_stores_nothing_twice() throws Exception {
        Event[] events = new Event[50];
        Arrays.setAll(events, i -> cart(""));
        faults.poisonIds.add("");
        pipeline.submit(batch("one", events));
        pipeline.settle();
        faults.poisonIds.clear();
        for (int i = 0; i < 2; i++) {
            DeadLetterReplay.Progress progress = pipeline.replay(false);
            assertThat(progress.replayed()).isEqualTo(50);
            assertThat(progress.cameBack()).isZero();
            pipeline.settle();
            assertThat(storedIds())
                    .hasSize(50)
                    .doesNotHaveDuplicates()
                    .allMatch(id -> id.matches("wirebrook:letter-[0-9]+-[0-9a-f]{32}"));
            markParked();
            reopen();
        }
    }

    private void markParked() throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + directory.resolve("dead-letters.db"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE letters SET state = 'PARKED', replay_time = NULL");
        }
    }

    @Test
    void letters_that_come_back_are_counted_and_not_replayed_forever() throws Exception {
        Event[] events = new Event[60];
        for (int i = 0; i < events.length; i++) {
            events[i] = cart("p" + i);
            faults.poisonIds.add("p" + i);
        }
        pipeline.submit(batch("one", events));
        pipeline.settle();
        DeadLetterReplay.Progress progress = pipeline.replay(false);
        assertThat(progress.matched()).isEqualTo(60);
        assertThat(progress.replayed()).isEqualTo(60);
        assertThat(progress.failed()).isZero();
        assertThat(progress.cameBack()).isEqualTo(60);
        assertThat(progress.failures())
                .hasSize(20)
                .first()
                .asString()
                .contains("came back as letter");
        assertThat(pipeline.deadLetters().parkedByStage())
                .isEqualTo(Map.of(DeadLetterStore.Stage.SINK, 60L));
    }

    @Test
    void a_dry_run_checks_what_a_replay_checks() throws InterruptedException {
        faults.poisonIds.add("p");
        pipeline.submit(batch("one", cart("p"), TestPipeline.eventOfUnknownType("u")));
        pipeline.settle();
        faults.poisonIds.clear();
        DeadLetterReplay.Progress dry = pipeline.replay(true);
        DeadLetterReplay.Progress wet = pipeline.replay(false);
        assertThat(dry.matched()).isEqualTo(2);
        assertThat(dry.replayed()).isEqualTo(1);
        assertThat(dry.failed()).isEqualTo(1);
        assertThat(dry).isEqualTo(wet);
    }

    @Test
    void rejects_in_protobuf_what_has_no_form_in_json() {
        Event.Builder bad =
                Event.newBuilder()
                        .setId("bad")
                        .setOrderUpdatedEvent(
                                OrderUpdatedEvent.newBuilder()
                                        .setExpectedDelivery(
                                                Timestamp.newBuilder()
                                                        .setSeconds(946_684_800_000_000L)));
        BatchOutcome outcome = pipeline.submit(batch("one", cart("a"), bad.build(), cart("b")));
        assertThat(outcome.accepted()).isEqualTo(2);
        assertThat(outcome.outcomes())
                .singleElement()
                .satisfies(rejected ->
                        assertThat(rejected.violations())
                                .singleElement()
                                .satisfies(violation ->
                                        assertThat(violation.field())
                                                .isEqualTo(
                                                        "events[1].orderUpdatedEvent.expectedDelivery")));
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a", "b");
        assertThat(pipeline.deadLetters().count(DeadLetterFilter.ALL)).isZero();
    }

    @Test
    void does_not_log_again_what_would_be_quarantined_again() throws InterruptedException {
        pipeline.submit(batch("one", TestPipeline.eventOfUnknownType("u")));
        pipeline.settle();
        DeadLetterReplay.Progress progress = pipeline.replay(false);
        assertThat(progress.failed()).isEqualTo(1);
        assertThat(progress.failures()).singleElement().asString().contains("catalogue");
        assertBalanced(1, new SettledCounts(0, 0, 1, 0));
    }

    @Test
    void settles_what_was_acknowledged_before_a_restart() {
        faults.transientFailures.set(Integer.MAX_VALUE);
        pipeline.submit(batch("one", cart("a"), cart("b")));
        await().until(() -> !pipeline.routeState().pauseReason().isEmpty());
        // A route may have several partitions.
        await().untilAsserted(() -> assertThat(pipeline.counts().inFlight()).isEqualTo(2));
        pipeline.closeAtOnce();
        faults.transientFailures.set(0);
        pipeline = TestPipeline.open(directory, faults, this);
        pipeline.settle();
        assertThat(storedIds()).containsExactly("a", "b");
        assertBalanced(2, new SettledCounts(2, 0, 0, 0));
    }

    @Test
    void many_batches_from_many_threads_are_all_there() {
        int threads = 4;
        int batches = 200;
        AtomicInteger accepted = new AtomicInteger();
        List<Thread> senders =
                IntStream.range(0, threads)
                        .mapToObj(t ->
                                Thread.ofPlatform()
                                        .start(() -> {
                                            for (int i = 0; i < batches; i++) {
                                                accepted.addAndGet(
                                                        pipeline.submit(
                                                                        batch(
                                                                                "t" + t,
                                                                                cart("x" + i),
                                                                                cart("y" + i)))
                                                                .accepted());
                                            }
                                        }))
                        .toList();
        senders.forEach(TestPipeline::join);
        pipeline.settle();
        assertThat(accepted).hasValue(threads * batches * 2);
        assertThat(storedIds()).hasSize(threads * batches * 2);
        assertBalanced(2L * threads * batches, new SettledCounts(2L * threads * batches, 0, 0, 0));
    }

    protected final void reopen() {
        pipeline.close();
        reopenClosed();
    }

    protected final void reopenClosed() {
        pipeline = TestPipeline.open(directory, faults, this);
    }

    protected final List<String> storedIds() {
        return pipeline.column("select event_id from add_to_cart_event order by event_id");
    }

    protected final void assertBalanced(long accepted, SettledCounts settled) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> {
                    EventPipeline.EventCounts counts = pipeline.counts();
                    assertThat(counts.settled()).isEqualTo(settled);
                    assertThat(counts.accepted()).isEqualTo(accepted);
                    assertThat(counts.inFlight()).isZero();
                });
    }

    protected static byte[] batch(String clientId, Event... events) {
        return Events.newBuilder()
                .setHeader(Header.newBuilder().setClientId(clientId).setSessionId("s"))
                .addAllEvents(List.of(events))
                .build()
                .toByteArray();
    }

    protected static Event cart(String id) {
        return Event.newBuilder()
                .setId(id)
                .setTimestamp("2026-01-02T03:04:05Z")
                .setAddToCartEvent(
                        AddToCartEvent.newBuilder().setProductId("P").setPrice(1.5).setQuantity(2))
                .build();
    }
}
