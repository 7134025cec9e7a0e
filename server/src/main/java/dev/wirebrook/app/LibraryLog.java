package dev.wirebrook.app;

import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps libraries from telling at length that all is well; one of them names every parameter of its
 * connection. Faults stay.
 */
final class LibraryLog {
    // Held, since the logging framework forgets the level of a logger that nobody holds.
    private static final Map<Logger, Level> TALKATIVE =
            Map.of(
                    Logger.getLogger("org.flywaydb"),
                    Level.WARNING,
                    Logger.getLogger("com.zaxxer.hikari"),
                    Level.WARNING,
                    // They log what they throw, too; the server says it once, where it matters.
                    Logger.getLogger("com.rabbitmq"),
                    Level.OFF,
                    Logger.getLogger("com.clickhouse"),
                    Level.OFF);

    private LibraryLog() {}

    /** Leaves a level alone that somebody has set. */
    static void quiet() {
        TALKATIVE.forEach((logger, level) -> {
            if (logger.getLevel() == null) {
                logger.setLevel(level);
            }
        });
    }
}
