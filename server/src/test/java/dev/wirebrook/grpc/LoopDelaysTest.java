package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.LogCollector;
import dev.wirebrook.telemetry.Metrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoopDelaysTest {
    private static final String NAME = "wirebrook_event_loop_delay_seconds";

    private final Metrics metrics = new Metrics();
    private final AtomicLong nanos = new AtomicLong();

    @Test
    void a_loop_that_was_kept_is_counted_and_named_in_the_log() throws IOException {
        try (LogCollector logged = new LogCollector("dev.wirebrook.grpc");
                EventLoops loops = EventLoops.start(1)) {
            var watches = LoopDelays.watch(loops, metrics, nanos::get);
            nanos.addAndGet(Duration.ofMillis(3_100).toNanos());
            await().untilAsserted(() ->
                    assertThat(logged.messages())
                            .containsExactly(
                                    "an event loop was kept for 3000 ms, and its connections with"
                                            + " it"));
            assertThat(text()).contains(NAME + "_bucket{le=\"2.5\"} ", NAME + "_sum 3.0\n");
            watches.forEach(watch -> assertThat(watch.cancel(false)).isTrue());
        }
    }

    private String text() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        metrics.write(null, bytes);
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
