package dev.wirebrook.grpc;

import static dev.wirebrook.grpc.EchoSchema.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.ErrorInfo;
import dev.wirebrook.grpc.GrpcServerSettings.CallLimits;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeadlineTest {
    private final CountDownLatch held = new CountDownLatch(1);
    private EchoServer server;

    @BeforeEach
    void start() throws Exception {
        server =
                new EchoServer(
                        GrpcServerSettings.DEFAULT.withCalls(
                                CallLimits.DEFAULT.withUnaryDeadline(Duration.ofMillis(300))));
    }

    @AfterEach
    void stop() {
        held.countDown();
        server.close();
    }

    @Test
    void ends_a_unary_call_that_set_no_deadline_while_its_handler_is_at_work() {
        AtomicBoolean cancelled = new AtomicBoolean();
        server.act =
                (request, responses) -> {
                    Context.current().addListener(_ -> cancelled.set(true), Runnable::run);
                    held.await();
                    responses.onNext(request);
                    responses.onCompleted();
                };
        Details failed = Details.failing(() -> callWithoutDeadline("Act"));
        assertThat(failed.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(failed.message()).contains("300 ms");
        assertThat(failed.detail(ErrorInfo.class).orElseThrow().getReason())
                .isEqualTo("DEADLINE_EXCEEDED");
        await().untilTrue(cancelled);
        held.countDown();
        await().untilAsserted(() ->
                assertThat(server.scrape())
                        .contains("wirebrook_grpc_open_calls{method=\"test.EchoService/Act\"} 0.0")
                        .contains(
                                "wirebrook_grpc_calls_total{code=\"DEADLINE_EXCEEDED\",method=\"test.EchoService/Act\"} 1.0"));
    }

    @Test
    void leaves_a_call_alone_that_set_a_longer_one() throws Exception {
        server.act =
                (request, responses) -> {
                    assertThat(held.await(900, TimeUnit.MILLISECONDS)).isFalse();
                    responses.onNext(request);
                    responses.onCompleted();
                };
        assertThat(server.call("Act", new byte[2])).hasSize(2);
    }

    @Test
    void leaves_streams_alone() throws Exception {
        AtomicReference<byte[]> late = new AtomicReference<>();
        server.tail =
                (request, responses) -> {
                    assertThat(held.await(900, TimeUnit.MILLISECONDS)).isFalse();
                    responses.onNext(request);
                    responses.onCompleted();
                };
        ClientCalls.blockingServerStreamingCall(
                        server.channel,
                        method("Tail", MethodType.SERVER_STREAMING),
                        CallOptions.DEFAULT,
                        new byte[3])
                .forEachRemaining(late::set);
        assertThat(late.get()).hasSize(3);
    }

    @Test
    void lets_the_handler_see_that_the_clients_deadline_has_passed() {
        AtomicBoolean cancelled = new AtomicBoolean();
        server.act =
                (request, responses) -> {
                    Context.current().addListener(_ -> cancelled.set(true), Runnable::run);
                    held.await();
                };
        Details failed =
                Details.failing(() ->
                        ClientCalls.blockingUnaryCall(
                                server.channel,
                                method("Act", MethodType.UNARY),
                                CallOptions.DEFAULT.withDeadlineAfter(100, TimeUnit.MILLISECONDS),
                                new byte[1]));
        assertThat(failed.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        await().untilTrue(cancelled);
    }

    private byte[] callWithoutDeadline(String name) {
        return ClientCalls.blockingUnaryCall(
                server.channel, method(name, MethodType.UNARY), CallOptions.DEFAULT, new byte[1]);
    }
}
