package dev.wirebrook.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    @Test
    void quantiles_are_right_to_a_percent() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        LatencyHistogram histogram = new LatencyHistogram();
        long[] values = new long[100_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (long) Math.exp(random.nextDouble() * 25);
            histogram.record(values[i]);
        }
        Arrays.sort(values);
        for (double part : new double[] {0.01, 0.5, 0.9, 0.99, 0.999, 1}) {
            long exact = values[(int) Math.ceil(part * values.length) - 1];
            assertThat((double) histogram.quantile(part))
                    .as("quantile %s, seed %d", part, seed)
                    .isCloseTo((double) exact, within(Math.max(1, exact * 0.008)));
        }
        assertThat(histogram.max()).isEqualTo(values[values.length - 1]);
        assertThat(histogram.total()).isEqualTo(values.length);
    }

    @Test
    void takes_the_extremes() {
        LatencyHistogram histogram = new LatencyHistogram();
        assertThat(histogram.quantile(0.5)).isZero();
        histogram.record(-5);
        histogram.record(Long.MAX_VALUE);
        assertThat(histogram.quantile(0.5)).isZero();
        assertThat(histogram.quantile(1)).isEqualTo(Long.MAX_VALUE);
        LatencyHistogram sum = new LatencyHistogram();
        sum.add(histogram);
        assertThat(sum.total()).isEqualTo(2);
    }

    @Test
    void generated_batches_never_share_an_id() throws InvalidProtocolBufferException {
        Set<String> ids = new HashSet<>();
        for (int lane = 0; lane < 2; lane++) {
            BatchTemplate template = new BatchTemplate(10, (7L << 20) + lane, lane);
            for (int i = 0; i < 100; i++) {
                Events batch = Events.parseFrom(template.next());
                batch.getEventsList().stream().map(Event::getId).forEach(ids::add);
            }
        }
        assertThat(ids).hasSize(2_000).allMatch(id -> id.length() == 16);
    }
}
