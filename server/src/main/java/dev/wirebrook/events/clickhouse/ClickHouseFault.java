package dev.wirebrook.events.clickhouse;

import com.clickhouse.client.api.ServerException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the server refused, or that it did not answer. Codes are those of ClickHouse's
 * ErrorCodes.cpp, which never change their meaning.
 */
final class ClickHouseFault extends Exception {
    private static final long serialVersionUID = 1;

    private static final int NO_ANSWER = 0;

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
                    192, // UNKNOWN_USER
                    193, // WRONG_PASSWORD
                    209, // SOCKET_TIMEOUT
                    210, // NETWORK_ERROR
                    236, // ABORTED
                    243, // NOT_ENOUGH_SPACE
                    279, // ALL_CONNECTION_TRIES_FAILED
                    516, // AUTHENTICATION_FAILED
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

    private final int code;

    ClickHouseFault(int code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
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
                .replaceFirst(" \\(version [^)]*(\\([^)]*\\))?\\)", "")
                .replaceFirst(" \\(queryId= [^)]*\\)", "")
                .strip();
    }

    String reason() {
        String message = getMessage();
        return message == null ? toString() : message;
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
