package dev.wirebrook.events.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

class PostgresFaultsTest {
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    08001, cannot connect
                    08006, connection lost
                    25006, read-only
                    28P01, wrong password
                    40001, serialization failure
                    40P01, deadlock
                    42501, no right to the table
                    42P01, no such table
                    53100, disk full
                    53200, out of memory
                    53300, too many connections
                    55P03, lock not available
                    57014, statement timeout
                    57P01, shut down by the administrator
                    57P03, starting up
                    58030, I/O error
                    XX000, internal error
                    """)
    void what_may_pass_is_waited_out(String state, String what) {
        assertThat(PostgresFaults.isCausedByData(new SQLException(what, state))).as(what).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    22003, number out of range
                    22021, character not in repertoire
                    22P03, binary format
                    23502, not null
                    23514, check
                    44000, WITH CHECK OPTION
                    54000, row too large for an index
                    """)
    void what_the_data_cause_stays(String state, String what) {
        assertThat(PostgresFaults.isCausedByData(new SQLException(what, state))).as(what).isTrue();
    }

    @Test
    void an_error_that_names_no_state_is_waited_out() {
        assertThat(PostgresFaults.isCausedByData(new SQLException("closed"))).isFalse();
        assertThat(PostgresFaults.isCausedByData(new SQLException("odd", "22"))).isFalse();
    }

    @Test
    void the_reason_is_what_the_driver_met_and_not_what_the_pool_says_of_it() {
        SQLException refused =
                new PSQLException(
                        "Connection to 127.0.0.1:1 refused.",
                        PSQLState.CONNECTION_UNABLE_TO_CONNECT,
                        new ConnectException("Connection refused"));
        assertThat(
                        PostgresFaults.reason(
                                new SQLTransientConnectionException(
                                        "request timed out after 3000ms", refused)))
                .isEqualTo("Connection to 127.0.0.1:1 refused.: Connection refused");
    }
}
