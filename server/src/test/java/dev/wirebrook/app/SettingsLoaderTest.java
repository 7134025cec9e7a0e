package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.wirebrook.GoldenFile;
import dev.wirebrook.app.ServerSettings.RouteSettings;
import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsLoaderTest {
    @TempDir Path folder;

    @Test
    void has_the_documented_defaults() throws Exception {
        ServerSettings settings = load("", Map.of(), Map.of());
        assertThat(settings.dataDir()).isEqualTo(Path.of("data"));
        assertThat(settings.insecure()).isFalse();
        assertThat(settings.grpc().host()).isEqualTo("127.0.0.1");
        assertThat(settings.grpc().port()).isEqualTo(8017);
        assertThat(settings.grpc().reflection()).isFalse();
        assertThat(settings.http().port()).isEqualTo(8019);
        assertThat(settings.journal().segmentBytes()).isEqualTo(64L << 20);
        assertThat(settings.events().schema()).isEmpty();
        assertThat(settings.events().maxAttempts()).isEqualTo(3);
        assertThat(settings.events().admissionWait()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.events().routes())
                .containsExactly(
                        new RouteSettings(
                                "warehouse",
                                List.of("*"),
                                "warehouse",
                                250_000,
                                Duration.ofSeconds(1)));
        assertThat(settings.warehouse().file()).isEqualTo(Path.of("data/warehouse.duckdb"));
        assertThat(settings.drain().grace()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void development_has_defaults_of_its_own() throws Exception {
        ServerSettings settings =
                SettingsLoader.load(
                        Profile.DEVELOPMENT, Optional.empty(), new Environment(Map.of()), Map.of());
        assertThat(settings.grpc().reflection()).isTrue();
        assertThat(settings.journal().segmentBytes()).isEqualTo(16L << 20);
        assertThat(settings.drain().grace()).isEqualTo(Duration.ZERO);
    }

    @ParameterizedTest
    @EnumSource(Profile.class)
    void every_default_can_be_read(Profile profile) {
        for (Setting<?> setting : SettingsCatalog.ALL) {
            assertThat(setting.type().parse(setting.defaultFor(profile)))
                    .as(setting.key())
                    .isNotNull();
        }
    }

    @Test
    void flags_win_over_variables_and_variables_over_the_file() throws Exception {
        String file =
                """
                grpc:
                  port: 1
                  threads: 1
                  host: 127.0.0.3
                """;
        ServerSettings settings =
                load(
                        file,
                        Map.of("WIREBROOK_GRPC_PORT", "2", "WIREBROOK_GRPC_THREADS", "2"),
                        Map.of("grpc.port", "3"));
        assertThat(settings.grpc().port()).isEqualTo(3);
        assertThat(settings.grpc().threads()).isEqualTo(2);
        assertThat(settings.grpc().host()).isEqualTo("127.0.0.3");
    }

    @Test
    void reports_all_problems_together_with_key_and_source() {
        String file =
                """
                journal:
                  segment-bytes: huge
                  segment-bites: 64MiB
                events:
                  max-attempts: 0
                """;
        assertThat(
                        problems(
                                file,
                                Map.of("WIREBROOK_DRAIN_GRACE", "soon", "WIREBROOK_GRPC_PROT", "1"),
                                Map.of("http.host", "0.0.0.0")))
                .extracting(SettingProblem::toString)
                .containsExactlyInAnyOrder(
                        "w.yaml:2: journal.segment-bytes: \"huge\" is no size; write a number with B, KiB, MiB or GiB, as in 64MiB",
                        "w.yaml:3: journal.segment-bites: no such setting; did you mean journal.segment-bytes?",
                        "w.yaml:5: events.max-attempts: 0 is not within 1 and 100",
                        "WIREBROOK_DRAIN_GRACE: drain.grace: \"soon\" is no duration; write a number with ms, s, m, h or d, as in 15s",
                        "environment: WIREBROOK_GRPC_PROT: no such setting; did you mean WIREBROOK_GRPC_PORT?",
                        "--http-host: http.host: 0.0.0.0 can be reached from other machines, and this server does"
                                + " not know its clients; give tls.certificate and tls.key, and auth.clients,"
                                + " auth.jwks or tls.client-authorities; bind 127.0.0.1 behind a proxy that knows"
                                + " them; or say --insecure");
    }

    @Test
    void takes_origins_as_browsers_send_them() throws Exception {
        assertThat(
                        load(
                                        "",
                                        Map.of(),
                                        Map.of(
                                                "http.origins",
                                                "https://App.example, http://x:3000"))
                                .http()
                                .origins())
                .containsExactly("https://app.example", "http://x:3000");
        for (String wrong :
                List.of("app.example", "https://app.example/", "ftp://x", "https://a b")) {
            assertThat(problems("", Map.of(), Map.of("http.origins", wrong)))
                    .extracting(SettingProblem::toString)
                    .singleElement()
                    .asString()
                    .contains("\"" + wrong + "\" is no origin", "https://app.example");
        }
    }

    @Test
    void binds_beyond_loopback_only_when_told_so() throws Exception {
        assertThat(problems("", Map.of(), Map.of("grpc.host", "::")))
                .extracting(SettingProblem::key)
                .containsExactly("grpc.host");
        assertThat(load("", Map.of(), Map.of("grpc.host", "::", "insecure", "true")).grpc().host())
                .isEqualTo("::");
        assertThat(load("", Map.of(), Map.of("grpc.host", "localhost")).grpc().host())
                .isEqualTo("localhost");
        Map<String, String> secured =
                Map.of("grpc.host", "::", "tls.certificate", "c.pem", "tls.key", "k.pem");
        assertThat(problems("", Map.of(), secured))
                .extracting(SettingProblem::key)
                .containsExactly("grpc.host");
        Map<String, String> knowing = new HashMap<>(secured);
        knowing.put("tls.client-authorities", "ca.pem");
        assertThat(load("", Map.of(), knowing).tls()).isPresent();
    }

    @Test
    void tls_is_set_whole_or_not_at_all() {
        assertThat(problems("", Map.of(), Map.of("tls.certificate", "c.pem")))
                .extracting(SettingProblem::toString)
                .containsExactly(
                        "default: tls.key: is empty, and tls.certificate is set; give both");
        assertThat(problems("", Map.of(), Map.of("tls.key", "k.pem")))
                .extracting(SettingProblem::key)
                .containsExactly("tls.certificate");
        assertThat(problems("", Map.of(), Map.of("tls.client-authorities", "ca.pem")))
                .extracting(SettingProblem::key)
                .containsExactly("tls.client-authorities");
    }

    @Test
    void a_user_of_redis_has_a_password() {
        assertThat(problems("", Map.of(), Map.of("market.redis.user", "wirebrook")))
                .extracting(SettingProblem::toString)
                .containsExactly(
                        "default: market.redis.password: is empty, and market.redis.user is set; give both, or leave both out");
    }

    @Test
    void leaves_alone_what_kubernetes_sets_for_a_service_of_our_name() throws Exception {
        Map<String, String> injected =
                Map.of(
                        "WIREBROOK_SERVICE_HOST", "10.0.0.1",
                        "WIREBROOK_SERVICE_PORT", "8017",
                        "WIREBROOK_SERVICE_PORT_GRPC", "8017",
                        "WIREBROOK_PORT", "tcp://10.0.0.1:8017",
                        "WIREBROOK_PORT_8017_TCP", "tcp://10.0.0.1:8017",
                        "WIREBROOK_PORT_8017_TCP_ADDR", "10.0.0.1",
                        "WIREBROOK_GRPC_PORT", "tcp://10.0.0.1:8017",
                        "WIREBROOK_GRPC_SERVICE_HOST", "10.0.0.1");
        assertThat(load("", injected, Map.of()).grpc().port()).isEqualTo(8017);
    }

    @Test
    void routes_are_named_in_the_file_and_in_variables() throws Exception {
        String file =
                """
                events:
                  routes:
                    purchases:
                      types: [CompletePurchaseEvent, AddToCartEvent]
                      interval: 200ms
                    all-others:
                      types: "*"
                """;
        ServerSettings settings =
                load(file, Map.of("WIREBROOK_EVENTS_ROUTES_ALL_OTHERS_ROWS_MAX", "10"), Map.of());
        assertThat(settings.events().routes())
                .containsExactly(
                        new RouteSettings(
                                "all-others", List.of("*"), "warehouse", 10, Duration.ofSeconds(1)),
                        new RouteSettings(
                                "purchases",
                                List.of("CompletePurchaseEvent", "AddToCartEvent"),
                                "warehouse",
                                250_000,
                                Duration.ofMillis(200)));
    }

    @Test
    void a_type_goes_to_one_route() {
        String file =
                """
                events:
                  routes:
                    a: {types: [LaunchEvent]}
                    b: {types: [LaunchEvent]}
                """;
        assertThat(problems(file, Map.of(), Map.of()))
                .extracting(SettingProblem::toString)
                .containsExactly(
                        "w.yaml:4: events.routes.b.types: LaunchEvent goes to route a already; name it once");
    }

    @ParameterizedTest
    @CsvSource({
        "events.batch-bytes-max, 8MiB, is above grpc.max-message-bytes",
        "journal.segment-bytes, 9000001, is no multiple of 4KiB",
        "journal.segment-bytes, 32GiB, 32GiB is not within 5MiB and 1GiB",
        "journal.total-bytes-max, 8MiB, is less than four times journal.segment-bytes",
        "journal.retention-bytes, 64GiB, leaves less than two segments",
        "events.retry.backoff-min, 1m, is above events.retry.backoff-max",
        "http.port, 8017, is grpc.port too"
    })
    void checks_settings_against_each_other(String key, String text, String complaint) {
        assertThat(problems("", Map.of(), Map.of(key, text)))
                .first()
                .satisfies(problem -> {
                    assertThat(problem.key()).isEqualTo(key);
                    assertThat(problem.description()).startsWith(complaint);
                });
    }

    @Test
    void partitions_need_rabbitmq() throws Exception {
        String route = "events: {routes: {hot: {types: ['*'], partitions: 8}}}";
        assertThat(problems(route, Map.of(), Map.of()))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.key()).isEqualTo("events.routes.hot.partitions");
                    assertThat(problem.description()).contains("events.log: rabbitmq");
                });
        Map<String, String> rabbit =
                Map.of("events.log", "rabbitmq", "rabbitmq.url", "amqp://127.0.0.1:5672");
        assertThat(load(route, Map.of(), rabbit).events().routes())
                .singleElement()
                .satisfies(hot -> assertThat(hot.partitions()).isEqualTo(8));
    }

    @Test
    void the_least_and_the_most_of_each_size_make_a_log() throws Exception {
        Map<String, String> least =
                Map.of(
                        "journal.segment-bytes", "5MiB",
                        "journal.pending-bytes-max", "8MiB",
                        "journal.total-bytes-max", "20MiB",
                        "journal.retention-bytes", "10MiB",
                        "events.batch-bytes-max", "1KiB");
        Map<String, String> most =
                Map.of(
                        "journal.segment-bytes", "1GiB",
                        "journal.pending-bytes-max", "16GiB",
                        "grpc.max-message-bytes", "256MiB",
                        "events.batch-bytes-max", "32MiB");
        for (Map<String, String> flags : List.of(least, most)) {
            ServerSettings settings = load("", Map.of(), flags);
            assertThat(RoomSettings.journal(settings.journal(), settings.events().batchBytesMax()))
                    .isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: &x 1\nb: *x\n",
                "a: &a [x, x]\n",
                "- grpc\n",
                "grpc: !!java.net.URL x\n",
                "grpc: {port: 1\n",
                "grpc:\n\tport: 1\n",
                "grpc: {port: 1}\n---\ngrpc: {port: 2}\n",
                "grpc: {port: 1}\ngrpc: {port: 2}\n",
                "grpc:\n  port:\n",
                "grpc: {port: [[1]]}\n",
                "grpc: {port: {number: 1}}\n",
                "? [a]\n: b\n",
                "just text\n",
            })
    void refuses_yaml_that_it_does_not_read(String file) {
        assertThat(problems(file, Map.of(), Map.of())).isNotEmpty();
    }

    @Test
    void says_when_there_is_no_file() {
        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(() ->
                        SettingsLoader.load(
                                Profile.PRODUCTION,
                                Optional.of(folder.resolve("none.yaml")),
                                new Environment(Map.of()),
                                Map.of()))
                .withMessageContaining("there is no such file");
    }

    @Test
    void the_default_file_stands_for_the_defaults() throws Exception {
        String uncommented =
                SettingsReference.yaml()
                        .lines()
                        .filter(line -> line.startsWith("# "))
                        .map(line -> line.substring(2))
                        .collect(java.util.stream.Collectors.joining("\n"));
        assertThat(load(uncommented, Map.of(), Map.of())).isEqualTo(load("", Map.of(), Map.of()));
        assertThat(load(SettingsReference.yaml(), Map.of(), Map.of()))
                .isEqualTo(load("", Map.of(), Map.of()));
    }

    @Test
    void the_reference_in_the_documents_is_up_to_date() {
        GoldenFile.document("docs/configuration.md").assertHolds(SettingsReference.markdown());
    }

    private ServerSettings load(
            String file, Map<String, String> variables, Map<String, String> flags)
            throws InvalidSettingsException {
        Path path = folder.resolve("w.yaml");
        try {
            Files.writeString(path, file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return SettingsLoader.load(
                Profile.PRODUCTION, Optional.of(path), new Environment(variables), flags);
    }

    private List<SettingProblem> problems(
            String file, Map<String, String> variables, Map<String, String> flags) {
        try {
            load(file, variables, flags);
            return List.of();
        } catch (InvalidSettingsException e) {
            return e.problems();
        }
    }
}
