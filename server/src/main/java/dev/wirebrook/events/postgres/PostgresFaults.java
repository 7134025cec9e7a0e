package dev.wirebrook.events.postgres;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Tells the server's errors apart by their SQLSTATE. */
final class PostgresFaults {
    /**
     * Classes that a value can cause: data exception, integrity constraint violation, WITH CHECK
     * OPTION violation, program limit exceeded. Everything else is a fault of the server, the way
     * to it, or its tables.
     */
    private static final Set<String> CAUSED_BY_DATA = Set.of("22", "23", "44", "54");

    private PostgresFaults() {}

    static boolean isCausedByData(SQLException e) {
        String state = e.getSQLState();
        return state != null
                && state.length() == 5
                && CAUSED_BY_DATA.contains(state.substring(0, 2));
    }

    /**
     * The first cause, which is the server's own word: the pool says only that it has no
     * connection. A server's word is told with its detail and where it was met.
     */
    static String reason(SQLException e) {
        Throwable root = e;
        while (root.getCause() instanceof SQLException cause) {
            root = cause;
        }
        ServerErrorMessage server =
                root instanceof PSQLException failure ? failure.getServerErrorMessage() : null;
        if (server == null) {
            return root.getMessage()
                    + (root.getCause() instanceof IOException cause
                            ? part(": ", cause.getMessage())
                            : "");
        }
        return server.getMessage() + part("; ", server.getDetail()) + part(" at ", where(server));
    }

    /** Its first line. The others, and what stands behind the colon, are the values themselves. */
    private static @Nullable String where(ServerErrorMessage server) {
        String where = server.getWhere();
        if (where == null) {
            return null;
        }
        int copy = where.indexOf("COPY ");
        String from = copy < 0 ? where : where.substring(copy);
        return from.replaceFirst("(?s)[:\n].*", "");
    }

    private static String part(String before, @Nullable String text) {
        return text == null ? "" : before + text;
    }
}
