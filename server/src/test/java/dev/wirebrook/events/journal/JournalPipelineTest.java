package dev.wirebrook.events.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventPipelineContract;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalSettings;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class JournalPipelineTest extends EventPipelineContract {
    @Override
    public EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers)
            throws IOException {
        return new JournalEventLog(
                Journal.open(
                        directory.resolve("journal"),
                        JournalSettings.dev(),
                        InstantSource.system()));
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
