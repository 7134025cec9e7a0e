package dev.wirebrook.cli.market;

import dev.wirebrook.cli.CommandFailure;
import java.util.Locale;

/**
 * How fast a file is replayed.
 *
 * @param factor times its own pace; infinite: as fast as the server takes it
 */
record ReplaySpeed(double factor) {
    private static final double NANOS_PER_MILLI = 1e6;

    ReplaySpeed {
        if (!(factor > 0)) {
            throw new IllegalArgumentException("speed " + factor);
        }
    }

    /** Such as "1x", "0.5x" or "max". */
    static ReplaySpeed parse(String text) {
        String plain = text.strip().toLowerCase(Locale.ROOT);
        if (plain.equals("max")) {
            return new ReplaySpeed(Double.POSITIVE_INFINITY);
        }
        try {
            double factor =
                    Double.parseDouble(
                            plain.endsWith("x") ? plain.substring(0, plain.length() - 1) : plain);
            if (factor > 0 && Double.isFinite(factor)) {
                return new ReplaySpeed(factor);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw CommandFailure.usage(
                "--speed %s is no speed".formatted(text), "Use 1x, 100x, 0.5x or max");
    }

    /** When what happened so long after the first row is due, after the start. */
    long nanosAfter(long millis) {
        return Double.isInfinite(factor) ? 0 : (long) (millis * NANOS_PER_MILLI / factor);
    }
}
