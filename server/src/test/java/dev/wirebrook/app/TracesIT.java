package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.ChildJvm;
import dev.wirebrook.app.SpanCollector.Received;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole server, and what a collector of traces is told of its calls. */
@Timeout(120)
class TracesIT {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    @TempDir private Path dataDir;
    private final HttpClient http = HttpClient.newHttpClient();
    private SpanCollector collector;

    @BeforeEach
    void start() throws Exception {
        collector = new SpanCollector();
    }

    @AfterEach
    void stop() {
        collector.close();
        http.close();
    }

    private TestNode traced() {
        return TestNode.start(dataDir, Map.of(), collector.environment());
    }

    private static ServingStatus check(TestNode node) {
        return HealthGrpc.newBlockingStub(node.client().channel())
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }

    private HttpResponse<String> post(TestNode node, String path, String body, String traceparent)
            throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(node.http() + path))
                        .timeout(Duration.ofSeconds(20))
                        .header("content-type", "application/json")
                        .header("traceparent", traceparent)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private Received onlySpan() {
        await().untilAsserted(() -> assertThat(collector.spans()).hasSize(1));
        return collector.spans().getFirst();
    }

    @Test
    void tells_of_a_grpc_call() {
        try (TestNode node = traced()) {
            check(node);
            Received span = onlySpan();
            assertThat(span.name()).isEqualTo("grpc.health.v1.Health/Check");
            assertThat(span.kind()).as("SERVER").isEqualTo(2);
            assertThat(span.parentSpanId()).isEmpty();
            assertThat(span.status()).as("UNSET").isZero();
            assertThat(span.service()).isEqualTo("wirebrook");
            assertThat(span.attributes())
                    .containsEntry("rpc.system", "grpc")
                    .containsEntry("rpc.service", "grpc.health.v1.Health")
                    .containsEntry("rpc.method", "Check")
                    .containsEntry("rpc.grpc.status_code", "0")
                    .containsEntry("network.peer.address", "127.0.0.1")
                    .containsKey("network.peer.port");
        }
    }

    @Test
    void continues_the_trace_of_a_call_with_json() throws Exception {
        try (TestNode node = traced()) {
            String traceparent = "00-" + TRACE + "-" + PARENT + "-01";
            assertThat(post(node, "/v1/events", "{\"events\": []}", traceparent).statusCode())
                    .isLessThan(500);
            Received span = onlySpan();
            assertThat(span.name()).isEqualTo("event.EventService/dispatch");
            assertThat(span.traceId()).isEqualTo(TRACE);
            assertThat(span.parentSpanId()).isEqualTo(PARENT);
            assertThat(span.spanId()).isNotEqualTo(PARENT);
        }
    }

    @Test
    void a_call_that_fails_has_its_status() throws Exception {
        try (TestNode node = traced()) {
            post(node, "/no.such.Service/Method", "{}", "none");
            Received span = onlySpan();
            assertThat(span.name()).isEqualTo("unknown");
            assertThat(span.status()).as("ERROR").isEqualTo(2);
            assertThat(span.attributes()).containsEntry("rpc.grpc.status_code", "12");
        }
    }

    @Test
    void what_the_caller_does_not_sample_has_no_span() throws Exception {
        try (TestNode node = traced()) {
            post(node, "/v1/events", "{\"events\": []}", "00-" + TRACE + "-" + PARENT + "-00");
            check(node);
            assertThat(onlySpan().name()).isEqualTo("grpc.health.v1.Health/Check");
        }
        assertThat(collector.spans()).hasSize(1);
    }

    @Test
    void what_waits_is_sent_when_the_server_stops() {
        Map<String, String> slow =
                Map.of(
                        "OTEL_EXPORTER_OTLP_ENDPOINT",
                        collector.endpoint(),
                        "OTEL_BSP_SCHEDULE_DELAY",
                        "600000");
        try (TestNode node = TestNode.start(dataDir, Map.of(), slow)) {
            check(node);
        }
        assertThat(collector.spans()).hasSize(1);
    }

    @Test
    void calls_go_on_while_the_collector_takes_nothing() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            Map<String, String> environment =
                    Map.of(
                            "OTEL_EXPORTER_OTLP_ENDPOINT",
                            "http://127.0.0.1:" + silent.getLocalPort(),
                            "OTEL_BSP_SCHEDULE_DELAY",
                            "1",
                            "OTEL_BSP_MAX_QUEUE_SIZE",
                            "4",
                            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
                            "2");
            long closing;
            try (TestNode node = TestNode.start(dataDir, Map.of(), environment)) {
                long start = System.nanoTime();
                for (int i = 0; i < 100; i++) {
                    assertThat(check(node)).isEqualTo(ServingStatus.SERVING);
                }
                // One export that a call waited for would take ten seconds alone.
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .isLessThan(Duration.ofSeconds(9));
                closing = System.nanoTime();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - closing))
                    .isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void nothing_of_opentelemetry_is_loaded_where_nobody_asks_for_traces() throws Exception {
        assertThat(classesLoaded("")).isEqualTo("none");
        assertThat(classesLoaded(collector.endpoint())).isEqualTo("some");
    }

    private String classesLoaded(String endpoint) throws Exception {
        Process process =
                ChildJvm.start(
                        OneCall.class,
                        dataDir.resolve("data" + endpoint.length()).toString(),
                        endpoint);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return said.lines().reduce("", (_, last) -> last);
    }

    /** A server that is asked once, and says whether classes of OpenTelemetry are loaded then. */
    static final class OneCall {
        private OneCall() {}

        public static void main(String[] arguments) throws Exception {
            Map<String, String> environment =
                    arguments[1].isEmpty()
                            ? Map.of()
                            : Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", arguments[1]);
            try (TestNode node = TestNode.start(Path.of(arguments[0]), Map.of(), environment)) {
                check(node);
                Object loaded =
                        ManagementFactory.getPlatformMBeanServer()
                                .invoke(
                                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                        "vmClassHierarchy",
                                        new Object[] {new String[0]},
                                        new String[] {String[].class.getName()});
                System.out.println(
                        String.valueOf(loaded).contains("io.opentelemetry.") ? "some" : "none");
            }
        }
    }
}
