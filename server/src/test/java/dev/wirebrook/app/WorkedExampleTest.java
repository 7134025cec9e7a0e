package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.Profile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The settings that the documents show are the ones in deploy/, and a server reads them. */
class WorkedExampleTest {
    private static final Path EXAMPLE = Path.of("../deploy/wirebrook.yaml");
    private static final Pattern VARIABLE = Pattern.compile("(WIREBROOK_[A-Z_]+): (\\S+)");

    @Test
    void a_server_reads_it_with_the_passwords_of_the_compose_file() throws Exception {
        Map<String, String> variables = new TreeMap<>();
        var matcher = VARIABLE.matcher(Files.readString(Path.of("../deploy/compose.yaml")));
        while (matcher.find()) {
            variables.put(matcher.group(1), matcher.group(2));
        }
        assertThat(variables).hasSize(4);
        ServerSettings settings =
                SettingsLoader.load(
                        Profile.PRODUCTION,
                        Optional.of(EXAMPLE),
                        new Environment(variables),
                        Map.of("insecure", "true", "grpc.host", "0.0.0.0", "http.host", "0.0.0.0"));
        var rabbit = settings.rabbitmq().orElseThrow();
        assertThat(rabbit.address()).isEqualTo("rabbitmq:5672");
        assertThat(rabbit.password()).isEqualTo("laptop");
        assertThat(rabbit.jsonRoutes()).containsExactly("money");
        assertThat(settings.transactional())
                .isInstanceOfSatisfying(
                        TransactionalSettings.Postgres.class,
                        postgres -> assertThat(postgres.password()).isPresent());
        assertThat(settings.warehouse().clickHouse().orElseThrow().password()).isPresent();
        assertThat(settings.webhooks().custom()).hasSize(1);
        assertThat(settings.events().routes())
                .extracting(route -> route.name() + " " + route.sink() + " " + route.rowsMax())
                .containsExactlyInAnyOrder(
                        "money transactional 1000", "everything-else warehouse 50000");
        assertThat(settings.toString()).doesNotContain("laptop");
    }

    @Test
    void the_documents_show_it_as_it_is() throws Exception {
        assertThat(Files.readString(Path.of("../docs/engines.md")))
                .contains("```yaml\n" + Files.readString(EXAMPLE) + "```\n");
    }
}
