package dev.wirebrook.events.duckdb;

import java.sql.SQLException;
import java.util.List;

/**
 * Tells the engine's errors apart by the class that opens their message, such as {@code "IO
 * Error:"}; the driver gives no codes.
 */
final class DuckDbFaults {
    /** What a value can cause. Everything else is a fault of the engine or of the machine. */
    private static final List<String> CAUSED_BY_DATA =
            List.of("Conversion Error", "Constraint Error", "Out of Range Error");

    /** What neither a query nor a value can cause. */
    private static final List<String> CAUSED_BY_ENGINE =
            List.of(
                    "IO Error",
                    "FATAL Error",
                    "INTERNAL Error",
                    "Connection Error",
                    "Data Corruption Error",
                    "Serialization Error",
                    "TransactionContext Error",
                    "Executor Error",
                    "Scheduler Error");

    /** Parts of messages that tell of a file whose content is wrong, whatever class they have. */
    private static final List<String> DAMAGE =
            List.of(
                    "Data Corruption Error",
                    "Serialization Error",
                    "Corrupt database file",
                    "ould not read enough bytes",
                    "not a valid DuckDB database file",
                    "Failure while replaying WAL");

    private static final String THROWN = "java.lang.IllegalArgumentException: ";

    private static final String REPAIR =
            "; the warehouse file is damaged: stop the server and restore the file from a backup, or"
                    + " move it away with its .wal file to start with an empty one, which gets what"
                    + " the log still holds";

    private DuckDbFaults() {}

    static boolean isCausedByData(SQLException e) {
        String message = message(e);
        return CAUSED_BY_DATA.stream().anyMatch(message::startsWith) && !isDamage(e);
    }

    static boolean isCausedByEngine(SQLException e) {
        String message = message(e);
        return CAUSED_BY_ENGINE.stream().anyMatch(message::startsWith) || isFatal(e) || isDamage(e);
    }

    /** Whether the content of the file is wrong: only an operator can help. */
    static boolean isDamage(SQLException e) {
        String message = message(e);
        return DAMAGE.stream().anyMatch(message::contains);
    }

    /** What went wrong, for operators: with what to do if they have to. */
    static String reason(SQLException e) {
        return isDamage(e) ? message(e) + REPAIR : message(e);
    }

    static boolean isOutOfMemory(SQLException e) {
        return message(e).startsWith("Out of Memory Error");
    }

    /** Whether the open database is of no use any more and has to be opened again. */
    static boolean isFatal(SQLException e) {
        String message = message(e);
        return message.startsWith("FATAL Error")
                || message.startsWith("INTERNAL Error")
                || message.startsWith("Data Corruption Error")
                || message.contains("database has been invalidated");
    }

    /** What the engine says; of what a function in Java threw, its message without the stack. */
    static String message(SQLException e) {
        String message = e.getMessage();
        if (message == null) {
            return e.toString();
        }
        int thrown = message.indexOf(THROWN);
        if (thrown < 0) {
            return message;
        }
        int stack = message.indexOf("\n\tat ", thrown);
        return message.substring(thrown + THROWN.length(), stack < 0 ? message.length() : stack);
    }
}
