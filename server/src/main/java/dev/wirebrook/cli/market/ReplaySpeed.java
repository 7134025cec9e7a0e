package dev.wirebrook.cli.market;

import dev.wirebrook.cli.CommandFailure;
import java.util.Locale;

/**
 * How fast a file is replayed.
 *
 * @param factor times its own pace; infinite: as fast as the server takes it
 */
record ReplaySpeed(double factor) {
    private static final double NANOS_PER_MICRO = 1e3;

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

    /** Whether rows have to wait until they are due. */
    boolean isBounded() {
        return !Double.isInfinite(factor);
    }

    /** When what happened so long after the first row is due, after the start. */
    long nanosAfter(long micros) {
        return isBounded() ? (long) (micros * NANOS_PER_MICRO / factor) : 0;
    }
}
