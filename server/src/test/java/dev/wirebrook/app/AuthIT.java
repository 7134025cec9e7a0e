package dev.wirebrook.app;

import static dev.wirebrook.TestIssuer.unsigned;
import static dev.wirebrook.app.AuthCalls.refusal;
import static dev.wirebrook.app.AuthCalls.status;
import static dev.wirebrook.app.AuthCalls.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import dev.wirebrook.LogCollector;
import dev.wirebrook.TestIssuer;
import dev.wirebrook.api.admin.v1.AdminServiceGrpc;
import dev.wirebrook.api.admin.v1.DrainRequest;
import dev.wirebrook.api.admin.v1.QueryRequest;
import dev.wirebrook.app.AuthCalls.Refusal;
import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.Client;
import dev.wirebrook.auth.ClientsFile;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.grpc.RawMarshaller;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whom a server with authentication takes, and whom it does not, over real connections. */
@Timeout(60)
class AuthIT {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration SKEW = Duration.ofSeconds(30);

    @TempDir private static Path folder;

    private static final TestIssuer RSA = new TestIssuer("rsa", TestIssuer.Kind.RS256);
    private static final TestIssuer EC = new TestIssuer("ec", TestIssuer.Kind.ES256);
    private static final TestIssuer EDDSA = new TestIssuer("ed", TestIssuer.Kind.EdDSA);
    private static final ApiKey WRITER = ApiKey.random(RANDOM);
    private static final ApiKey READER = ApiKey.random(RANDOM);
    private static final ApiKey REVOKED = ApiKey.random(RANDOM);
    private static final ApiKey EXPIRED = ApiKey.random(RANDOM);
    private static final Logger OURS = Logger.getLogger("dev.wirebrook");

    private static TestNode server;
    private static ManagedChannel channel;
    private static LogCollector log;

    @BeforeAll
    static void start() throws IOException {
        OURS.setLevel(Level.ALL);
        log = new LogCollector("");
        Path clients = folder.resolve("clients.jsonl");
        ClientsFile file = new ClientsFile(clients);
        Instant now = Instant.now();
        file.append(client(WRITER, Scope.EVENTS_WRITE, Optional.empty()));
        file.append(client(READER, Scope.ADMIN_READ, Optional.empty()));
        file.append(client(REVOKED, Scope.ALL, Optional.empty()));
        file.append(client(EXPIRED, Scope.ALL, Optional.of(now.minusSeconds(1))));
        file.revoke(REVOKED.id(), now);
        Path jwks = Files.writeString(folder.resolve("jwks.json"), TestIssuer.jwks(RSA, EC, EDDSA));
        server =
                TestNode.start(
                        folder.resolve("data"),
                        Map.of(
                                "auth.clients",
                                clients.toString(),
                                "auth.jwks",
                                jwks.toString(),
                                "auth.issuer",
                                TestIssuer.ISSUER,
                                "auth.audience",
                                TestIssuer.AUDIENCE,
                                "grpc.max-metadata-bytes",
                                "256KiB"));
        channel = NettyChannelBuilder.forTarget(server.target()).usePlaintext().build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        server.close();
        log.close();
        OURS.setLevel(null);
    }

    private static Client client(ApiKey key, Scope scope, Optional<Instant> expires) {
        return new Client.OfKey(
                new Principal("c-" + key.id(), "", Set.of(scope)),
                key.id(),
                key.digest(),
                Instant.now(),
                expires,
                Optional.empty());
    }

    private static Channel bearing(String token) {
        return with(channel, "Bearer " + token);
    }

    private static Refusal refused(String token) {
        return refusal(() -> status(bearing(token)));
    }

    private static void assertInvalid(String token) {
        Refusal refusal = refused(token);
        assertThat(refusal.code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refusal.reason()).isEqualTo("INVALID_TOKEN");
        assertThat(refusal.message()).doesNotContain(token).contains("get a new one");
    }

    private static TestIssuer of(TestIssuer.Kind kind) {
        return switch (kind) {
            case RS256 -> RSA;
            case ES256 -> EC;
            case EdDSA -> EDDSA;
        };
    }

    private static long secondsFromNow(Duration after) {
        return Instant.now().plus(after).getEpochSecond();
    }

    // Whom it takes.

