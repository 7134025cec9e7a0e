package dev.wirebrook.grpc;

import static dev.wirebrook.grpc.EchoSchema.method;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Durations;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import dev.wirebrook.grpc.GrpcServerSettings.ClientLimits;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client that takes too much is told, and what the others notice of it. */
@Timeout(60)
class QuotaTest {
    private static final byte[] SMALL = EchoSchema.message(new byte[0]);

    private @Nullable EchoServer server;
    private final List<ManagedChannel> channels = new ArrayList<>();

    private EchoServer start(ClientLimits limits) throws IOException {
        EchoServer started = new EchoServer(GrpcServerSettings.DEFAULT.withClients(limits));
        server = started;
        return started;
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        if (server != null) {
            server.close();
        }
    }

    /** A client at an address of its own. */
    private ManagedChannel from(EchoServer echo, String address) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(echo.server.address())
                        .usePlaintext()
                        .localSocketPicker(
                                new NettyChannelBuilder.LocalSocketPicker() {
                                    @Override
                                    public InetSocketAddress createSocketAddress(
                                            SocketAddress remote, Attributes attributes) {
                                        return new InetSocketAddress(address, 0);
                                    }
                                })
                        .build();
        channels.add(channel);
        return channel;
    }

    @Test
    void refuses_calls_beyond_the_rate_and_says_when_to_come_again() throws Exception {
        EchoServer echo = start(new ClientLimits(5, 0, 0, 0));
        for (int i = 0; i < 6; i++) {
            echo.call("Echo", SMALL);
        }
        Details refused =
                Details.failing(() -> {
                    for (int i = 0; i < 10; i++) {
                        echo.call("Echo", SMALL);
                    }
                });
        assertThat(refused.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.message()).contains("quota.calls-per-second");
        assertThat(refused.detail(ErrorInfo.class).orElseThrow().getReason())
                .isEqualTo("QUOTA_EXCEEDED");
        assertThat(refused.detail(QuotaFailure.class).orElseThrow().getViolations(0).getSubject())
                .isEqualTo("quota.calls-per-second");
        long millis =
                Durations.toMillis(refused.detail(RetryInfo.class).orElseThrow().getRetryDelay());
        assertThat(millis).isBetween(1L, 400L);
        await().pollDelay(Duration.ofMillis(millis))
                .untilAsserted(() -> assertThat(echo.call("Echo", SMALL)).isEqualTo(SMALL));
        assertThat(echo.scrape())
                .containsPattern(
                        "wirebrook_quota_refused_total\\{quota=\"quota.calls-per-second\"} [1-9]");
    }

    @Test
    void counts_the_bytes_of_a_message_once_it_is_there() throws Exception {
        EchoServer echo = start(new ClientLimits(0, 0, 100_000, 0));
        echo.call("Block", EchoSchema.message(new byte[300_000]));
        Details refused = Details.failing(() -> echo.call("Echo", SMALL));
        assertThat(refused.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.message()).contains("quota.bytes-per-second");
        assertThat(
                        Durations.toMillis(
                                refused.detail(RetryInfo.class).orElseThrow().getRetryDelay()))
                .isBetween(1_000L, 2_001L);
    }

    @Test
    void reads_a_stream_more_slowly_and_refuses_nothing() throws Exception {
        EchoServer echo = start(new ClientLimits(0, 0, 200_000, 0));
        int messages = 6;
        byte[] large = EchoSchema.message(new byte[100_000]);
        CountDownLatch answered = new CountDownLatch(messages);
        CompletableFuture<String> end = new CompletableFuture<>();
        long begin = System.nanoTime();
        StreamObserver<byte[]> requests =
                ClientCalls.asyncBidiStreamingCall(
                        echo.channel.newCall(
                                method("Chat", MethodType.BIDI_STREAMING), CallOptions.DEFAULT),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(byte[] response) {
                                answered.countDown();
                            }

                            @Override
                            public void onError(Throwable cause) {
                                end.completeExceptionally(cause);
                            }

                            @Override
                            public void onCompleted() {
                                end.complete("whole");
                            }
                        });
        for (int i = 0; i < messages; i++) {
            requests.onNext(large);
        }
        requests.onCompleted();
        assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo("whole");
        assertThat(answered.getCount()).isZero();
        // The first three fit into the burst and its debt, each of the others waits for half a
        // second.
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isGreaterThan(Duration.ofMillis(900));
    }

    @Test
    void bounds_the_streams_of_a_client_and_counts_those_that_ended() throws Exception {
        EchoServer echo = start(new ClientLimits(0, 0, 0, 2));
        ClientCall<byte[], byte[]> first = tail(echo.channel, new CompletableFuture<>());
        tail(echo.channel, new CompletableFuture<>());
        await().untilAsserted(() ->
                assertThat(echo.scrape())
                        .containsPattern(
                                "wirebrook_grpc_open_calls\\{method=\"test.EchoService/Tail\"} 2"));
        CompletableFuture<Status> third = new CompletableFuture<>();
        tail(echo.channel, third);
        assertThat(third.get(10, TimeUnit.SECONDS).getCode())
                .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(third.get().getDescription()).contains("2 streams open", "quota.streams");
        assertThat(echo.call("Echo", SMALL)).as("unary calls are no streams").isEqualTo(SMALL);
        first.cancel("enough", null);
        await().untilAsserted(() -> {
            CompletableFuture<Status> again = new CompletableFuture<>();
            ClientCall<byte[], byte[]> call = tail(echo.channel, again);
            await().during(Duration.ofMillis(200)).until(() -> !again.isDone());
            call.cancel("enough", null);
        });
    }

    private static ClientCall<byte[], byte[]> tail(
            ManagedChannel channel, CompletableFuture<Status> end) {
        ClientCall<byte[], byte[]> call =
                channel.newCall(method("Tail", MethodType.SERVER_STREAMING), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        call.sendMessage(SMALL);
        call.halfClose();
        call.request(1);
        return call;
    }

    @Test
    void a_flood_of_one_client_leaves_the_others_alone() throws Exception {
        EchoServer echo = start(new ClientLimits(500, 0, 0, 0));
        ManagedChannel flooding = from(echo, "127.0.0.2");
        ManagedChannel calm = from(echo, "127.0.0.3");
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        Thread flood =
                Thread.ofVirtual()
                        .start(() -> {
                            while (!over.get()) {
                                try {
                                    EchoServer.call(flooding, "Echo", SMALL);
                                } catch (StatusRuntimeException e) {
                                    refused.incrementAndGet();
                                }
                            }
                        });
        await().until(() -> refused.get() > 100);
        long[] nanos = new long[300];
        for (int i = 0; i < nanos.length; i++) {
            long begin = System.nanoTime();
            assertThat(EchoServer.call(calm, "Echo", SMALL)).isEqualTo(SMALL);
            nanos[i] = System.nanoTime() - begin;
        }
        over.set(true);
        flood.join();
        Arrays.sort(nanos);
        assertThat(Duration.ofNanos(nanos[(int) (nanos.length * 0.99)]))
                .isLessThan(Duration.ofMillis(200));
    }

    @Test
    void one_client_has_one_quota_over_all_its_connections() throws Exception {
        EchoServer echo = start(new ClientLimits(5, 0, 0, 0));
        Details refused =
                Details.failing(() -> {
                    for (int i = 0; i < 20; i++) {
                        ManagedChannel channel = from(echo, "127.0.0.2");
                        EchoServer.call(channel, "Echo", SMALL);
                        channel.shutdownNow();
                    }
                });
        assertThat(refused.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(echo.call("Echo", SMALL)).as("another client").isEqualTo(SMALL);
    }
}
