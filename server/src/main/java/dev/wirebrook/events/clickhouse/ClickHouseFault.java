package dev.wirebrook.events.clickhouse;

import com.clickhouse.client.api.ServerException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the server refused, or that it did not answer. Codes are those of ClickHouse's
 * ErrorCodes.cpp, which never change their meaning.
 */
final class ClickHouseFault extends Exception {
    private static final long serialVersionUID = 1;

    private static final int NO_ANSWER = 0;
    private static final int UNKNOWN_USER = 192;
    private static final int WRONG_PASSWORD = 193;
    private static final int NOT_ENOUGH_SPACE = 243;
    private static final int TOO_MANY_PARTS = 252;
    private static final int ACCESS_DENIED = 497;
    private static final int AUTHENTICATION_FAILED = 516;

    private static final String CREDENTIALS =
            "check warehouse.clickhouse.user and warehouse.clickhouse.password";

    /** What the values of a row can cause; the same rows will be refused again. */
    private static final Set<Integer> CAUSED_BY_DATA =
            Set.of(
                    6, // CANNOT_PARSE_TEXT
                    26, // CANNOT_PARSE_QUOTED_STRING
                    27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
                    38, // CANNOT_PARSE_DATE
                    41, // CANNOT_PARSE_DATETIME
                    53, // TYPE_MISMATCH
                    69, // ARGUMENT_OUT_OF_BOUND
                    70, // CANNOT_CONVERT_TYPE
                    72, // CANNOT_PARSE_NUMBER
                    117, // INCORRECT_DATA
                    128, // TOO_LARGE_ARRAY_SIZE
                    131, // TOO_LARGE_STRING_SIZE
                    321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
                    349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
                    395, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
                    407, // DECIMAL_OVERFLOW
                    467, // CANNOT_PARSE_BOOL
                    469); // VIOLATED_CONSTRAINT

    /** What no query can cause, however it is written. */
    private static final Set<Integer> CAUSED_BY_SERVER =
            Set.of(
                    NO_ANSWER,
                    74, // CANNOT_READ_FROM_FILE_DESCRIPTOR
                    76, // CANNOT_OPEN_FILE
                    UNKNOWN_USER,
                    WRONG_PASSWORD,
                    209, // SOCKET_TIMEOUT
                    210, // NETWORK_ERROR
                    236, // ABORTED
                    NOT_ENOUGH_SPACE,
                    279, // ALL_CONNECTION_TRIES_FAILED
                    AUTHENTICATION_FAILED,
                    1001); // STD_EXCEPTION

    private static final Set<Integer> OUT_OF_ROOM =
            Set.of(
                    173, // CANNOT_ALLOCATE_MEMORY
                    202, // TOO_MANY_SIMULTANEOUS_QUERIES
                    241); // MEMORY_LIMIT_EXCEEDED

    private static final Set<Integer> OUT_OF_TIME =
            Set.of(
                    159, // TIMEOUT_EXCEEDED
                    160, // TOO_SLOW
                    394); // QUERY_WAS_CANCELLED

    /** For those who look at a route that waits. It goes on by itself when the cause is gone. */
    private static final Map<Integer, String> ADVICE =
            Map.of(
                    NO_ANSWER,
                    "see that it runs, and that warehouse.clickhouse.url names it",
                    WRONG_PASSWORD,
                    CREDENTIALS,
                    UNKNOWN_USER,
                    CREDENTIALS,
                    AUTHENTICATION_FAILED,
                    CREDENTIALS,
                    ACCESS_DENIED,
                    "grant the user SELECT, INSERT, CREATE and ALTER on"
                            + " warehouse.clickhouse.database",
                    TOO_MANY_PARTS,
                    "merges do not keep up: write larger batches less often"
                            + " (events.routes.<name>.interval)",
                    NOT_ENOUGH_SPACE,
                    "make room on the server's disk");

    private final int code;

    ClickHouseFault(int code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** What may pass by itself, and is no answer of the server. */
    static ClickHouseFault passing(String reason) {
        return new ClickHouseFault(NO_ANSWER, reason, null);
    }

    static ClickHouseFault of(RuntimeException thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ServerException server) {
                return new ClickHouseFault(server.getCode(), firstLine(server), thrown);
            }
        }
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new ClickHouseFault(
                NO_ANSWER, "the server does not answer: " + firstLine(root), thrown);
    }

    /** The server's message without the version and the query's id, which differ each time. */
    private static String firstLine(Throwable thrown) {
        String message = thrown.getMessage();
        if (message == null) {
            return thrown.toString();
        }
        return message.lines()
                .findFirst()
                .orElse("")
                .replaceFirst("^Code: Code: ", "Code: ")
                .replaceFirst(" \\(version [^()]*(\\([^)]*\\))?\\)", "")
                .replaceFirst(" \\(queryId= [^)]*\\)", "")
                .strip();
    }

    String reason() {
        String message = getMessage();
        return message == null ? toString() : message;
    }

    /** The same, and what to do where the server's own words do not say it. */
    String advice() {
        String advice = ADVICE.get(code);
        return advice == null ? reason() : reason() + "; " + advice;
    }

    boolean isCausedByData() {
        return CAUSED_BY_DATA.contains(code);
    }

    boolean isCausedByServer() {
        return CAUSED_BY_SERVER.contains(code);
    }

    boolean isOutOfRoom() {
        return OUT_OF_ROOM.contains(code);
    }

    boolean isOutOfTime() {
        return OUT_OF_TIME.contains(code);
    }
}
