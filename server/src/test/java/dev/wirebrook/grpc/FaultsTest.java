package dev.wirebrook.grpc;

import static dev.wirebrook.grpc.EchoSchema.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.wirebrook.LogCollector;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients see when handlers go wrong. */
class FaultsTest {
    private final LogCollector logged = new LogCollector("dev.wirebrook.grpc");
    private EchoServer server;

    @BeforeEach
    void start() throws Exception {
        server =
                new EchoServer(
                        GrpcServerSettings.DEFAULT.withCalls(
                                GrpcServerSettings.CallLimits.DEFAULT.withSlowCall(
                                        Duration.ofMillis(300))));
    }

    @AfterEach
    void stop() {
        server.close();
        logged.close();
    }

    @Test
    void sends_a_thrown_failure_with_its_details() {
        server.act =
                (request, responses) -> {
                    throw new FailureException(
                            new Failure.Overloaded("full", Duration.ofSeconds(2)));
                };
        Details failed = Details.failing(() -> server.call("Act", new byte[1]));
        assertThat(failed.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(failed.message()).isEqualTo("full");
        assertThat(failed.detail(RetryInfo.class).orElseThrow().getRetryDelay().getSeconds())
                .isEqualTo(2);
    }

    @Test
    void sends_a_failure_given_to_the_observer_with_its_details() {
        server.act =
                (request, responses) ->
                        responses.onError(
                                new FailureException(new Failure.NotFound("none", "a", "b")));
        Details failed = Details.failing(() -> server.call("Act", new byte[1]));
        assertThat(failed.code()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(failed.detail(ErrorInfo.class)).isPresent();
    }

    @Test
    void leaves_a_status_of_the_handlers_own_as_it_is() {
        server.act =
                (request, responses) -> {
                    throw Status.ABORTED.withDescription("mine").asRuntimeException();
                };
        Details failed = Details.failing(() -> server.call("Act", new byte[1]));
        assertThat(failed.code()).isEqualTo(Status.Code.ABORTED);
        assertThat(failed.message()).isEqualTo("mine");
    }

    @Test
    void hides_what_an_unexpected_exception_says_and_logs_it_once_under_its_incident() {
        server.act =
                (request, responses) -> {
                    throw new IllegalStateException("password=hunter2");
                };
        Details failed = Details.failing(() -> server.call("Act", new byte[1]));
        assertThat(failed.code()).isEqualTo(Status.Code.INTERNAL);
        String incident =
                failed.detail(ErrorInfo.class).orElseThrow().getMetadataOrThrow("incident");
        assertThat(failed.message()).contains(incident).doesNotContain("hunter2");
        assertThat(failed.trailers().toString()).doesNotContain("hunter2");
        assertThat(logged.records())
                .filteredOn(record -> record.getThrown() != null)
                .singleElement()
                .satisfies(record -> {
                    assertThat(record.getMessage())
                            .contains(incident)
                            .contains("test.EchoService/Act");
                    assertThat(record.getThrown()).hasMessage("password=hunter2");
                });
    }

    @Test
    void treats_an_exception_given_to_the_observer_as_unexpected() {
        server.act = (request, responses) -> responses.onError(new IllegalStateException("secret"));
        Details failed = Details.failing(() -> server.call("Act", new byte[1]));
        assertThat(failed.code()).isEqualTo(Status.Code.INTERNAL);
        assertThat(failed.message()).doesNotContain("secret");
    }

    @Test
    void survives_an_error_of_the_virtual_machine() {
        server.act =
                (request, responses) -> {
                    throw new StackOverflowError();
                };
        assertThat(Details.failing(() -> server.call("Act", new byte[1])).code())
                .isEqualTo(Status.Code.INTERNAL);
        assertThat(server.call("Echo", new byte[3])).hasSize(3);
    }

    @Test
    void bounds_what_it_logs_of_a_fault_that_repeats() {
        server.act =
                (request, responses) -> {
                    throw new IllegalStateException("again");
                };
        for (int i = 0; i < 100; i++) {
            Details.failing(() -> server.call("Act", new byte[1]));
        }
        assertThat(logged.records())
                .filteredOn(record -> record.getThrown() != null)
                .hasSizeLessThan(50);
    }

    @Test
    void logs_slow_calls() {
        server.act =
                (request, responses) -> {
                    Thread.sleep(400);
                    responses.onNext(request);
                    responses.onCompleted();
                };
        server.call("Act", new byte[1]);
        await().untilAsserted(() ->
                assertThat(logged.records())
                        .extracting(LogRecord::getMessage)
                        .anyMatch(line ->
                                line.matches(
                                        "slow call: test.EchoService/Act took \\d+ ms, ended OK, from 127\\.0\\.0\\.1:\\d+")));
    }

    @Test
    void says_which_services_there_are_when_a_method_is_not() {
        for (String name : List.of("Nothing", "Absent")) {
            Details failed = Details.failing(() -> server.call(name, new byte[1]));
            assertThat(failed.code()).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(failed.message()).contains("test.EchoService");
            assertThat(failed.detail(ErrorInfo.class)).isPresent();
        }
    }

    @Test
    void tells_the_handler_that_its_client_has_gone() {
        List<String> heard = new ArrayList<>();
        server.tail =
                (request, responses) -> {
                    var call = (io.grpc.stub.ServerCallStreamObserver<byte[]>) responses;
                    call.setOnCancelHandler(() -> heard.add("cancelled"));
                    responses.onNext(request);
                };
        ClientCall<byte[], byte[]> call =
                server.channel.newCall(
                        method("Tail", MethodType.SERVER_STREAMING), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(byte[] message) {
                        call.cancel("enough", null);
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(new byte[1]);
        call.halfClose();
        await().untilAsserted(() -> assertThat(heard).containsExactly("cancelled"));
        await().untilAsserted(() ->
                assertThat(server.scrape())
                        .contains(
                                "wirebrook_grpc_calls_total{code=\"CANCELLED\",method=\"test.EchoService/Tail\"} 1.0")
                        .contains(
                                "wirebrook_grpc_open_calls{method=\"test.EchoService/Tail\"} 0.0"));
    }
}
