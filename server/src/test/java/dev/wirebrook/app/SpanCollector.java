package dev.wirebrook.app;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes spans as a collector does: OTLP over HTTP, in protobuf. */
final class SpanCollector implements AutoCloseable {
    /** What of {@code opentelemetry.proto.trace.v1.Span} is looked at, by its fields' numbers. */
    record Received(
            String traceId,
            String spanId,
            String parentSpanId,
            String name,
            long kind,
            Map<String, String> attributes,
            long status,
            String service) {
        private static Received parse(UnknownFieldSet span, String service)
                throws InvalidProtocolBufferException {
            return new Received(
                    hex(span, 1),
                    hex(span, 2),
                    hex(span, 4),
                    text(span, 5),
                    number(span, 6),
                    SpanCollector.attributes(span, 9),
                    span.hasField(15) ? number(messages(span, 15).getFirst(), 3) : 0,
                    service);
        }
    }

    private final HttpServer server;
    private final List<Received> spans = new CopyOnWriteArrayList<>();

    SpanCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    /** What asks a server to send its spans here, soon. */
    Map<String, String> environment() {
        return Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint(), "OTEL_BSP_SCHEDULE_DELAY", "20");
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Received> spans() {
        return spans;
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            UnknownFieldSet request = UnknownFieldSet.parseFrom(exchange.getRequestBody());
            for (UnknownFieldSet resourceSpans : messages(request, 1)) {
                String service =
                        attributes(messages(resourceSpans, 1).getFirst(), 1)
                                .getOrDefault("service.name", "");
                for (UnknownFieldSet scopeSpans : messages(resourceSpans, 2)) {
                    for (UnknownFieldSet span : messages(scopeSpans, 2)) {
                        spans.add(Received.parse(span, service));
                    }
                }
            }
            exchange.getResponseHeaders().add("content-type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet message, int field)
            throws InvalidProtocolBufferException {
        List<UnknownFieldSet> parsed = new ArrayList<>();
        for (ByteString bytes : message.getField(field).getLengthDelimitedList()) {
            parsed.add(UnknownFieldSet.parseFrom(bytes));
        }
        return parsed;
    }

    private static ByteString bytes(UnknownFieldSet message, int field) {
        List<ByteString> all = message.getField(field).getLengthDelimitedList();
        return all.isEmpty() ? ByteString.EMPTY : all.getLast();
    }

    private static String text(UnknownFieldSet message, int field) {
        return bytes(message, field).toStringUtf8();
    }

    private static String hex(UnknownFieldSet message, int field) {
        return HexFormat.of().formatHex(bytes(message, field).toByteArray());
    }

    private static long number(UnknownFieldSet message, int field) {
        List<Long> all = message.getField(field).getVarintList();
        return all.isEmpty() ? 0 : all.getLast();
    }

    /** Text and whole numbers. */
    private static Map<String, String> attributes(UnknownFieldSet message, int field)
            throws InvalidProtocolBufferException {
        Map<String, String> attributes = new HashMap<>();
        for (UnknownFieldSet attribute : messages(message, field)) {
            UnknownFieldSet value = messages(attribute, 2).getFirst();
            attributes.put(
                    text(attribute, 1),
                    value.hasField(1) ? text(value, 1) : Long.toString(number(value, 3)));
        }
        return attributes;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