    @Test
    void takes_an_api_key() {
        assertThat(status(bearing(READER.reveal())).getRoutesCount()).isPositive();
        assertThat(status(with(channel, "bEARER " + READER.reveal())).getRoutesCount())
                .as("schemes have no case")
                .isPositive();
    }

    @ParameterizedTest
    @EnumSource(TestIssuer.Kind.class)
    void takes_a_token_of_each_kind(TestIssuer.Kind kind) {
        TestIssuer issuer = of(kind);
        String token = issuer.token(_ -> {});
        assertThat(status(bearing(token)).getRoutesCount()).isPositive();
        assertThat(status(bearing(token)).getRoutesCount()).as("again").isPositive();
    }

    @Test
    void takes_scopes_in_a_list_and_several_audiences() {
        JsonArray scopes = new JsonArray();
        scopes.add("admin:read");
        JsonArray audiences = new JsonArray();
        audiences.add("other");
        audiences.add(TestIssuer.AUDIENCE);
        String token =
                RSA.token(claims -> {
                    claims.remove("scope");
                    claims.add("scp", scopes);
                    claims.add("aud", audiences);
                });
        assertThat(status(bearing(token)).getRoutesCount()).isPositive();
    }

    @Test
    void takes_a_token_whose_issuers_clock_is_a_little_off() {
        Duration within = SKEW.dividedBy(3);
        assertThat(
                        status(
                                        bearing(
                                                RSA.token(claims ->
                                                        claims.addProperty(
                                                                "exp",
                                                                secondsFromNow(within.negated())))))
                                .getRoutesCount())
                .isPositive();
        assertThat(
                        status(
                                        bearing(
                                                RSA.token(claims ->
                                                        claims.addProperty(
                                                                "nbf", secondsFromNow(within)))))
                                .getRoutesCount())
                .isPositive();
    }

    // Whom it refuses.

    @Test
    void refuses_no_token_and_says_how_to_send_one() {
        Refusal refusal = refusal(() -> status(channel));
        assertThat(refusal.code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refusal.reason()).isEqualTo("NO_TOKEN");
        assertThat(refusal.message()).contains("authorization: Bearer");
    }

    @Test
    void refuses_another_scheme() {
        assertThat(refusal(() -> status(with(channel, "Basic " + READER.reveal()))).reason())
                .isEqualTo("INVALID_TOKEN");
        assertThat(refusal(() -> status(with(channel, READER.reveal()))).reason())
                .isEqualTo("INVALID_TOKEN");
    }

    @Test
    void refuses_two_headers_even_when_both_are_right() {
        String right = "Bearer " + READER.reveal();
        Refusal refusal = refusal(() -> status(with(channel, right, right)));
        assertThat(refusal.code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refusal.message()).contains("one token");
    }

    @Test
    void refuses_an_expired_token() {
        String token =
                RSA.token(claims ->
                        claims.addProperty("exp", secondsFromNow(SKEW.negated().minusSeconds(5))));
        assertThat(refused(token).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refused(token).reason()).isEqualTo("EXPIRED_TOKEN");
    }

    @Test
    void refuses_a_token_that_never_expires() {
        assertInvalid(RSA.token(claims -> claims.remove("exp")));
    }

    @Test
    void refuses_a_token_that_is_not_yet_valid() {
        String token =
                RSA.token(
                        claims -> claims.addProperty("nbf", secondsFromNow(SKEW.plusSeconds(60))));
        assertThat(refused(token).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refused(token).reason()).isEqualTo("NOT_YET_VALID_TOKEN");
    }

    @Test
    void refuses_an_unsigned_token() {
        String unsigned =
                unsigned(
                        RSA.header(header -> header.addProperty("alg", "none")),
                        TestIssuer.claims(_ -> {}));
        assertInvalid(unsigned + ".");
        assertInvalid(RSA.sign(unsigned));
        assertInvalid(unsigned(RSA.header(_ -> {}), TestIssuer.claims(_ -> {})) + ".");
    }

    @Test
    void refuses_a_token_for_another_audience() {
        assertThat(refused(RSA.token(claims -> claims.addProperty("aud", "other"))).reason())
                .isEqualTo("WRONG_AUDIENCE");
        assertThat(refused(RSA.token(claims -> claims.remove("aud"))).reason())
                .isEqualTo("WRONG_AUDIENCE");
    }

