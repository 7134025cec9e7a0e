package dev.wirebrook.app;

import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingProblem;
import dev.wirebrook.app.config.SettingTypes;
import dev.wirebrook.app.config.SettingValues;
import dev.wirebrook.auth.AuthSources;
import dev.wirebrook.auth.TokenRules;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * By what the server knows its clients.
 *
 * @param lookEvery how often the files are looked at
 */
public record AuthSettings(AuthSources sources, Duration lookEvery) {
    private static final int SHARED_BYTES_MIN = 32;

    static final Setting<Optional<Path>> CLIENTS =
            Setting.of(
                    "auth.clients",
                    SettingTypes.optionalPath(),
                    "",
                    "File of API keys and of certificates' names, which 'wirebrook token' writes. With it, or with one of the next two, gRPC takes nobody whom it does not know.");
    static final Setting<Optional<Path>> JWKS =
            Setting.of(
                    "auth.jwks",
                    SettingTypes.optionalPath(),
                    "",
                    "JWKS file of the keys that sign tokens (JWT): RS256, ES256, EdDSA.");
    static final Setting<Optional<Secret>> HS256_SECRET =
            Setting.of(
                    "auth.hs256-secret",
                    SettingTypes.secret(),
                    "",
                    "Secret of 32 bytes or more that signs tokens with HS256. Empty: no such token is taken.");
    static final Setting<String> ISSUER =
            Setting.of(
                    "auth.issuer",
                    SettingTypes.text(),
                    "",
                    "What a token has to have as its iss. Empty: anything.");
    static final Setting<String> AUDIENCE =
            Setting.of(
                    "auth.audience",
                    SettingTypes.text(),
                    "",
                    "What a token has to name in its aud. Needed with auth.jwks and auth.hs256-secret.");
    static final Setting<Duration> CLOCK_SKEW =
            Setting.of(
                    "auth.clock-skew",
                    SettingTypes.duration(Duration.ZERO, Duration.ofMinutes(10)),
                    "30s",
                    "How far the clocks of the tokens' issuer and of this server may be apart.");
    static final Setting<String> TENANT_CLAIM =
            Setting.of(
                    "auth.tenant-claim",
                    SettingTypes.text(),
                    "tenant",
                    "The claim of a token that names the tenant. A token without it has no tenant; one in which it is empty, or not a valid name of a tenant, is refused.");
    static final Setting<Duration> LOOK_EVERY =
            Setting.of(
                    "auth.look-every",
                    SettingTypes.duration(Duration.ofMillis(10), Duration.ofDays(1)),
                    "10s",
                    "How often these files are looked at; changed ones are used from then on.");
    static final List<Setting<?>> ALL =
            List.of(
                    CLIENTS,
                    JWKS,
                    HS256_SECRET,
                    ISSUER,
                    AUDIENCE,
                    CLOCK_SKEW,
                    TENANT_CLAIM,
                    LOOK_EVERY);

    /** Empty: the server asks nobody who they are. */
    static Optional<AuthSettings> of(SettingValues values) {
        return isOn(values)
                ? Optional.of(
                        new AuthSettings(
                                new AuthSources(
                                        values.get(CLIENTS),
                                        values.get(JWKS),
                                        values.get(HS256_SECRET).map(AuthSettings::key),
                                        takesTokens(values)
                                                ? Optional.of(rules(values))
                                                : Optional.empty()),
                                values.get(LOOK_EVERY)))
                : Optional.empty();
    }

    /** Whether any of what clients are known by is set. */
    static boolean isOn(SettingValues values) {
        return values.get(CLIENTS).isPresent() || takesTokens(values);
    }

    private static boolean takesTokens(SettingValues values) {
        return values.get(JWKS).isPresent() || values.get(HS256_SECRET).isPresent();
    }

    private static TokenRules rules(SettingValues values) {
        return new TokenRules(
                values.get(ISSUER),
                values.get(AUDIENCE),
                values.get(CLOCK_SKEW),
                values.get(TENANT_CLAIM));
    }

    private static SecretKey key(Secret secret) {
        return new SecretKeySpec(bytes(secret), "HmacSHA256");
    }

    private static byte[] bytes(Secret secret) {
        return secret.reveal().getBytes(StandardCharsets.UTF_8);
    }

    /** What no setting can tell alone. */
    static List<SettingProblem> problems(SettingValues values) {
        List<SettingProblem> problems = new ArrayList<>();
        Optional<Secret> secret = values.get(HS256_SECRET);
        if (secret.isPresent() && bytes(secret.get()).length < SHARED_BYTES_MIN) {
            problems.add(
                    values.problem(
                            HS256_SECRET,
                            "is shorter than 32 bytes; make one with: openssl rand -hex 32"));
        }
        boolean audience = !values.get(AUDIENCE).isEmpty();
        if (takesTokens(values) && !audience) {
            problems.add(
                    values.problem(
                            AUDIENCE,
                            "is empty, and tokens are taken; name what their issuer calls this server"));
        }
        if (values.get(TENANT_CLAIM).isBlank()) {
            problems.add(
                    values.problem(
                            TENANT_CLAIM,
                            "is empty, so every token would be one without a tenant, which may do more; name a claim, or leave the setting out"));
        }
        if (!takesTokens(values) && (audience || !values.get(ISSUER).isEmpty())) {
            // Whoever sets these believes that tokens are checked.
            problems.add(
                    values.problem(
                            audience ? AUDIENCE : ISSUER,
                            "is set, and no tokens are taken; give auth.jwks too"));
        }
        return problems;
    }
}
