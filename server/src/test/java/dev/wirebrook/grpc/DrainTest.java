package dev.wirebrook.grpc;

import static dev.wirebrook.grpc.EchoSchema.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DrainTest {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch held = new CountDownLatch(1);
    private EchoServer server;

    @BeforeEach
    void start() throws Exception {
        server = new EchoServer();
        server.act =
                (request, responses) -> {
                    begun.countDown();
                    held.await();
                    responses.onNext(request);
                    responses.onCompleted();
                };
    }

    @AfterEach
    void stop() {
        held.countDown();
        server.close();
    }

    @Test
    void finishes_the_calls_in_progress() throws Exception {
        ListenableFuture<byte[]> call = act();
        begun.await();
        CompletableFuture<Boolean> drained = drain(Duration.ofSeconds(20));
        await().untilAsserted(() -> assertThat(newConnection()).isEqualTo(Status.Code.UNAVAILABLE));
        assertThat(drained).isNotDone();
        held.countDown();
        assertThat(call.get(10, TimeUnit.SECONDS)).hasSize(5);
        assertThat(drained.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void cuts_off_what_the_grace_does_not_see_the_end_of() throws Exception {
        ListenableFuture<byte[]> call = act();
        begun.await();
        assertThat(server.server.drain(Duration.ofMillis(200))).isFalse();
        assertThat(call)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void ends_streams_that_would_stay_for_ever_rather_than_waiting_for_them() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        server.tail = (request, responses) -> open.countDown();
        var responses =
                ClientCalls.blockingServerStreamingCall(
                        server.channel,
                        method("Tail", MethodType.SERVER_STREAMING),
                        CallOptions.DEFAULT,
                        new byte[1]);
        open.await();
        long start = System.nanoTime();
        assertThat(server.server.drain(Duration.ofSeconds(20))).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        Details ended = Details.failing(responses::hasNext);
        assertThat(ended.code()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(ended.detail(com.google.rpc.RetryInfo.class)).isPresent();
    }

    @Test
    void tells_the_handler_of_a_stream_at_once_even_where_the_client_reads_nothing()
            throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        AtomicBoolean cancelled = new AtomicBoolean();
        server.tail =
                (request, responses) -> {
                    Context.current().addListener(_ -> cancelled.set(true), Runnable::run);
                    responses.onNext(new byte[1_000]);
                    open.countDown();
                };
        byte[] noWindow = ByteBuffer.allocate(6).putShort((short) 4).array();
        CompletableFuture<Boolean> drained;
        try (RawHttp2 client = new RawHttp2(server.server.address()).handshake(noWindow)) {
            client.headers(1, "test.EchoService/Tail");
            client.data(1, RawHttp2.message(1, 1), true);
            open.await();
            assertThat(cancelled).isFalse();
            drained = drain(Duration.ofSeconds(20));
            await().untilTrue(cancelled);
        }
        assertThat(drained.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void closes_twice() {
        server.server.close();
        server.server.close();
    }

    private ListenableFuture<byte[]> act() {
        return ClientCalls.futureUnaryCall(
                server.channel.newCall(method("Act", MethodType.UNARY), CallOptions.DEFAULT),
                new byte[5]);
    }

    private CompletableFuture<Boolean> drain(Duration grace) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return server.server.drain(grace);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private Status.Code newConnection() {
        ManagedChannel second = server.channel();
        try {
            ClientCalls.blockingUnaryCall(
                    second, method("Echo", MethodType.UNARY), CallOptions.DEFAULT, new byte[1]);
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            second.shutdownNow();
        }
    }
}