    @Test
    void refuses_a_token_of_another_issuer() {
        assertInvalid(RSA.token(claims -> claims.addProperty("iss", "https://id.evil")));
        assertInvalid(RSA.token(claims -> claims.remove("iss")));
    }

    @Test
    void refuses_a_token_of_nobody() {
        assertInvalid(RSA.token(claims -> claims.remove("sub")));
    }

    @Test
    void refuses_a_token_whose_claims_were_changed() {
        String[] parts = RSA.token(claims -> claims.addProperty("scope", "sql")).split("\\.", -1);
        String more =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(TestIssuer.claims(_ -> {}).toString().getBytes(UTF_8));
        assertInvalid(parts[0] + "." + more + "." + parts[2]);
    }

    @ParameterizedTest
    @EnumSource(TestIssuer.Kind.class)
    void refuses_a_token_whose_signature_was_changed(TestIssuer.Kind kind) {
        TestIssuer issuer = of(kind);
        String token = issuer.token(_ -> {});
        assertThat(status(bearing(token)).getRoutesCount()).isPositive();
        int at = token.lastIndexOf('.') + 10;
        char other = token.charAt(at) == 'A' ? 'B' : 'A';
        assertInvalid(token.substring(0, at) + other + token.substring(at + 1));
        assertInvalid(token.substring(0, token.length() - 8));
        assertInvalid(token.substring(0, token.lastIndexOf('.') + 1));
    }

    @Test
    void refuses_a_token_signed_with_the_public_key_as_a_secret() {
        String unsigned =
                unsigned(
                        RSA.header(header -> header.addProperty("alg", "HS256")),
                        TestIssuer.claims(_ -> {}));
        assertInvalid(TestIssuer.signShared(RSA.publicKey(), unsigned));
        byte[] pem =
                ("-----BEGIN PUBLIC KEY-----\n"
                                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                        .encodeToString(RSA.publicKey())
                                + "\n-----END PUBLIC KEY-----\n")
                        .getBytes(UTF_8);
        assertInvalid(TestIssuer.signShared(pem, unsigned));
    }

    @Test
    void refuses_a_key_for_an_algorithm_that_is_not_its_own() {
        assertInvalid(RSA.token(header -> header.addProperty("kid", "ec"), _ -> {}));
        assertInvalid(RSA.token(header -> header.addProperty("alg", "ES256"), _ -> {}));
        assertInvalid(RSA.token(header -> header.addProperty("alg", "RS512"), _ -> {}));
    }

    @Test
    void refuses_an_unknown_key_and_none() {
        TestIssuer stranger = new TestIssuer("stranger", TestIssuer.Kind.RS256);
        assertInvalid(stranger.token(_ -> {}));
        assertInvalid(stranger.token(header -> header.addProperty("kid", "rsa"), _ -> {}));
        assertInvalid(RSA.token(header -> header.remove("kid"), _ -> {}));
    }

    @Test
    void refuses_a_token_that_brings_its_own_key() {
        TestIssuer stranger = new TestIssuer("rsa", TestIssuer.Kind.RS256);
        assertInvalid(stranger.token(header -> header.add("jwk", stranger.jwk()), _ -> {}));
    }

    @ParameterizedTest
    @EnumSource(TestIssuer.Kind.class)
    void refuses_a_token_with_critical_headers(TestIssuer.Kind kind) {
        JsonArray critical = new JsonArray();
        critical.add("exp");
        assertInvalid(
                of(kind).token(
                                header -> {
                                    header.addProperty("exp", 1);
                                    header.add("crit", critical);
                                },
                                _ -> {}));
    }

    @Test
    void refuses_what_is_signed_for_another_purpose() {
        assertInvalid(RSA.token(header -> header.addProperty("typ", "logout+jwt"), _ -> {}));
        assertThat(
                        status(
                                        bearing(
                                                RSA.token(
                                                        header ->
                                                                header.addProperty("typ", "at+jwt"),
                                                        _ -> {})))
                                .getRoutesCount())
                .isPositive();
    }

    @Test
    void refuses_a_revoked_key() {
        assertThat(refused(REVOKED.reveal()).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refused(REVOKED.reveal()).reason()).isEqualTo("REVOKED_TOKEN");
    }

