package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.SettingProblem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransactionalSettingsTest {
    private static final String URL = "jdbc:postgresql://db:5432/events?sslmode=verify-full";

    private static ServerSettings load(Map<String, String> variables, Map<String, String> flags)
            throws InvalidSettingsException {
        return SettingsLoader.load(
                Profile.PRODUCTION, Optional.empty(), new Environment(variables), flags);
    }

    private static List<String> problems(Map<String, String> flags) {
        try {
            load(Map.of(), flags);
            return List.of();
        } catch (InvalidSettingsException e) {
            return e.problems().stream().map(SettingProblem::toString).toList();
        }
    }

    @Test
    void stores_in_a_file_of_the_data_folder_unless_told_otherwise() throws Exception {
        assertThat(load(Map.of(), Map.of("data-dir", "d")).transactional())
                .isEqualTo(new TransactionalSettings.Sqlite(Path.of("d/transactional.db")));
    }

    @Test
    void takes_postgres_with_all_that_belongs_to_it() throws Exception {
        assertThat(
                        load(
                                        Map.of("WIREBROOK_TRANSACTIONAL_PASSWORD", "hush"),
                                        Map.of(
                                                "transactional.engine", "postgres",
                                                "transactional.url", URL,
                                                "transactional.user", "wirebrook",
                                                "transactional.connections-max", "9",
                                                "transactional.connect-timeout", "2s",
                                                "transactional.answer-timeout", "1m"))
                                .transactional())
                .isEqualTo(
                        new TransactionalSettings.Postgres(
                                URL,
                                "wirebrook",
                                Optional.of(new Secret("hush")),
                                9,
                                Duration.ofSeconds(2),
                                Duration.ofMinutes(1)));
    }

    @Test
    void never_shows_the_password() throws Exception {
        ServerSettings settings =
                load(
                        Map.of("WIREBROOK_TRANSACTIONAL_PASSWORD", "hush"),
                        Map.of("transactional.engine", "postgres", "transactional.url", URL));
        assertThat(settings.toString()).doesNotContain("hush");
        assertThat(((TransactionalSettings.Postgres) settings.transactional()).inItsRoom())
                .asString()
                .doesNotContain("hush");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    postgres://u:hush@db/x                    | does not begin with jdbc:postgresql://; write jdbc:postgresql://host:5432/database
                    jdbc:mysql://db/x?password=hush           | does not begin with jdbc:postgresql://; write jdbc:postgresql://host:5432/database
                    jdbc:postgresql://u:hush@db/x             | names a user before the host; give it as transactional.user, and the password as transactional.password
                    jdbc:postgresql://db/x?user=u&password=hush | holds a password; give it as transactional.password, which is never shown
                    jdbc:postgresql://db:port/x               | is no url of a PostgreSQL; write jdbc:postgresql://host:5432/database
                    """)
    void says_what_is_wrong_with_a_url_and_never_shows_it(String url, String complaint) {
        assertThat(problems(Map.of("transactional.engine", "postgres", "transactional.url", url)))
                .containsExactly("--transactional-url: transactional.url: " + complaint);
    }

    @Test
    void misses_what_engine_and_url_say_of_each_other() {
        assertThat(problems(Map.of("transactional.engine", "postgres")))
                .containsExactly(
                        "default: transactional.url: is empty, and transactional.engine is postgres;"
                                + " write jdbc:postgresql://host:5432/database");
        assertThat(problems(Map.of("transactional.url", URL)))
                .containsExactly(
                        "default: transactional.engine: is sqlite, and transactional.url is set;"
                                + " write postgres, or leave the url out");
        assertThat(problems(Map.of("transactional.engine", "oracle")))
                .containsExactly(
                        "--transactional-engine: transactional.engine: \"oracle\" is not one of"
                                + " sqlite, postgres");
    }

    @Test
    void a_transactional_route_commits_a_thousand_rows_unless_told_otherwise() throws Exception {
        Map<String, String> flags =
                Map.of(
                        "WIREBROOK_EVENTS_ROUTES_A_TYPES", "LaunchEvent",
                        "WIREBROOK_EVENTS_ROUTES_A_SINK", "transactional",
                        "WIREBROOK_EVENTS_ROUTES_B_TYPES", "AddToCartEvent",
                        "WIREBROOK_EVENTS_ROUTES_B_SINK", "transactional",
                        "WIREBROOK_EVENTS_ROUTES_B_ROWS_MAX", "5",
                        "WIREBROOK_EVENTS_ROUTES_C_TYPES", "*");
        assertThat(load(flags, Map.of()).events().routes())
                .extracting(ServerSettings.RouteSettings::rowsMax)
                .containsExactly(1_000, 5, 250_000);
    }
}
