package dev.wirebrook.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import dev.wirebrook.TestIssuer;
import dev.wirebrook.failure.Failure.Unauthenticated.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticatorTest {
    private static final TestIssuer ISSUER = new TestIssuer("one", TestIssuer.Kind.EdDSA);
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(US_ASCII);
    private static final TokenRules RULES =
            new TokenRules("", TestIssuer.AUDIENCE, Duration.ofSeconds(30), "org");

    @TempDir private Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private Path jwks;

    @BeforeEach
    void write() throws IOException {
        jwks = Files.writeString(folder.resolve("jwks.json"), TestIssuer.jwks(ISSUER));
    }

    private Authenticator open(Optional<SecretKey> shared) throws IOException {
        return Authenticator.once(
                new AuthSources(Optional.empty(), Optional.of(jwks), shared, Optional.of(RULES)),
                now::get);
    }

    private Authenticator open() throws IOException {
        return open(Optional.empty());
    }

    private static Verdict verdict(Authenticator authenticator, String token) {
        return authenticator.authenticate(Optional.of("Bearer " + token), "");
    }

    private static Reason refused(Authenticator authenticator, String token) {
        return ((Verdict.Refused) verdict(authenticator, token)).failure().reason();
    }

    @Test
    void knows_the_tenant_by_the_claim_that_is_set() throws IOException {
        Verdict.Allowed allowed =
                (Verdict.Allowed)
                        verdict(
                                open(),
                                ISSUER.token(claims -> {
                                    claims.addProperty("org", "acme");
                                    claims.addProperty("tenant", "other");
                                    claims.addProperty("scope", "sql openid events:read");
                                }));
        assertThat(allowed.principal())
                .isEqualTo(new Principal("till", "acme", Set.of(Scope.SQL, Scope.EVENTS_READ)));
        assertThat(refused(open(), ISSUER.token(claims -> claims.addProperty("org", 7))))
                .isEqualTo(Reason.INVALID_TOKEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "\" \"",
                "\"\\u00a0\"",
                "\"\\u0000\"",
                "null",
                "7",
                "true",
                "[]",
                "[\"acme\"]",
                "{}",
                "\"acme \"",
                "\"ac me\"",
                "\"acme.\"",
                "\".acme\"",
                "\"acme..eu\"",
                "\".\"",
                "\"acme/eu\"",
                "\"webhook/shop\"",
                "\"acme#1\"",
                "\"*\"",
                "\"acm\u00e9\"",
                "\"acme\\n\""
            })
    void a_tenant_that_is_not_a_name_is_refused_and_not_taken_for_none(String tenant)
            throws IOException {
        Verdict verdict =
                verdict(
                        open(),
                        ISSUER.token(claims -> claims.add("org", JsonParser.parseString(tenant))));
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused -> {
                            assertThat(refused.failure().reason()).isEqualTo(Reason.INVALID_TOKEN);
                            assertThat(refused.failure().message())
                                    .contains("claim \"org\"", "expected", "acme.eu");
                        });
    }

    @Test
    void a_tenant_that_is_too_long_is_refused() throws IOException {
        assertThat(verdict(open(), tokenOf("a".repeat(128)))).isInstanceOf(Verdict.Allowed.class);
        assertThat(refused(open(), tokenOf("a".repeat(129)))).isEqualTo(Reason.INVALID_TOKEN);
    }

    private static String tokenOf(String tenant) {
        return ISSUER.token(claims -> claims.addProperty("org", tenant));
    }

    @ParameterizedTest
    @ValueSource(strings = {"acme", "acme.eu", "A-1_b.c.0", "6f9619ff-8b86-d011-b42d-00c04fc964ff"})
    void a_tenant_that_is_a_name_is_known(String tenant) throws IOException {
        assertThat(verdict(open(), tokenOf(tenant)))
                .isInstanceOfSatisfying(
                        Verdict.Allowed.class,
                        allowed -> assertThat(allowed.principal().tenant()).isEqualTo(tenant));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "\"  \"", "\"\\u00a0\"", "\"a\\u0000b\"", "null"})
    void a_subject_that_names_nobody_is_refused(String subject) throws IOException {
        assertThat(
                        refused(
                                open(),
                                ISSUER.token(claims ->
                                        claims.add("sub", JsonParser.parseString(subject)))))
                .isEqualTo(Reason.INVALID_TOKEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "\" \"", "[]", "[\"\"]", "null", "7", "{\"*\":1}"})
    void scopes_that_name_nothing_allow_nothing(String scopes) throws IOException {
        assertThat(
                        verdict(
                                open(),
                                ISSUER.token(claims ->
                                        claims.add("scope", JsonParser.parseString(scopes)))))
                .isInstanceOfSatisfying(
                        Verdict.Allowed.class,
                        allowed -> assertThat(allowed.principal().scopes()).isEmpty());
    }

    @Test
    void rules_name_the_claim_of_the_tenant() {
        assertThatThrownBy(() -> new TokenRules("", "shop", Duration.ZERO, " "))
                .hasMessageContaining("tenant");
    }

    @Test
    void a_remembered_token_ends_when_it_says() throws IOException {
        Authenticator authenticator = open();
        String token = ISSUER.token(_ -> {});
        Verdict.Allowed allowed = (Verdict.Allowed) verdict(authenticator, token);
        assertThat(verdict(authenticator, token)).isSameAs(allowed);
        assertThat(authenticator.holds(allowed)).isTrue();
        now.set(Instant.ofEpochMilli(allowed.until()));
        assertThat(authenticator.holds(allowed)).isFalse();
        assertThat(refused(authenticator, token)).isEqualTo(Reason.EXPIRED_TOKEN);
    }

    @Test
    void a_flood_of_bad_tokens_drives_out_no_good_one() throws IOException {
        Authenticator authenticator = open();
        String good = ISSUER.token(_ -> {});
        Verdict before = verdict(authenticator, good);
        String start = good.substring(0, good.lastIndexOf('.') + 1);
        for (int i = 0; i < 12_000; i++) {
            assertThat(refused(authenticator, "e30.e30." + i)).isEqualTo(Reason.INVALID_TOKEN);
        }
        for (int i = 0; i < 200; i++) {
            assertThat(refused(authenticator, start + "A".repeat(80) + i))
                    .isEqualTo(Reason.INVALID_TOKEN);
        }
        assertThat(authenticator.cached()).isEqualTo(1);
        assertThat(verdict(authenticator, good)).isSameAs(before);
        assertThat(authenticator.refused(Reason.INVALID_TOKEN)).isEqualTo(12_200);
    }

    @Test
    void takes_a_shared_secret_only_where_there_is_one() throws IOException {
        String token =
                TestIssuer.signShared(
                        SECRET,
                        TestIssuer.unsigned(
                                ISSUER.header(header -> header.addProperty("alg", "HS256")),
                                TestIssuer.claims(_ -> {})));
        assertThat(refused(open(), token)).isEqualTo(Reason.INVALID_TOKEN);
        Authenticator sharing = open(Optional.of(new SecretKeySpec(SECRET, "HmacSHA256")));
        assertThat(verdict(sharing, token)).isInstanceOf(Verdict.Allowed.class);
        assertThat(verdict(sharing, ISSUER.token(_ -> {}))).isInstanceOf(Verdict.Allowed.class);
        String wrong =
                TestIssuer.signShared(
                        ISSUER.publicKey(), token.substring(0, token.lastIndexOf('.')));
        assertThat(refused(sharing, wrong)).isEqualTo(Reason.INVALID_TOKEN);
    }

    @Test
    void refuses_a_short_shared_secret() {
        assertThatThrownBy(() ->
                        open(
                                Optional.of(
                                        new SecretKeySpec(
                                                "short".getBytes(US_ASCII), "HmacSHA256"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32 bytes");
    }

    @Test
    void knows_nobody_without_a_header_or_a_certificate() throws IOException {
        assertThat(open().authenticate(Optional.empty(), ""))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused ->
                                assertThat(refused.failure().reason()).isEqualTo(Reason.NO_TOKEN));
        assertThat(open().authenticate(Optional.empty(), "till"))
                .isInstanceOfSatisfying(
                        Verdict.Refused.class,
                        refused ->
                                assertThat(refused.failure().reason())
                                        .isEqualTo(Reason.UNKNOWN_CERTIFICATE));
    }

    @Test
    void a_server_for_keys_takes_no_tokens() throws IOException {
        Path clients = Files.writeString(folder.resolve("clients.jsonl"), "");
        Authenticator authenticator =
                Authenticator.once(
                        new AuthSources(
                                Optional.of(clients),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()),
                        now::get);
        assertThat(refused(authenticator, ISSUER.token(_ -> {}))).isEqualTo(Reason.INVALID_TOKEN);
    }

    @Test
    void tells_the_scope_that_is_missing_and_counts_it() throws IOException {
        Authenticator authenticator = open();
        Principal reader = new Principal("till", "", Set.of(Scope.EVENTS_READ));
        assertThat(authenticator.refusal(reader, Scope.EVENTS_READ)).isEmpty();
        assertThat(authenticator.refusal(reader, Scope.SQL).orElseThrow().message())
                .contains("scope sql")
                .contains("till");
        assertThat(authenticator.denied()).isEqualTo(1);
    }
}
