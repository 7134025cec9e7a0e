package dev.wirebrook.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final Metrics metrics = new Metrics();

    @Test
    void writes_what_is_counted_here_and_elsewhere() throws Exception {
        Counter counter = metrics.counter("a_total", "Help.", Map.of());
        AtomicLong elsewhere = new AtomicLong();
        metrics.counter("b_total", "Help.", Map.of("kind", "x"), elsewhere::get);
        metrics.gauge("c_bytes", "Help.", Map.of(), () -> 1.5);
        counter.add(2);
        counter.increment();
        elsewhere.set(7);
        assertThat(scrape(null))
                .contains("# HELP a_total Help.\n# TYPE a_total counter\na_total 3.0\n")
                .contains("b_total{kind=\"x\"} 7.0\n")
                .contains("c_bytes 1.5\n");
    }

    @Test
    void writes_histograms_in_the_unit_that_is_shown() throws Exception {
        Histogram histogram =
                metrics.histogram("d_seconds", "Help.", Map.of(), HistogramScale.DURATION);
        histogram.record(50_000);
        histogram.record(50_001);
        histogram.record(100_000_000_000L);
        assertThat(histogram.count()).isEqualTo(3);
        assertThat(scrape(null))
                .contains("d_seconds_bucket{le=\"5.0E-5\"} 1\n")
                .contains("d_seconds_bucket{le=\"1.0E-4\"} 2\n")
                .contains("d_seconds_bucket{le=\"60.0\"} 2\n")
                .contains("d_seconds_bucket{le=\"+Inf\"} 3\n")
                .contains("d_seconds_count 3\n")
                .contains("d_seconds_sum 100.000100001\n");
    }

    @Test
    void leaves_out_rare_series_until_they_happen() throws Exception {
        AtomicLong rare = new AtomicLong();
        metrics.rareCounter("e_total", "Help.", Map.of("code", "X"), rare::get);
        assertThat(scrape(null)).doesNotContain("code=\"X\"");
        rare.set(1);
        assertThat(scrape(null)).contains("e_total{code=\"X\"} 1.0\n");
    }

    @Test
    void speaks_open_metrics_to_those_who_ask_for_it() throws Exception {
        metrics.counter("a_total", "Help.", Map.of());
        String accept = "application/openmetrics-text; version=1.0.0";
        assertThat(metrics.contentType(accept)).startsWith("application/openmetrics-text");
        assertThat(scrape(accept)).endsWith("# EOF\n");
        assertThat(metrics.contentType("text/html")).startsWith("text/plain");
    }

    @Test
    void adds_the_metrics_of_the_virtual_machine() throws Exception {
        assertThat(scrape(null)).contains("jvm_memory_used_bytes").contains("process_cpu_seconds");
        assertThat(scrape(null)).contains("jvm_memory_used_bytes");
    }

    @Test
    void lists_its_catalogue() {
        metrics.gauge("z", "Last.", Map.of("b", "1", "a", "2"), () -> 0);
        metrics.counter("a_total", "First.", Map.of());
        metrics.counter("m_total", "Many.", Map.of("k", "1"));
        metrics.counter("m_total", "Many.", Map.of("k", "2"));
        assertThat(metrics.catalogue())
                .containsExactly(
                        new MetricDeclaration(
                                "a_total", MetricDeclaration.Type.COUNTER, "First.", List.of()),
                        new MetricDeclaration(
                                "m_total", MetricDeclaration.Type.COUNTER, "Many.", List.of("k")),
                        new MetricDeclaration(
                                "z", MetricDeclaration.Type.GAUGE, "Last.", List.of("a", "b")));
    }

    @Test
    void refuses_declarations_that_contradict_each_other() {
        metrics.counter("a_total", "Help.", Map.of("k", "1"));
        assertThatThrownBy(() -> metrics.counter("a_total", "Other.", Map.of("k", "2")))
                .hasMessageContaining("a_total");
        assertThatThrownBy(() -> metrics.gauge("a_total", "Help.", Map.of("k", "2"), () -> 0))
                .hasMessageContaining("a_total");
        assertThatThrownBy(() -> metrics.counter("a_total", "Help.", Map.of("j", "2")))
                .hasMessageContaining("a_total");
        assertThatThrownBy(() -> metrics.counter("a_total", "Help.", Map.of("k", "1")))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> metrics.counter("count", "Help.", Map.of()))
                .hasMessageContaining("_total");
    }

    @Test
    void bounds_the_series_of_a_name() {
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 100_000; i++) {
                                metrics.counter("a_total", "Help.", Map.of("k", "" + i));
                            }
                        })
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not bounded");
    }

    private String scrape(@Nullable String accept) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        metrics.write(accept, text);
        return text.toString(StandardCharsets.UTF_8);
    }
}
