package dev.wirebrook.events.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import com.clickhouse.client.api.ServerException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClickHouseFaultTest {
    private static ClickHouseFault fault(int code) {
        return ClickHouseFault.of(
                new IllegalStateException(new ServerException(code, "Code: " + code, 500, "")));
    }

    @ParameterizedTest(name = "code {0}")
    @ValueSource(ints = {6, 27, 53, 70, 117, 321, 349, 469})
    void what_the_rows_cause_is_permanent(int code) {
        assertThat(fault(code).isCausedByData()).isTrue();
        assertThat(fault(code).isCausedByServer()).isFalse();
    }

    @ParameterizedTest(name = "code {0}")
    @ValueSource(
            ints = {
                3, // UNEXPECTED_END_OF_FILE
                16, // NO_SUCH_COLUMN_IN_TABLE, which is added again
                33, // CANNOT_READ_ALL_DATA, of an insert that was cut off
                60, // UNKNOWN_TABLE, which is made again
                159, 164, 192, 193, 202, 209, 210, 241, 242, 243, 252, 285, 319, 439, 497, 516, 999,
                1001, 77_777
            })
    void all_else_may_pass(int code) {
        assertThat(fault(code).isCausedByData()).isFalse();
    }

    @ParameterizedTest(name = "code {0}")
    @ValueSource(ints = {192, 193, 516})
    void refused_credentials_are_told_with_the_settings_that_hold_them(int code) {
        assertThat(fault(code).advice())
                .contains("warehouse.clickhouse.user", "warehouse.clickhouse.password");
    }

    @Test
    void a_server_that_does_not_answer_is_told_with_the_setting_that_names_it() {
        ClickHouseFault fault =
                ClickHouseFault.of(
                        new IllegalStateException(new ConnectException("Connection refused")));
        assertThat(fault.advice()).contains("Connection refused", "warehouse.clickhouse.url");
        assertThat(fault.isCausedByServer()).isTrue();
        assertThat(fault.isCausedByData()).isFalse();
    }

    @Test
    void the_reason_leaves_out_what_differs_each_time() {
        ClickHouseFault fault =
                ClickHouseFault.of(
                        new ServerException(
                                117,
                                "Code: 117. DB::Exception: wrong. (INCORRECT_DATA)"
                                        + " (version 26.5.3.1 (official build)) (queryId= 1-2)",
                                500,
                                "1-2"));
        assertThat(fault.reason()).isEqualTo("Code: 117. DB::Exception: wrong. (INCORRECT_DATA)");
    }
}
