package dev.wirebrook.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import dev.wirebrook.TestAuthority;
import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.AuthSources;
import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Client;
import dev.wirebrook.auth.ClientsFile;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.grpc.EchoSchema;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.grpc.ProtoService;
import dev.wirebrook.grpc.Replies;
import dev.wirebrook.tls.ServerTls;
import dev.wirebrook.tls.TlsFiles;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ServiceHostTest {
    private static final byte[] MESSAGE = EchoSchema.message(new byte[] {7});
    private static final String JSON = "{\"payload\":\"Bw==\"}";

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch held = new CountDownLatch(1);
    private final AtomicBoolean heardTheEnd = new AtomicBoolean();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @AfterEach
    void stop() throws Exception {
        held.countDown();
        while (!open.isEmpty()) {
            open.pop().close();
        }
        timer.shutdownNow();
    }

    /** {@code Echo} answers at once, {@code Act} is held until the test lets go. */
    private ServiceHost.Builder host() {
        return ServiceHost.builder()
                .service(
                        HostedService.of(
                                        ProtoService.of(EchoSchema.SERVICE)
                                                .unary("Echo", (q, r) -> Replies.one(r, q))
                                                .unary("Act", (q, r) -> Replies.one(r, hold(q)))
                                                .build())
                                .requires(Scope.EVENTS_WRITE, "Echo", "Act"))
                .grpcPort(0)
                .httpPort(0);
    }

    private byte[] hold(byte[] request) {
        Context.current().addListener(_ -> heardTheEnd.set(true), Runnable::run);
        begun.countDown();
        try {
            held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return request;
    }

    private ServiceHost start(ServiceHost.Builder builder) throws IOException {
        ServiceHost started = builder.start();
        open.push(started);
        return started;
    }

    private ManagedChannel channel(ServiceHost host, ChannelCredentials credentials) {
        ManagedChannel channel =
                Grpc.newChannelBuilderForAddress(
                                "127.0.0.1", host.grpcAddress().getPort(), credentials)
                        .build();
        open.push(channel::shutdownNow);
        return channel;
    }

    private ManagedChannel channel(ServiceHost host) {
        return channel(host, InsecureChannelCredentials.create());
    }

    private static ListenableFuture<byte[]> call(
            Channel channel, String method, CallOptions options) {
        return ClientCalls.futureUnaryCall(
                channel.newCall(EchoSchema.method(method, MethodType.UNARY), options), MESSAGE);
    }

    private static Status.Code codeOf(ListenableFuture<byte[]> call) throws Exception {
        try {
            assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo(MESSAGE);
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e).getCode();
        }
    }

    private static Status.Code echo(Channel channel) throws Exception {
        return codeOf(call(channel, "Echo", CallOptions.DEFAULT));
    }

    private static HttpRequest.Builder request(ServiceHost host, String scheme, String path) {
        return HttpRequest.newBuilder(
                URI.create(
                        "%s://127.0.0.1:%d%s"
                                .formatted(scheme, host.httpAddress().getPort(), path)));
    }

    private static HttpRequest.Builder post(ServiceHost host, String scheme) {
        return request(host, scheme, "/test.EchoService/Echo")
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(JSON));
    }

    private static int status(HttpRequest.Builder request) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.discarding()).statusCode();
        }
    }

    @Test
    void answers_the_same_on_both_ports() throws Exception {
        ServiceHost host = start(host());
        assertThat(echo(channel(host))).isEqualTo(Status.Code.OK);
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(post(host, "http").build(), BodyHandlers.ofString()).body())
                    .isEqualTo(JSON);
        }
    }

    @Test
    void tells_the_handler_that_its_client_has_cancelled() throws Exception {
        ListenableFuture<byte[]> call = call(channel(start(host())), "Act", CallOptions.DEFAULT);
        begun.await();
        assertThat(heardTheEnd).isFalse();
        call.cancel(true);
        await().untilTrue(heardTheEnd);
    }

    @Test
    void tells_the_handler_that_the_deadline_has_passed() throws Exception {
        ListenableFuture<byte[]> call =
                call(
                        channel(start(host())),
                        "Act",
                        CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS));
        begun.await();
        assertThat(codeOf(call)).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        await().untilTrue(heardTheEnd);
    }

    @Test
    void takes_calls_during_the_grace_while_health_says_that_it_leaves() throws Exception {
        ServiceHost host = start(host().drain(Duration.ofSeconds(3), Duration.ofSeconds(10)));
        ManagedChannel channel = channel(host);
        HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
        HealthCheckRequest asked =
                HealthCheckRequest.newBuilder().setService("test.EchoService").build();
        assertThat(health.check(asked).getStatus()).isEqualTo(ServingStatus.SERVING);
        CompletableFuture<Void> closed = CompletableFuture.runAsync(host::close);
        await().until(() -> health.check(asked).getStatus() == ServingStatus.NOT_SERVING);
        assertThat(echo(channel)).isEqualTo(Status.Code.OK);
        assertThat(closed).succeedsWithin(Duration.ofSeconds(20));
        assertThat(echo(channel)).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void waits_for_the_calls_in_progress() throws Exception {
        ServiceHost host = start(host());
        ListenableFuture<byte[]> call = call(channel(host), "Act", CallOptions.DEFAULT);
        begun.await();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(host::close);
        ManagedChannel late = channel(host);
        await().until(() -> echo(late) == Status.Code.UNAVAILABLE);
        assertThat(closed).isNotDone();
        held.countDown();
        assertThat(codeOf(call)).isEqualTo(Status.Code.OK);
        assertThat(closed).succeedsWithin(Duration.ofSeconds(10));
        host.awaitStopped();
    }

    @Test
    void cuts_off_what_does_not_end_within_the_timeout() throws Exception {
        ServiceHost host = start(host().drain(Duration.ZERO, Duration.ofMillis(200)));
        ListenableFuture<byte[]> call = call(channel(host), "Act", CallOptions.DEFAULT);
        begun.await();
        host.close();
        assertThat(codeOf(call)).isNotEqualTo(Status.Code.OK);
        await().untilTrue(heardTheEnd);
    }

    @Test
    void closes_twice() throws Exception {
        ServiceHost host = start(host());
        host.close();
        host.close();
    }

    @Test
    void refuses_a_drain_of_less_than_no_time() {
        assertThatThrownBy(() -> host().drain(Duration.ofSeconds(-1), Duration.ZERO))
                .hasMessageContaining("not negative");
    }

    @Test
    void gives_its_grpc_port_back_when_the_http_port_is_taken() throws Exception {
        ServiceHost first = start(host());
        int taken = first.httpAddress().getPort();
        ServiceHost second = start(host());
        int free = second.grpcAddress().getPort();
        second.close();
        assertThatThrownBy(() -> host().grpcPort(free).httpPort(taken).start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(Integer.toString(taken));
        assertThat(echo(channel(start(host().grpcPort(free))))).isEqualTo(Status.Code.OK);
    }

    @Test
    void is_taken_out_of_rotation_by_its_heartbeat() throws Exception {
        ServiceHost host = start(host());
        assertThat(status(request(host, "http", "/heartbeat/"))).isEqualTo(200);
        status(request(host, "http", "/heartbeat/?beat=false").PUT(BodyPublishers.noBody()));
        assertThat(status(request(host, "http", "/heartbeat/"))).isEqualTo(410);
        assertThat(status(request(host, "http", "/readyz"))).isEqualTo(503);
        status(request(host, "http", "/heartbeat/?beat=true").PUT(BodyPublishers.noBody()));
        assertThat(status(request(host, "http", "/readyz"))).isEqualTo(200);
    }

    @Test
    void asks_on_both_ports_who_calls(@TempDir Path folder) throws Exception {
        ApiKey key = ApiKey.random(new SecureRandom());
        Path file = folder.resolve("clients.jsonl");
        InstantSource clock = InstantSource.system();
        new ClientsFile(file)
                .append(
                        new Client.OfKey(
                                new Principal("shop", "acme", Set.of(Scope.EVENTS_WRITE)),
                                key.id(),
                                key.digest(),
                                clock.instant(),
                                Optional.empty(),
                                Optional.empty()));
        Authenticator authenticator =
                Authenticator.open(
                        new AuthSources(
                                Optional.of(file),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        Duration.ofMillis(20),
                        timer,
                        clock);
        open.push(authenticator);
        ServiceHost host = start(host().authenticator(authenticator));
        String bearer = "Bearer " + key.reveal();
        Metadata token = new Metadata();
        token.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), bearer);
        ManagedChannel channel = channel(host);
        assertThat(echo(channel)).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(
                        echo(
                                ClientInterceptors.intercept(
                                        channel, MetadataUtils.newAttachHeadersInterceptor(token))))
                .isEqualTo(Status.Code.OK);
        assertThat(status(post(host, "http"))).isEqualTo(401);
        assertThat(status(post(host, "http").header("authorization", bearer))).isEqualTo(200);
        assertThat(status(request(host, "http", "/metrics"))).isEqualTo(401);
        assertThat(status(request(host, "http", "/readyz"))).isEqualTo(200);
    }

    @Test
    void secures_both_ports(@TempDir Path folder) throws Exception {
        TestAuthority authority = new TestAuthority(folder, "authority");
        TestAuthority.Issued issued = authority.issue("ip:127.0.0.1");
        ServerTls tls =
                ServerTls.open(
                        new TlsFiles(issued.certificate(), issued.key(), Optional.empty()),
                        Duration.ofMinutes(1),
                        timer);
        open.push(tls);
        ServiceHost host = start(host().tls(tls));
        ChannelCredentials trusting =
                TlsChannelCredentials.newBuilder()
                        .trustManager(authority.certificate().toFile())
                        .build();
        assertThat(echo(channel(host, trusting))).isEqualTo(Status.Code.OK);
        assertThat(echo(channel(host))).isEqualTo(Status.Code.UNAVAILABLE);
        // Nobody trusts it here, which shows that it is TLS that answers.
        assertThatThrownBy(() -> status(post(host, "https")))
                .isInstanceOf(SSLHandshakeException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_conversation_answers_all_of_many_messages_that_are_written_at_once(boolean onEventLoop)
            throws Exception {
        int count = 300;
        HostedService service =
                HostedService.of(
                                ProtoService.of(EchoSchema.SERVICE)
                                        .bidiStreaming(
                                                "Chat", client -> Replies.toEach(client, q -> q))
                                        .build())
                        .requires(Scope.EVENTS_WRITE, "Chat");
        ServiceHost host =
                start(
                        ServiceHost.builder()
                                .service(onEventLoop ? service.onEventLoop("Chat") : service)
                                .grpcPort(0)
                                .httpPort(0));
        CompletableFuture<Integer> ended = new CompletableFuture<>();
        StreamObserver<byte[]> requests =
                ClientCalls.asyncBidiStreamingCall(
                        channel(host)
                                .newCall(
                                        EchoSchema.method("Chat", MethodType.BIDI_STREAMING),
                                        CallOptions.DEFAULT),
                        new StreamObserver<>() {
                            private int answers;

                            @Override
                            public void onNext(byte[] answer) {
                                answers++;
                            }

                            @Override
                            public void onError(Throwable failure) {
                                ended.completeExceptionally(failure);
                            }

                            @Override
                            public void onCompleted() {
                                ended.complete(answers);
                            }
                        });
        byte[] message = EchoSchema.message(new byte[1_000]);
        for (int i = 0; i < count; i++) {
            requests.onNext(message);
        }
        requests.onCompleted();
        assertThat(ended.get(30, TimeUnit.SECONDS)).isEqualTo(count);
    }
}
