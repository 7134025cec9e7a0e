package dev.wirebrook.grpc;

import static dev.wirebrook.grpc.EchoSchema.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.grpc.GrpcServerSettings.CallLimits;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A call that goes on from node to node: what is left of its time goes with it, and its end. */
@Timeout(60)
class HopsTest {
    private static final byte[] MESSAGE = EchoSchema.message(new byte[0]);

    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final AtomicLong leftAtSecond = new AtomicLong();
    private final AtomicLong leftAtThird = new AtomicLong();
    private final AtomicBoolean thirdCancelled = new AtomicBoolean();
    private EchoServer first;
    private EchoServer second;
    private EchoServer third;

    @BeforeEach
    void start() throws IOException {
        first = new EchoServer(withDefaultDeadline(Duration.ofSeconds(1)));
        second = new EchoServer(withDefaultDeadline(Duration.ofMinutes(1)));
        third = new EchoServer(withDefaultDeadline(Duration.ofMinutes(1)));
        first.act =
                (request, responses) -> {
                    responses.onNext(goOn(second, request));
                    responses.onCompleted();
                };
        second.act =
                (request, responses) -> {
                    leftAtSecond.set(millisLeft());
                    // What a node does before it asks the next one.
                    TimeUnit.MILLISECONDS.sleep(300);
                    responses.onNext(goOn(third, request));
                    responses.onCompleted();
                };
        third.act =
                (request, responses) -> {
                    leftAtThird.set(millisLeft());
                    Context.current().addListener(_ -> thirdCancelled.set(true), Runnable::run);
                    arrived.countDown();
                    held.await();
                    responses.onNext(request);
                    responses.onCompleted();
                };
    }

    @AfterEach
    void stop() {
        held.countDown();
        first.close();
        second.close();
        third.close();
    }

    private static GrpcServerSettings withDefaultDeadline(Duration deadline) {
        return GrpcServerSettings.DEFAULT.withCalls(CallLimits.DEFAULT.withUnaryDeadline(deadline));
    }

    /** As a handler calls another node: it says nothing of deadlines. */
    private static byte[] goOn(EchoServer next, byte[] request) {
        return ClientCalls.blockingUnaryCall(
                next.channel, method("Act", MethodType.UNARY), CallOptions.DEFAULT, request);
    }

    private static long millisLeft() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? -1 : deadline.timeRemaining(TimeUnit.MILLISECONDS);
    }

    private byte[] call(Duration deadline) {
        return ClientCalls.blockingUnaryCall(
                first.channel,
                method("Act", MethodType.UNARY),
                CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS),
                MESSAGE);
    }

    @Test
    void each_node_has_what_is_left_of_the_time() {
        held.countDown();
        assertThat(call(Duration.ofSeconds(5))).isEqualTo(MESSAGE);
        assertThat(leftAtSecond.get()).isBetween(3_000L, 5_000L);
        assertThat(leftAtThird.get()).isBetween(1_000L, leftAtSecond.get() - 300);
    }

    @Test
    void every_node_gives_up_when_the_time_is_over() {
        Details failed = Details.failing(() -> call(Duration.ofMillis(1_200)));
        assertThat(failed.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(leftAtThird.get()).isBetween(0L, 900L);
        await().untilTrue(thirdCancelled);
    }

    @Test
    void a_call_that_is_cancelled_is_cancelled_everywhere() throws Exception {
        ClientCall<byte[], byte[]> call =
                first.channel.newCall(method("Act", MethodType.UNARY), CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        call.sendMessage(MESSAGE);
        call.halfClose();
        arrived.await();
        assertThat(thirdCancelled).isFalse();
        call.cancel("enough", null);
        await().untilTrue(thirdCancelled);
    }

    @Test
    void the_first_node_s_own_deadline_holds_for_what_it_asks_for() {
        Details failed =
                Details.failing(() ->
                        ClientCalls.blockingUnaryCall(
                                first.channel,
                                method("Act", MethodType.UNARY),
                                CallOptions.DEFAULT,
                                MESSAGE));
        assertThat(failed.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        await().untilTrue(thirdCancelled);
    }

    @Test
    void no_client_s_deadline_is_longer_than_the_server_s() throws Exception {
        try (EchoServer bounded =
                new EchoServer(
                        GrpcServerSettings.DEFAULT.withCalls(
                                CallLimits.DEFAULT.withUnaryDeadlineMax(Duration.ofMillis(300))))) {
            bounded.act = (request, responses) -> held.await();
            Details failed =
                    Details.failing(() ->
                            ClientCalls.blockingUnaryCall(
                                    bounded.channel,
                                    method("Act", MethodType.UNARY),
                                    CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
                                    MESSAGE));
            assertThat(failed.code()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(failed.message()).contains("300 ms that this server gives any call");
            held.countDown();
        }
    }
}
