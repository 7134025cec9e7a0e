package dev.wirebrook.grpc;

import static dev.wirebrook.grpc.EchoSchema.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.LogCollector;
import dev.wirebrook.client.TraceContext;
import dev.wirebrook.client.WirebrookClient;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.telemetry.Tracing;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call that goes on from node to node is one trace. */
@Timeout(60)
class TraceTest {
    private static final byte[] MESSAGE = EchoSchema.message(new byte[0]);
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    private final LogCollector logged = new LogCollector("dev.wirebrook.grpc");
    private final List<SpanData> spans = new CopyOnWriteArrayList<>();
    private final SdkTracerProvider sdk =
            SdkTracerProvider.builder()
                    .setSampler(Sampler.parentBased(Sampler.alwaysOn()))
                    .addSpanProcessor(SimpleSpanProcessor.create(new Kept()))
                    .build();
    private final List<AutoCloseable> open = new ArrayList<>();
    private EchoServer first;
    private EchoServer second;
    private EchoServer third;

    private final class Kept implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> ended) {
            spans.addAll(ended);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    @BeforeEach
    void start() throws IOException {
        first = server();
        second = server();
        third = server();
        WirebrookClient toSecond = client(second);
        WirebrookClient toThird = client(third);
        first.act =
                (request, responses) -> {
                    responses.onNext(call(toSecond, "Act", request));
                    responses.onCompleted();
                };
        second.act =
                (request, responses) -> {
                    responses.onNext(call(toThird, "Act", request));
                    responses.onCompleted();
                };
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        sdk.close();
        logged.close();
    }

    private EchoServer server() throws IOException {
        EchoServer server =
                new EchoServer(
                        GrpcServerSettings.DEFAULT.withCalls(
                                GrpcServerSettings.CallLimits.DEFAULT.withSlowCall(
                                        Duration.ofMillis(300))),
                        new Tracing(sdk.get("test")));
        open.add(server);
        return server;
    }

    private WirebrookClient client(EchoServer server) {
        WirebrookClient client =
                WirebrookClient.builder()
                        .target("127.0.0.1:" + server.server.address().getPort())
                        .build();
        open.add(client);
        return client;
    }

    private static byte[] call(WirebrookClient client, String method, byte[] request) {
        return ClientCalls.blockingUnaryCall(
                client.channel(),
                method(method, MethodType.UNARY),
                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                request);
    }

    private byte[] callWithin(String flags, String tracestate) throws Exception {
        WirebrookClient client = client(first);
        return new TraceContext("00-" + TRACE + "-" + PARENT + "-" + flags, tracestate)
                .in(Context.current())
                .call(() -> call(client, "Act", MESSAGE));
    }

    @Test
    void three_nodes_in_a_row_are_one_trace() throws Exception {
        assertThat(callWithin("01", "")).isEqualTo(MESSAGE);
        await().untilAsserted(() -> assertThat(spans).hasSize(3));
        // The one that was asked last ends first, but all may have ended when we look.
        List<String> parents = new ArrayList<>();
        String parent = PARENT;
        while (parents.size() < 3) {
            String looked = parent;
            SpanData child =
                    spans.stream()
                            .filter(span -> span.getParentSpanId().equals(looked))
                            .findFirst()
                            .orElseThrow();
            assertThat(child.getTraceId()).isEqualTo(TRACE);
            parents.add(parent);
            parent = child.getSpanId();
        }
        assertThat(parents).doesNotHaveDuplicates();
    }

    @Test
    void what_is_not_sampled_has_no_span_and_goes_on_with_its_state() throws Exception {
        List<TraceContext> seen = new CopyOnWriteArrayList<>();
        third.act =
                (request, responses) -> {
                    seen.add(TraceContext.current().orElseThrow());
                    responses.onNext(request);
                    responses.onCompleted();
                };
        callWithin("00", "vendor=a,other=b");
        assertThat(seen)
                .singleElement()
                .satisfies(trace -> {
                    assertThat(trace.traceparent()).startsWith("00-" + TRACE).endsWith("-00");
                    assertThat(trace.tracestate()).isEqualTo("vendor=a,other=b");
                });
        // A later call of its own has a span, so that one before it would be here.
        first.call("Echo", MESSAGE);
        await().untilAsserted(() -> assertThat(spans).isNotEmpty());
        assertThat(spans)
                .singleElement()
                .satisfies(span -> assertThat(span.getName()).isEqualTo("test.EchoService/Echo"));
    }

    @Test
    void a_trace_begins_where_nobody_sends_one() {
        first.call("Echo", MESSAGE);
        first.call("Echo", MESSAGE);
        await().untilAsserted(() -> assertThat(spans).hasSize(2));
        assertThat(spans)
                .allSatisfy(span -> assertThat(span.getParentSpanContext().isValid()).isFalse());
        assertThat(spans.getFirst().getTraceId()).isNotEqualTo(spans.getLast().getTraceId());
    }

    @Test
    void a_stream_is_one_span_and_its_messages_are_within_it() throws Exception {
        List<Optional<TraceContext>> seen = new CopyOnWriteArrayList<>();
        first.chat =
                (message, responses) -> {
                    seen.add(TraceContext.current());
                    responses.onNext(message);
                };
        first.chat(MESSAGE);
        await().untilAsserted(() -> assertThat(spans).hasSize(1));
        assertThat(seen)
                .singleElement()
                .satisfies(trace ->
                        assertThat(trace.orElseThrow().traceparent())
                                .contains(
                                        spans.getFirst().getTraceId(),
                                        spans.getFirst().getSpanId()));
    }

    @Test
    void only_faults_of_the_server_are_errors_of_the_span() {
        third.act =
                (request, responses) -> {
                    throw new FailureException(Failure.InvalidRequest.of("a", "b"));
                };
        Details.failing(() -> third.call("Act", MESSAGE));
        await().untilAsserted(() -> assertThat(spans).hasSize(1));
        third.act =
                (request, responses) -> {
                    throw new IllegalStateException("broken");
                };
        Details.failing(() -> third.call("Act", MESSAGE));
        await().untilAsserted(() -> assertThat(spans).hasSize(2));
        AttributeKey<Long> code = AttributeKey.longKey("rpc.grpc.status_code");
        assertThat(spans.getFirst().getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(spans.getFirst().getAttributes().get(code)).isEqualTo(3);
        assertThat(spans.getLast().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(spans.getLast().getAttributes().get(code)).isEqualTo(13);
    }

    @Test
    void the_log_names_the_trace_of_an_incident_and_of_a_slow_call() {
        third.act =
                (request, responses) -> {
                    TimeUnit.MILLISECONDS.sleep(350);
                    throw new IllegalStateException("broken");
                };
        Details.failing(() -> third.call("Act", MESSAGE));
        await().untilAsserted(() -> assertThat(spans).hasSize(1));
        String trace = ", trace " + spans.getFirst().getTraceId();
        assertThat(logged.messages())
                .anySatisfy(line -> assertThat(line).startsWith("incident ").endsWith(trace))
                .anySatisfy(line -> assertThat(line).startsWith("slow call: ").endsWith(trace));
    }
}
