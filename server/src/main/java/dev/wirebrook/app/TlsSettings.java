package dev.wirebrook.app;

import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingProblem;
import dev.wirebrook.app.config.SettingTypes;
import dev.wirebrook.app.config.SettingValues;
import dev.wirebrook.tls.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What both listeners are secured with.
 *
 * @param lookEvery how often the files are looked at
 */
public record TlsSettings(TlsFiles files, Duration lookEvery) {
    static final Setting<Optional<Path>> CERTIFICATE =
            Setting.of(
                    "tls.certificate",
                    SettingTypes.optionalPath(),
                    "",
                    "PEM file of the server's certificate and those between it and its authority. With it both ports speak TLS only.");
    static final Setting<Optional<Path>> KEY =
            Setting.of(
                    "tls.key",
                    SettingTypes.optionalPath(),
                    "",
                    "PEM file of its private key, in PKCS #8 and not encrypted.");
    static final Setting<Optional<Path>> CLIENT_AUTHORITIES =
            Setting.of(
                    "tls.client-authorities",
                    SettingTypes.optionalPath(),
                    "",
                    "PEM file of who signs clients' certificates. With it gRPC takes nobody without one.");
    static final Setting<Duration> LOOK_EVERY =
            Setting.of(
                    "tls.look-every",
                    SettingTypes.duration(Duration.ofMillis(10), Duration.ofDays(1)),
                    "10s",
                    "How often these files are looked at; changed ones are used from then on.");
    static final List<Setting<?>> ALL = List.of(CERTIFICATE, KEY, CLIENT_AUTHORITIES, LOOK_EVERY);

    static Optional<TlsSettings> of(SettingValues values) {
        Optional<Path> certificate = values.get(CERTIFICATE);
        Optional<Path> key = values.get(KEY);
        return certificate.isEmpty() || key.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new TlsSettings(
                                new TlsFiles(
                                        certificate.get(),
                                        key.get(),
                                        values.get(CLIENT_AUTHORITIES)),
                                values.get(LOOK_EVERY)));
    }

    /** What no setting can tell alone. */
    static List<SettingProblem> problems(SettingValues values) {
        boolean certificate = values.get(CERTIFICATE).isPresent();
        if (certificate != values.get(KEY).isPresent()) {
            return List.of(
                    certificate
                            ? values.problem(KEY, "is empty, and tls.certificate is set; give both")
                            : values.problem(
                                    CERTIFICATE, "is empty, and tls.key is set; give both"));
        }
        return !certificate && values.get(CLIENT_AUTHORITIES).isPresent()
                ? List.of(
                        values.problem(
                                CLIENT_AUTHORITIES,
                                "is set, and the server has no certificate of its own; give"
                                        + " tls.certificate and tls.key"))
                : List.of();
    }
}