    @Test
    void refuses_an_expired_key() {
        assertThat(refused(EXPIRED.reveal()).code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refused(EXPIRED.reveal()).reason()).isEqualTo("EXPIRED_TOKEN");
    }

    @Test
    void refuses_a_key_of_another_server_and_a_wrong_secret_alike() {
        ApiKey stranger = ApiKey.random(RANDOM);
        String wrongSecret =
                ApiKey.PREFIX
                        + REVOKED.id()
                        + stranger.reveal().substring(stranger.reveal().lastIndexOf('_'));
        assertInvalid(stranger.reveal());
        assertInvalid(wrongSecret);
        assertThat(refused(stranger.reveal())).isEqualTo(refused(wrongSecret));
        assertInvalid("wb_" + READER.id());
        assertInvalid(READER.reveal().substring(0, READER.reveal().length() - 1));
    }

    @Test
    void refuses_a_token_of_a_hundred_kilobytes() {
        String token = RSA.token(claims -> claims.addProperty("more", "x".repeat(75_000)));
        assertThat(token.length()).isGreaterThan(100_000);
        assertInvalid(token);
        assertInvalid("x".repeat(100_000));
        assertThat(
                        status(
                                        bearing(
                                                RSA.token(claims ->
                                                        claims.addProperty(
                                                                "more", "x".repeat(5_000)))))
                                .getRoutesCount())
                .isPositive();
    }

    @Test
    void refuses_garbage() {
        for (String garbage : new String[] {"x", "..", "a.b.c", "e30.e30.e30", "wb_", "\"", "="}) {
            assertInvalid(garbage);
        }
    }

    // Who may do what.

    @Test
    void a_call_without_its_scope_is_refused_and_names_it() {
        Refusal refusal = refusal(() -> status(bearing(WRITER.reveal())));
        assertThat(refusal.code()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refusal.details()).containsEntry("scope", "admin:read");
        assertThat(refusal.message()).contains("admin:read").doesNotContain(WRITER.reveal());
    }

    @Test
    void each_method_needs_its_own_scope() {
        assertThat(scopeOf("event.EventService/dispatch", "events:read")).isEqualTo("events:write");
        assertThat(scopeOf("wirebrook.ingest.v1.IngestService/Ingest", ""))
                .isEqualTo("events:write");
        assertThat(scopeOf("wirebrook.ingest.v1.IngestService/Upload", ""))
                .isEqualTo("events:write");
        assertThat(scopeOf("wirebrook.ingest.v1.IngestService/Tail", "")).isEqualTo("events:read");
        for (String method :
                new String[] {
                    "GetStatus",
                    "GetCatalog",
                    "AwaitStored",
                    "ListDeadLetters",
                    "GetDeadLetter",
                    "GetDeadLetterStats"
                }) {
            assertThat(scopeOf("wirebrook.admin.v1.AdminService/" + method, "sql"))
                    .isEqualTo("admin:read");
        }
        for (String method : new String[] {"ReplayDeadLetters", "PurgeDeadLetters", "Drain"}) {
            assertThat(scopeOf("wirebrook.admin.v1.AdminService/" + method, "admin:read"))
                    .isEqualTo("admin:write");
        }
        assertThat(scopeOf("wirebrook.admin.v1.AdminService/Query", "admin:read admin:write"))
                .isEqualTo("sql");
    }

