package dev.wirebrook.bench.events;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.RowDecoder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** One event from its bytes: into columns, and for comparison into protobuf's message objects. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RowDecoderBenchmark {
    private static final int EVENTS = 100;

    private final byte[] request = new Carts(1, EVENTS).request();
    private final EventCatalog catalog = EventCatalog.standard();
    private final int[] ranges = Carts.ranges(request, catalog.events().getNumber());
    private final RowDecoder decoder =
            ColumnCatalog.of(catalog)
                    .eventDecoder(catalog.typeNamed("AddToCartEvent").orElseThrow());

    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public void columns(Blackhole hole) {
        for (int i = 0; i < ranges.length; i += 2) {
            decoder.decode(request, ranges[i], ranges[i + 1]);
            hole.consume(decoder.number(3));
        }
    }

    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public void messages(Blackhole hole) throws Exception {
        for (int i = 0; i < ranges.length; i += 2) {
            hole.consume(Event.parser().parseFrom(request, ranges[i], ranges[i + 1] - ranges[i]));
        }
    }
}
