package dev.wirebrook.app;

import static dev.wirebrook.app.AuthCalls.refusal;
import static dev.wirebrook.app.AuthCalls.status;
import static dev.wirebrook.app.AuthCalls.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.LogCollector;
import dev.wirebrook.TestIssuer;
import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.Client;
import dev.wirebrook.auth.ClientsFile;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.Scope;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose files of clients and keys change while it runs. */
@Timeout(60)
class AuthFilesIT {
    @TempDir private Path folder;

    private final TestIssuer issuer = new TestIssuer("one", TestIssuer.Kind.EdDSA);
    private final ApiKey first = ApiKey.random(new SecureRandom());
    private Path clients;
    private Path jwks;
    private TestNode server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        clients = folder.resolve("clients.jsonl");
        jwks = folder.resolve("jwks.json");
        add(first);
        Files.writeString(jwks, TestIssuer.jwks(issuer));
        server = TestNode.start(folder.resolve("data"), settings());
        channel = NettyChannelBuilder.forTarget(server.target()).usePlaintext().build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
    }

    private Map<String, String> settings() {
        return Map.of(
                "auth.clients",
                clients.toString(),
                "auth.jwks",
                jwks.toString(),
                "auth.audience",
                TestIssuer.AUDIENCE,
                "auth.look-every",
                "20ms");
    }

    private void add(ApiKey key) throws IOException {
        new ClientsFile(clients)
                .append(
                        new Client.OfKey(
                                new Principal("till", "", Set.of(Scope.ADMIN_READ)),
                                key.id(),
                                key.digest(),
                                Instant.now(),
                                Optional.empty(),
                                Optional.empty()));
    }

    private Status.Code outcome(String token) {
        try {
            status(with(channel, "Bearer " + token));
            return Status.Code.OK;
        } catch (io.grpc.StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private void awaitOutcome(String token, Status.Code code) {
        await().untilAsserted(() -> assertThat(outcome(token)).isEqualTo(code));
    }

    @Test
    void a_key_is_added_and_revoked_without_a_restart() throws IOException {
        ApiKey second = ApiKey.random(new SecureRandom());
        assertThat(outcome(second.reveal())).isEqualTo(Status.Code.UNAUTHENTICATED);
        add(second);
        awaitOutcome(second.reveal(), Status.Code.OK);
        new ClientsFile(clients).revoke(second.id(), Instant.now());
        awaitOutcome(second.reveal(), Status.Code.UNAUTHENTICATED);
        assertThat(refusal(() -> status(with(channel, "Bearer " + second.reveal()))).reason())
                .isEqualTo("REVOKED_TOKEN");
        assertThat(outcome(first.reveal())).isEqualTo(Status.Code.OK);
    }

    @Test
    void a_line_that_is_deleted_is_a_key_that_is_gone() throws IOException {
        assertThat(outcome(first.reveal())).isEqualTo(Status.Code.OK);
        Files.writeString(clients, "");
        awaitOutcome(first.reveal(), Status.Code.UNAUTHENTICATED);
    }

    @Test
    void the_issuers_keys_are_replaced_without_a_restart() throws IOException {
        TestIssuer next = new TestIssuer("two", TestIssuer.Kind.ES256);
        String old = issuer.token(_ -> {});
        String fresh = next.token(_ -> {});
        assertThat(outcome(old)).isEqualTo(Status.Code.OK);
        assertThat(outcome(fresh)).isEqualTo(Status.Code.UNAUTHENTICATED);
        Files.writeString(jwks, TestIssuer.jwks(issuer, next));
        awaitOutcome(fresh, Status.Code.OK);
        assertThat(outcome(old)).isEqualTo(Status.Code.OK);
        Files.writeString(jwks, TestIssuer.jwks(next));
        // Its verdict was remembered, on this connection and by the server.
        awaitOutcome(old, Status.Code.UNAUTHENTICATED);
        assertThat(outcome(fresh)).isEqualTo(Status.Code.OK);
    }

    @Test
    void a_broken_file_changes_nothing_and_is_told_once() throws IOException {
        TestIssuer next = new TestIssuer("two", TestIssuer.Kind.ES256);
        try (LogCollector log = new LogCollector("dev.wirebrook.auth")) {
            Files.writeString(clients, "{\"id\":\"half", StandardOpenOption.APPEND);
            await().untilAsserted(() ->
                    assertThat(log.messages())
                            .anyMatch(line -> line.contains(clients + " line 2")));
            // A change of the other file shows that several looks have passed.
            Files.writeString(jwks, TestIssuer.jwks(issuer, next));
            awaitOutcome(next.token(_ -> {}), Status.Code.OK);
            Files.writeString(jwks, "{\n\"keys\": [}");
            await().untilAsserted(() ->
                    assertThat(log.messages()).anyMatch(line -> line.contains(jwks + " line 2")));
            assertThat(outcome(first.reveal())).isEqualTo(Status.Code.OK);
            assertThat(outcome(issuer.token(_ -> {}))).isEqualTo(Status.Code.OK);
            assertThat(log.messages().stream().filter(line -> line.contains("line 2")))
                    .as("once for each file")
                    .hasSize(2);
        }
    }

    @Test
    void a_server_does_not_start_without_its_files() throws IOException {
        server.close();
        Files.delete(clients);
        assertThatThrownBy(() -> TestNode.start(folder.resolve("data"), settings()))
                .hasStackTraceContaining("there is no file " + clients);
    }
}
