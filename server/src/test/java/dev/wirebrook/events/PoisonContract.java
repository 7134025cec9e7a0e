package dev.wirebrook.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.journal.JournalEventLog;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalSettings;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an engine keeps of a route while events come that it cannot hold. */
public abstract class PoisonContract implements TestPipeline.Engines {
    private static final int GOOD = 2_000;
    private static final int EVENTS_PER_BATCH = 400;

    @TempDir protected Path directory;

    private final FaultySink.Plan faults = new FaultySink.Plan();

    /** An event that the intake takes and the engine can never hold. */
    protected abstract Event poison(String id);

    /** Event ids in the table {@code add_to_cart_event}. */
    protected abstract List<String> storedIds(TestPipeline pipeline);

    protected abstract String reason();

    @Override
    public EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers)
            throws IOException {
        return new JournalEventLog(
                Journal.open(
                        directory.resolve("journal"),
                        JournalSettings.dev(),
                        InstantSource.system()));
    }

    /**
     * Counts writes rather than seconds: a batch is refused once, and stored without its poison.
     */
    @ParameterizedTest
    @ValueSource(ints = {200, 2_000})
    void poison_among_good_events_costs_one_more_write_for_each_batch(int poisonous) {
        TestPipeline pipeline = TestPipeline.open(directory, faults, this);
        try {
            List<Event> events = new ArrayList<>();
            int total = GOOD + poisonous;
            for (int i = 0, bad = 0; i < total; i++) {
                boolean isBad = (long) (i + 1) * poisonous / total > bad;
                events.add(isBad ? poison("bad" + bad++) : good("good" + i));
            }
            for (int from = 0; from < total; from += EVENTS_PER_BATCH) {
                pipeline.submit(
                        batch(events.subList(from, Math.min(total, from + EVENTS_PER_BATCH))));
            }
            pipeline.settle();
            assertThat(storedIds(pipeline))
                    .hasSize(GOOD)
                    .doesNotHaveDuplicates()
                    .allMatch(id -> id.startsWith("good"));
            List<DeadLetter> letters = pipeline.deadLetters().list(DeadLetterFilter.ALL, 0, 10_000);
            assertThat(letters).hasSize(poisonous);
            assertThat(letters)
                    .allSatisfy(letter -> {
                        assertThat(letter.attempts()).isEqualTo(1);
                        assertThat(letter.reason()).contains(reason());
                        assertThat(letter.eventId()).startsWith("bad");
                    });
            assertThat(pipeline.counts().settled())
                    .isEqualTo(new SettledCounts(GOOD, 0, 0, poisonous));
            assertThat(pipeline.counts().inFlight()).isZero();
            assertThat(pipeline.routeState().pauseReason()).isEmpty();
            assertThat((long) faults.writes.get())
                    .isLessThanOrEqualTo(2 * pipeline.routeState().batches());
        } finally {
            pipeline.close();
        }
    }

    private static byte[] batch(List<Event> events) {
        return Events.newBuilder()
                .setHeader(Header.newBuilder().setClientId("c"))
                .addAllEvents(events)
                .build()
                .toByteArray();
    }

    protected static Event good(String id) {
        return Event.newBuilder()
                .setId(id)
                .setTimestamp("2026-01-02T03:04:05Z")
                .setAddToCartEvent(AddToCartEvent.newBuilder().setProductId("P").setQuantity(2))
                .build();
    }
}
