package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import dev.wirebrook.auth.AuthSources;
import dev.wirebrook.auth.TokenRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuthSettingsTest {
    private static final String SECRET = "a secret of thirty-two bytes, and more";

    private static Optional<AuthSettings> load(Map<String, String> flags) throws Exception {
        return SettingsLoader.load(
                        Profile.DEVELOPMENT, Optional.empty(), new Environment(Map.of()), flags)
                .auth();
    }

    private static String problems(Map<String, String> flags) {
        return String.valueOf(
                Objects.requireNonNull(
                                catchThrowableOfType(
                                        InvalidSettingsException.class, () -> load(flags)))
                        .problems());
    }

    @Test
    void nobody_is_asked_by_default() throws Exception {
        assertThat(load(Map.of())).isEmpty();
    }

    @Test
    void a_file_of_clients_is_enough() throws Exception {
        AuthSettings set = load(Map.of("auth.clients", "c.jsonl")).orElseThrow();
        assertThat(set.sources())
                .isEqualTo(
                        new AuthSources(
                                Optional.of(Path.of("c.jsonl")),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
        assertThat(set.lookEvery()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void tokens_have_rules() throws Exception {
        assertThat(
                        load(Map.of("auth.jwks", "j.json", "auth.audience", "shop"))
                                .orElseThrow()
                                .sources()
                                .rules())
                .contains(new TokenRules("", "shop", Duration.ofSeconds(30), "tenant"));
        AuthSources sources =
                load(Map.of(
                                "auth.hs256-secret", SECRET,
                                "auth.audience", "shop",
                                "auth.issuer", "id",
                                "auth.clock-skew", "5s",
                                "auth.tenant-claim", "org"))
                        .orElseThrow()
                        .sources();
        assertThat(sources.shared()).isPresent();
        assertThat(sources.rules())
                .contains(new TokenRules("id", "shop", Duration.ofSeconds(5), "org"));
        assertThat(sources.toString()).doesNotContain(SECRET);
    }

    @Test
    void tokens_need_an_audience() {
        assertThat(problems(Map.of("auth.jwks", "j.json"))).contains("auth.audience: is empty");
        assertThat(problems(Map.of("auth.hs256-secret", SECRET)))
                .contains("auth.audience: is empty")
                .doesNotContain(SECRET);
    }

    @Test
    void the_claim_of_the_tenant_has_a_name() {
        for (String claim : new String[] {"", " "}) {
            assertThat(
                            problems(
                                    Map.of(
                                            "auth.jwks", "j.json",
                                            "auth.audience", "shop",
                                            "auth.tenant-claim", claim)))
                    .contains("auth.tenant-claim: is empty", "without a tenant");
        }
    }

    @Test
    void rules_without_keys_are_a_mistake() {
        assertThat(problems(Map.of("auth.audience", "shop")))
                .contains("auth.audience: is set, and no tokens are taken");
        assertThat(problems(Map.of("auth.issuer", "id", "auth.clients", "c.jsonl")))
                .contains("auth.issuer: is set, and no tokens are taken");
    }

    @Test
    void a_short_secret_is_refused_and_not_told() {
        String thirtyOne = "x".repeat(31);
        assertThat(problems(Map.of("auth.hs256-secret", thirtyOne, "auth.audience", "shop")))
                .contains("shorter than 32 bytes")
                .doesNotContain(thirtyOne);
    }

    @Test
    void beyond_loopback_tokens_take_tls() throws Exception {
        Map<String, String> flags = new HashMap<>();
        flags.put("grpc.host", "0.0.0.0");
        assertThat(problems(flags)).contains("does not know its clients");
        flags.put("auth.clients", "c.jsonl");
        assertThat(problems(flags)).contains("in clear text").contains("tls.certificate");
        flags.put("tls.certificate", "c.pem");
        flags.put("tls.key", "k.pem");
        assertThat(load(flags)).isPresent();
        flags.remove("auth.clients");
        assertThat(problems(flags)).contains("does not know its clients");
    }
}
