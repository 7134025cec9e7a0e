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
            List.of("IO Error", "FATAL Error", "INTERNAL Error", "Connection Error");

    private DuckDbFaults() {}

    static boolean isCausedByData(SQLException e) {
        String message = message(e);
        return CAUSED_BY_DATA.stream().anyMatch(message::startsWith);
    }

    static boolean isCausedByEngine(SQLException e) {
        String message = message(e);
        return CAUSED_BY_ENGINE.stream().anyMatch(message::startsWith) || isFatal(e);
    }

    static boolean isOutOfMemory(SQLException e) {
        return message(e).startsWith("Out of Memory Error");
    }

    /** Whether the open database is of no use any more and has to be opened again. */
    static boolean isFatal(SQLException e) {
        String message = message(e);
        return message.startsWith("FATAL Error")
                || message.startsWith("INTERNAL Error")
                || message.contains("database has been invalidated");
    }

    static String message(SQLException e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }
}
