package dev.wirebrook.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {
    private final List<String> received = new CopyOnWriteArrayList<>();
    private Server server;
    private String target;

    @BeforeEach
    void start() throws IOException {
        server =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .addService(new Serving())
                        .intercept(new Listening())
                        .build()
                        .start();
        target = "127.0.0.1:" + server.getPort();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    private WirebrookClient.Builder builder() {
        return WirebrookClient.builder().target(target);
    }

    private static void call(WirebrookClient client) {
        var _ =
                HealthGrpc.newBlockingStub(client.channel())
                        .check(HealthCheckRequest.getDefaultInstance());
    }

    @Test
    void goes_with_every_call() {
        try (WirebrookClient client = builder().token("wb_a_b").build()) {
            call(client);
            call(client);
        }
        assertThat(received).containsExactly("Bearer wb_a_b", "Bearer wb_a_b");
    }

    @Test
    void is_asked_for_at_each_call() {
        AtomicInteger calls = new AtomicInteger();
        try (WirebrookClient client =
                builder().token(() -> "t" + calls.incrementAndGet()).build()) {
            call(client);
            call(client);
        }
        assertThat(received).containsExactly("Bearer t1", "Bearer t2");
    }

    @Test
    void a_source_that_fails_fails_the_call_alone() {
        AtomicInteger calls = new AtomicInteger();
        try (WirebrookClient client =
                builder()
                        .token(() -> {
                            if (calls.getAndIncrement() == 0) {
                                throw new IllegalStateException("no token yet");
                            }
                            return "t";
                        })
                        .build()) {
            assertThatThrownBy(() -> call(client))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasRootCauseMessage("no token yet");
            call(client);
        }
        assertThat(received).containsExactly("Bearer t");
    }

    @Test
    void nothing_goes_without_one() {
        try (WirebrookClient client = builder().build()) {
            call(client);
        }
        assertThat(received).containsExactly("null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a\n", "a\r\nb: c", "é"})
    void what_is_no_token_is_refused_and_not_quoted(String text) {
        assertThatThrownBy(() -> builder().token(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the token is empty, or has characters that no token has");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com:8017",
                "10.0.0.1:8017",
                "dns:///example.com:8017",
                "localhost.example.com:8017",
                "127.0.0.1.example.com:8017",
                "dns://127.0.0.1/example.com"
            })
    void does_not_go_to_other_machines_in_clear_text(String other) {
        WirebrookClient.Builder builder = WirebrookClient.builder().target(other).token("t");
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(other)
                .hasMessageContaining("clear text");
        builder.tokenInClearText().build().close();
        WirebrookClient.builder().target(other).token("t").tls().build().close();
        WirebrookClient.builder().target(other).build().close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:8017", "127.0.0.1:1", "[::1]:8017", "dns:///localhost:8017"})
    void goes_to_this_machine(String here) {
        WirebrookClient.builder().target(here).token("t").build().close();
    }

    private final class Listening implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            received.add(
                    String.valueOf(
                            headers.get(
                                    Metadata.Key.of(
                                            "authorization", Metadata.ASCII_STRING_MARSHALLER))));
            return next.startCall(call, headers);
        }
    }

    private static final class Serving extends HealthGrpc.HealthImplBase {
        @Override
        public void check(
                HealthCheckRequest request, StreamObserver<HealthCheckResponse> responses) {
            responses.onNext(HealthCheckResponse.getDefaultInstance());
            responses.onCompleted();
        }
    }
}
