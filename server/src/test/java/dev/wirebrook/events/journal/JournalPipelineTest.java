package dev.wirebrook.events.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventPipelineContract;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalSettings;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JournalPipelineTest extends EventPipelineContract {
    private static final long MIB = 1 << 20;

    private JournalSettings settings = JournalSettings.dev();
    private @Nullable Journal journal;
    private @Nullable EventLog log;

    @Override
    public EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers)
            throws IOException {
        Journal opened =
                Journal.open(directory.resolve("journal"), settings, InstantSource.system());
        journal = opened;
        EventLog openedLog = new JournalEventLog(opened);
        log = openedLog;
        return openedLog;
    }

    /** The ids that it holds for a restart do not fit into the log, and the sink has them, too. */
    @Test
    void a_log_as_large_as_it_may_be_refuses_nothing_while_the_sink_keeps_up() {
        settings =
                new JournalSettings(
                        8 * MIB,
                        32 * MIB,
                        (int) (4 * MIB),
                        (int) (5 * MIB),
                        1,
                        Duration.ofDays(1),
                        8 * MIB,
                        24 * MIB,
                        false);
        reopen();
        Objects.requireNonNull(journal).startRetention();
        String name = "x".repeat(900_000);
        for (int i = 0; i < 60; i++) {
            pipeline().submit(batch("one", large("%02d".formatted(i), name)));
            pipeline().settle();
        }
        assertThat(journal.startPosition()).isGreaterThan(24 * MIB);

        reopen();
        pipeline().submit(batch("one", large("00", name), large("60", "")));
        pipeline().settle();
        assertThat(storedIds()).hasSize(61).doesNotHaveDuplicates();
    }

    @Test
    void what_is_held_is_kept_even_where_the_log_refuses_more() {
        settings =
                new JournalSettings(
                        8 * MIB,
                        32 * MIB,
                        (int) (4 * MIB),
                        (int) (5 * MIB),
                        1,
                        Duration.ZERO,
                        0,
                        24 * MIB,
                        false);
        reopen();
        Journal opened = Objects.requireNonNull(journal);
        long held = opened.durablePosition();
        EventLog.Hold hold =
                Objects.requireNonNull(log).hold("who starts", OptionalLong.empty()).orElseThrow();
        opened.startRetention();
        String name = "x".repeat(900_000);
        int sent = 0;
        while (sent < 30
                && pipeline().refusal(batch("one", large("%02d".formatted(sent), name))) == null) {
            pipeline().settle();
            sent++;
        }
        assertThat(hold.isInTheWay()).isTrue();
        assertThat(opened.startPosition()).isEqualTo(held);

        hold.release(hold.endPosition());
        await().until(() -> !hold.isInTheWay());
        assertThat(pipeline().refusal(batch("one", large("last", name)))).isNull();
        assertThat(opened.startPosition()).isGreaterThan(held);
    }

    private static Event large(String id, String name) {
        Event.Builder event = cart(id).toBuilder();
        event.getAddToCartEventBuilder().setProductName(name);
        return event.build();
    }

    @Test
    void says_how_far_the_log_is_durable() {
        long first = pipeline().submit(batch("one", cart("a"))).endPosition();
        long second = pipeline().submit(batch("one", cart("b"))).endPosition();
        assertThat(first).isPositive();
        assertThat(second).isGreaterThan(first);
    }

    @Test
    void tail_shows_what_the_filter_asks_for() throws InterruptedException {
        pipeline().submit(batch("one", cart("a"), TestPipeline.launch("l")));
        pipeline().submit(batch("two", cart("b")));
        assertThat(pipeline().tailIds(OptionalLong.of(0), List.of("AddToCartEvent"), "", 2))
                .containsExactly("a", "b");
        assertThat(pipeline().tailIds(OptionalLong.of(0), List.of(), "one", 2))
                .containsExactly("a", "l");
    }
}
