package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.AuthSources;
import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Client;
import dev.wirebrook.auth.ClientsFile;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.Scope;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guard does with who calls. */
class AccessTest {
    @TempDir private Path folder;

    private final ApiKey till = ApiKey.random(new SecureRandom());
    private final ApiKey shop = ApiKey.random(new SecureRandom());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));
    private final List<Caller> callers = new CopyOnWriteArrayList<>();
    private Path file;
    private Authenticator authenticator;
    private EchoServer server;

    @BeforeEach
    void start() throws IOException {
        file = folder.resolve("clients.jsonl");
        add("till", till, Optional.of(now.get().plusSeconds(60)));
        add("shop", shop, Optional.empty());
        authenticator =
                Authenticator.open(
                        new AuthSources(
                                Optional.of(file),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        Duration.ofMillis(20),
                        timer,
                        now::get);
        server =
                new EchoServer(
                        GrpcServerSettings.DEFAULT, Optional.empty(), Optional.of(authenticator));
        server.act =
                (request, responses) -> {
                    callers.add(Caller.current());
                    responses.onNext(request);
                    responses.onCompleted();
                };
    }

    @AfterEach
    void close() {
        server.close();
        authenticator.close();
        timer.shutdownNow();
    }

    private void add(String name, ApiKey key, Optional<Instant> expires) throws IOException {
        new ClientsFile(file)
                .append(
                        new Client.OfKey(
                                new Principal(name, "acme", Set.of(Scope.EVENTS_WRITE)),
                                key.id(),
                                key.digest(),
                                now.get(),
                                expires,
                                Optional.empty()));
    }

    private Channel as(ApiKey key) {
        return bearing(key.reveal());
    }

    private Channel bearing(String token) {
        Metadata headers = new Metadata();
        headers.put(
                Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                "Bearer " + token);
        return ClientInterceptors.intercept(
                server.channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private void act(ApiKey key) {
        EchoServer.call(as(key), "Act", new byte[1]);
    }

    @Test
    void tells_the_handler_who_calls() {
        act(till);
        assertThat(callers.getFirst().principal())
                .isEqualTo(new Principal("till", "acme", Set.of(Scope.EVENTS_WRITE)));
        assertThat(callers.getFirst().address()).startsWith("127.0.0.1:");
    }

    @Test
    void finds_the_caller_once_for_all_calls_with_the_same_token() {
        act(till);
        act(till);
        assertThat(callers.getFirst()).isSameAs(callers.getLast());
    }

    @Test
    void does_not_mix_up_two_tokens_on_one_connection() {
        for (int i = 0; i < 3; i++) {
            act(till);
            act(shop);
        }
        assertThat(callers)
                .extracting(caller -> caller.principal().name())
                .containsExactly("till", "shop", "till", "shop", "till", "shop");
        assertThat(Details.failing(() -> server.call("Act", new byte[1])).code())
                .as("after calls with tokens")
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(callers).hasSize(6);
    }

    @Test
    void a_token_that_differs_anywhere_is_another() {
        String right = till.reveal();
        act(till);
        for (int at : new int[] {3, 20, right.length() - 9, right.length() - 1}) {
            char other = right.charAt(at) == '0' ? '1' : '0';
            Channel channel = bearing(right.substring(0, at) + other + right.substring(at + 1));
            assertThat(Details.failing(() -> EchoServer.call(channel, "Act", new byte[1])).code())
                    .as("changed at " + at)
                    .isEqualTo(Status.Code.UNAUTHENTICATED);
        }
        act(till);
    }

    @Test
    void a_remembered_caller_ends_with_its_key() {
        act(till);
        now.set(now.get().plusSeconds(60));
        assertThat(Details.failing(() -> act(till)).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        act(shop);
    }

    @Test
    void a_remembered_caller_is_forgotten_when_its_key_is_revoked() throws IOException {
        act(shop);
        new ClientsFile(file).revoke(shop.id(), now.get());
        await().untilAsserted(() ->
                assertThat(Details.failing(() -> act(shop)).code())
                        .isEqualTo(Status.Code.UNAUTHENTICATED));
        act(till);
    }

    @Test
    void refuses_before_it_reads_the_request() {
        // It would be INVALID_ARGUMENT if anybody had tried to read it.
        byte[] garbage = "garbage".getBytes(StandardCharsets.US_ASCII);
        assertThat(Details.failing(() -> server.call("Typed", garbage)).code())
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(Details.failing(() -> EchoServer.call(as(till), "Typed", garbage)).code())
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(server.scrape())
                .contains(
                        "wirebrook_grpc_messages_received_total{method=\"test.EchoService/Typed\"} 1.0");
    }

    @Test
    void a_method_that_says_nothing_needs_every_scope() {
        assertThat(Details.failing(() -> EchoServer.call(as(till), "Echo", new byte[1])).code())
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(server.echoThread).isNull();
    }

    @Test
    void an_open_method_takes_anybody() {
        assertThat(server.call("Block", new byte[3])).hasSize(3);
    }

    @Test
    void without_authentication_anybody_may_do_everything() throws IOException {
        try (EchoServer unasked = new EchoServer()) {
            unasked.act = server.act;
            unasked.call("Act", new byte[1]);
        }
        assertThat(callers.getFirst().principal()).isEqualTo(Principal.ANYBODY);
        assertThat(callers.getFirst().principal().may(Scope.SQL)).isTrue();
    }
}
