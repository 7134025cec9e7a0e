package dev.wirebrook.app;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps libraries from telling at length that all is well; one of them names every parameter of its
 * connection. Faults stay.
 */
final class LibraryLog {
    // Held, since the logging framework forgets the level of a logger that nobody holds.
    private static final List<Logger> TALKATIVE =
            List.of(Logger.getLogger("org.flywaydb"), Logger.getLogger("com.zaxxer.hikari"));

    private LibraryLog() {}

    /** Leaves a level alone that somebody has set. */
    static void quiet() {
        for (Logger logger : TALKATIVE) {
            if (logger.getLevel() == null) {
                logger.setLevel(Level.WARNING);
            }
        }
    }
}