    /** What a method says is missing to a caller with these. */
    private static String scopeOf(String method, String scopes) {
        Channel caller = bearing(RSA.token(claims -> claims.addProperty("scope", scopes)));
        Refusal refusal =
                refusal(() ->
                        ClientCalls.blockingUnaryCall(
                                caller,
                                MethodDescriptor.newBuilder(
                                                RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                                        .setType(MethodDescriptor.MethodType.UNARY)
                                        .setFullMethodName(method)
                                        .build(),
                                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                                new byte[0]));
        assertThat(refusal.code()).as(method).isEqualTo(Status.Code.PERMISSION_DENIED);
        return String.valueOf(refusal.details().get("scope"));
    }

    @Test
    void who_may_only_look_neither_drains_nor_queries() {
        var admin = AdminServiceGrpc.newBlockingStub(bearing(READER.reveal()));
        assertThat(
                        refusal(() -> admin.drain(DrainRequest.newBuilder().setDrain(true).build()))
                                .details())
                .containsEntry("scope", "admin:write");
        assertThat(
                        refusal(() ->
                                        admin.query(
                                                        QueryRequest.newBuilder()
                                                                .setSql("select 1")
                                                                .build())
                                                .next())
                                .details())
                .containsEntry("scope", "sql");
        assertThat(server.node().state().name()).isEqualTo("SERVING");
    }

    @Test
    void health_is_open() {
        assertThat(
                        HealthGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(20, TimeUnit.SECONDS)
                                .check(HealthCheckRequest.getDefaultInstance())
                                .getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void reflection_needs_its_scope() throws Exception {
        assertThat(Status.fromThrowable(reflection(channel)).getCode())
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(Status.fromThrowable(reflection(bearing(READER.reveal()))).getCode())
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(
                        Status.fromThrowable(
                                        reflection(
                                                bearing(
                                                        RSA.token(claims ->
                                                                claims.addProperty(
                                                                        "scope", "reflection")))))
                                .getCode())
                .isEqualTo(Status.Code.OK);
    }

    /** How the stream ended. */
    private static Throwable reflection(Channel caller) throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(caller)
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .serverReflectionInfo(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(ServerReflectionResponse response) {}

                                    @Override
                                    public void onError(Throwable cause) {
                                        end.complete(cause);
                                    }

                                    @Override
                                    public void onCompleted() {
                                        end.complete(Status.OK.asException());
                                    }
                                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());
        requests.onCompleted();
        return end.get(20, TimeUnit.SECONDS);
    }

    @Test
    void an_unknown_method_is_told_to_known_callers_only() {
        assertThat(unknownMethod(channel)).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(unknownMethod(bearing("x"))).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(unknownMethod(bearing(WRITER.reveal()))).isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    private static Status.Code unknownMethod(Channel caller) {
        return refusal(() ->
                        ClientCalls.blockingUnaryCall(
                                caller,
                                MethodDescriptor.newBuilder(
                                                RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                                        .setType(MethodDescriptor.MethodType.UNARY)
                                        .setFullMethodName("made.Up/Method")
                                        .build(),
                                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                                new byte[0]))
                .code();
    }

    // What it leaves behind.

    @Test
    void refusals_are_counted_by_reason() throws Exception {
        assertInvalid(ApiKey.random(RANDOM).reveal());
        assertThat(refusal(() -> status(channel)).reason()).isEqualTo("NO_TOKEN");
        assertThat(refusal(() -> status(bearing(WRITER.reveal()))).code())
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        try (HttpClient client = HttpClient.newHttpClient()) {
            String metrics =
                    client.send(
                                    HttpRequest.newBuilder(URI.create(server.http() + "/metrics"))
                                            .header("authorization", "Bearer " + READER.reveal())
                                            .build(),
                                    BodyHandlers.ofString())
                            .body();
            for (String reason : new String[] {"invalid_token", "no_token", "missing_scope"}) {
                assertThat(metrics)
                        .containsPattern(
                                "wirebrook_auth_refused_total\\{reason=\"%s\"} [1-9]"
                                        .formatted(reason));
            }
        }
    }

    @Test
    void no_secret_is_logged_or_told() {
        String token = RSA.token(_ -> {});
        assertThat(status(bearing(token)).getRoutesCount()).isPositive();
        assertThat(status(bearing(READER.reveal())).getRoutesCount()).isPositive();
        String tampered = token.substring(0, token.length() - 4) + "AAAA";
        assertInvalid(tampered);
        assertInvalid(ApiKey.random(RANDOM).reveal());
        assertThatThrownBy(() -> status(bearing(REVOKED.reveal())))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageNotContaining(secretOf(REVOKED));
        assertThat(log.messages())
                .as("accesses are logged at this level")
                .anyMatch(line -> line.contains("AdminService/GetStatus"));
        assertThat(String.join("\n", log.messages()))
                .doesNotContain(secretOf(READER), secretOf(REVOKED), token, tampered)
                .doesNotContain(token.substring(token.lastIndexOf('.') + 1));
        assertThat(READER.toString()).doesNotContain(secretOf(READER));
    }

    private static String secretOf(ApiKey key) {
        return key.reveal().substring(key.reveal().lastIndexOf('_') + 1);
    }
}
