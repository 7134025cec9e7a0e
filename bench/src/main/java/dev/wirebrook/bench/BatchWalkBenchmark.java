package dev.wirebrook.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.LineItem;
import dev.wirebrook.api.event.OrderCompletedEvent;
import dev.wirebrook.api.event.PageOpenedEvent;
import dev.wirebrook.api.event.SearchEvent;
import dev.wirebrook.api.event.WidgetViewEvent;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.ScanResult;
import dev.wirebrook.schema.ScannedBatch;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to check a batch on the way in: the walk against protobuf-java's parse, which finds
 * less (no times, no limits) and makes an object of everything. Time for a whole batch; types
 * mixed, about 150 bytes an event.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class BatchWalkBenchmark {
    @Param({"1", "100"})
    private int events;

    private final BatchWalker walker = new BatchWalker(EventCatalog.standard(), 10_000);
    private final ScannedBatch scanned = new ScannedBatch();
    private byte[] batch = {};

    @Setup
    public void fillBatch() {
        Events.Builder builder =
                Events.newBuilder()
                        .setHeader(
                                Header.newBuilder()
                                        .setSessionId(id(1))
                                        .setUserId(4_711_000)
                                        .setDeviceId(id(2))
                                        .setClientId("web-storefront")
                                        .setOs("Android 16")
                                        .setAppVersion("8.41.2")
                                        .setUtmSource("newsletter"));
        for (int i = 0; i < events; i++) {
            builder.addEvents(event(i));
        }
        batch = builder.build().toByteArray();
    }

    private static Event event(int i) {
        Event.Builder event =
                Event.newBuilder()
                        .setId(id(i))
                        .setTimestamp(
                                Instant.ofEpochMilli(1_767_225_600_123L + i * 250L).toString())
                        .setCurrentURL("/shoes/running?page=" + i);
        switch (i % 5) {
            case 0 ->
                    event.setAddToCartEvent(
                            AddToCartEvent.newBuilder()
                                    .setProductId("sku-" + i)
                                    .setProductName("Trail running shoe, size 43")
                                    .setPrice(129.95)
                                    .setQuantity(1));
            case 1 ->
                    event.setPageOpenedEvent(
                            PageOpenedEvent.newBuilder()
                                    .setPageName("product list")
                                    .setReferrer("https://shop.example/home"));
            case 2 ->
                    event.setWidgetViewEvent(
                            WidgetViewEvent.newBuilder()
                                    .setWidgetId("w-" + i)
                                    .setWidgetName("Goes well with it")
                                    .setPosition(i));
            case 3 ->
                    event.setSearchEvent(
                            SearchEvent.newBuilder()
                                    .setSearchTerm("größe 43 laufschuhe")
                                    .addAppliedFilters("brand")
                                    .addAppliedFilters("colour"));
            default ->
                    event.setOrderCompletedEvent(
                            OrderCompletedEvent.newBuilder()
                                    .setOrderId("o-" + i)
                                    .setTotalAmount(149.9)
                                    .setCurrency("EUR")
                                    .addItems(
                                            LineItem.newBuilder()
                                                    .setProductId("sku-" + i)
                                                    .setPrice(149.9)
                                                    .setQuantity(1)));
        }
        return event.build();
    }

    private static String id(long i) {
        return new UUID(0x5EED_0000_0000_4000L, i).toString();
    }

    @Benchmark
    public ScanResult walk() {
        return walker.scan(batch, 0, batch.length, scanned);
    }

    @Benchmark
    public Events parse() throws InvalidProtocolBufferException {
        return Events.parseFrom(batch);
    }
}
