package dev.wirebrook.bench;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.http.json.InvalidJsonException;
import dev.wirebrook.http.json.InvalidWireException;
import dev.wirebrook.http.json.JsonMessage;
import java.nio.charset.StandardCharsets;
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
 * What JSON costs on the way in and out: the mapping by descriptors against protobuf's own over
 * dynamic messages, which is what knows as little of the type. Time for a whole document: a batch
 * of one event, one of a hundred, or the answer to a batch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class JsonMessageBenchmark {
    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().omittingInsignificantWhitespace();
    private static final JsonFormat.Parser PARSER = JsonFormat.parser();

    /** What the document is. */
    public enum Document {
        ONE_EVENT,
        HUNDRED_EVENTS,
        RESPONSE
    }

    @Param private Document document = Document.ONE_EVENT;

    private Descriptor type = Events.getDescriptor();
    private JsonMessage message = message(type);
    private byte[] wire = {};
    private byte[] json = {};

    @Setup
    public void makeDocument() throws InvalidWireException {
        switch (document) {
            case ONE_EVENT -> wire = batch(1);
            case HUNDRED_EVENTS -> wire = batch(100);
            case RESPONSE -> {
                type = Response.getDescriptor();
                wire =
                        Response.newBuilder()
                                .setStatus("SUCCESS")
                                .setAccepted(100)
                                .build()
                                .toByteArray();
            }
        }
        message = message(type);
        json = message.toJson(wire);
    }

    private static JsonMessage message(Descriptor type) {
        return JsonMessage.of(type, JsonFormat.TypeRegistry.getEmptyTypeRegistry());
    }

    private static byte[] batch(int events) {
        Events.Builder batch =
                Events.newBuilder()
                        .setHeader(
                                Header.newBuilder()
                                        .setSessionId(id(1))
                                        .setUserId(4_711_000)
                                        .setDeviceId(id(2))
                                        .setClientId("web-storefront")
                                        .setOs("Android 16")
                                        .setAppVersion("8.41.2"));
        for (int i = 0; i < events; i++) {
            batch.addEvents(
                    Event.newBuilder()
                            .setId(id(i))
                            .setTimestamp(
                                    Instant.ofEpochMilli(1_767_225_600_123L + i * 250L).toString())
                            .setCurrentURL("/shoes/running?page=" + i)
                            .setAddToCartEvent(
                                    AddToCartEvent.newBuilder()
                                            .setProductId("sku-" + i)
                                            .setProductName("Trail running shoe, size 43")
                                            .setPrice(129.95)
                                            .setQuantity(1)));
        }
        return batch.build().toByteArray();
    }

    private static String id(long i) {
        return new UUID(0x5EED_0000_0000_4000L, i).toString();
    }

    @Benchmark
    public byte[] toWire() throws InvalidJsonException {
        return message.toWire(json);
    }

    @Benchmark
    public byte[] toWireByProtobuf() throws InvalidProtocolBufferException {
        DynamicMessage.Builder builder = DynamicMessage.newBuilder(type);
        PARSER.merge(new String(json, StandardCharsets.UTF_8), builder);
        return builder.build().toByteArray();
    }

    @Benchmark
    public byte[] toJson() throws InvalidWireException {
        return message.toJson(wire);
    }

    @Benchmark
    public byte[] toJsonByProtobuf() throws InvalidProtocolBufferException {
        return PRINTER.print(DynamicMessage.parseFrom(type, wire)).getBytes(StandardCharsets.UTF_8);
    }
}
