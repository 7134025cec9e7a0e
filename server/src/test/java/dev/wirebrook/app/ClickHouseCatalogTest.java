package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.app.ServerSettings.RouteSettings;
import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import dev.wirebrook.app.config.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClickHouseCatalogTest {
    private static final String ENGINE = "warehouse.engine";

    private static ServerSettings load(Map<String, String> flags) throws InvalidSettingsException {
        return SettingsLoader.load(
                Profile.PRODUCTION, Optional.empty(), new Environment(Map.of()), flags);
    }

    @Test
    void duckdb_is_the_engine_when_nothing_is_said() throws Exception {
        assertThat(load(Map.of()).warehouse().clickHouse()).isEmpty();
    }

    @Test
    void has_defaults_for_all_but_the_choice() throws Exception {
        ServerSettings settings = load(Map.of(ENGINE, "clickhouse"));
        assertThat(settings.warehouse().clickHouse())
                .contains(
                        new ServerSettings.ClickHouseAccess(
                                URI.create("http://127.0.0.1:8123"),
                                "wirebrook",
                                "default",
                                Optional.empty(),
                                Duration.ofSeconds(5),
                                Duration.ofMinutes(1),
                                1 << 30));
    }

    @Test
    void routes_write_fewer_rows_at_once_unless_the_user_has_said() throws Exception {
        assertThat(load(Map.of(ENGINE, "clickhouse")).events().routes())
                .extracting(RouteSettings::rowsMax)
                .containsExactly(50_000);
        assertThat(
                        load(Map.of(ENGINE, "clickhouse", "events.routes.warehouse.rows-max", "7"))
                                .events()
                                .routes())
                .extracting(RouteSettings::rowsMax)
                .containsExactly(7);
    }

    @Test
    void the_password_reaches_the_adapter_and_no_text() throws Exception {
        ServerSettings settings =
                load(Map.of(ENGINE, "clickhouse", "warehouse.clickhouse.password", "key-77"));
        var access = settings.warehouse().clickHouse().orElseThrow();
        assertThat(access.password()).contains(new Secret("key-77"));
        assertThat(settings.toString()).doesNotContain("key-77");
        var handedOn = RoomSettings.clickHouse(settings.warehouse(), access);
        assertThat(handedOn.password()).isEqualTo("key-77");
        assertThat(handedOn.toString()).doesNotContain("key-77");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "db.example:8123",
                "tcp://key-77@db.example:9000",
                "http://",
                "http://a b",
                ""
            })
    void a_wrong_url_is_told_without_quoting_it(String url) {
        assertThatThrownBy(() -> load(Map.of("warehouse.clickhouse.url", url)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContainingAll("warehouse.clickhouse.url", "http://db.example:8123")
                .hasMessageNotContaining("key-77");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://default:key-77@db.example:8123",
                "http://db.example:8123?password=key-77"
            })
    void credentials_have_settings_of_their_own(String url) {
        assertThatThrownBy(() -> load(Map.of("warehouse.clickhouse.url", url)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContainingAll(
                        "warehouse.clickhouse.url", "warehouse.clickhouse.password")
                .hasMessageNotContaining("key-77");
    }

    @Test
    void a_database_has_a_name() {
        assertThatThrownBy(() -> load(Map.of("warehouse.clickhouse.database", "")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("warehouse.clickhouse.database");
    }

    @Test
    void an_unknown_engine_is_told_with_those_that_are() {
        assertThatThrownBy(() -> load(Map.of(ENGINE, "oracle")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContainingAll(ENGINE, "duckdb", "clickhouse");
    }
}
