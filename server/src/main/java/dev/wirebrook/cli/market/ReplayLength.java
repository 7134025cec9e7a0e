package dev.wirebrook.cli.market;

import dev.wirebrook.cli.CommandFailure;

/**
 * How much a file holds, which has to be known to say how far a replay is.
 *
 * @param rows 0: not known
 * @param spanMicros from the first row's time to the last row's
 */
record ReplayLength(long rows, long spanMicros) {
    static final ReplayLength UNKNOWN = new ReplayLength(0, 0);

    /** Reads them all. What is wrong with a row is said when it is its turn. */
    static ReplayLength of(PriceRows rows) {
        long count = 0;
        long first = 0;
        long last = 0;
        try {
            for (PriceRows.Tick tick = rows.next(); tick != null; tick = rows.next()) {
                first = count == 0 ? tick.atMicros() : first;
                last = tick.atMicros();
                count++;
            }
        } catch (CommandFailure wrongRow) {
            // The rows before it are replayed.
        }
        return new ReplayLength(count, last - first);
    }

    /**
     * How much is done, 0 to 1; negative when it is not known.
     *
     * @param elapsedNanos since the first row
     * @param rowsRead so far
     */
    double fraction(ReplaySpeed speed, long elapsedNanos, long rowsRead) {
        long spanNanos = speed.nanosAfter(spanMicros);
        if (spanNanos > 0) {
            return Math.min(1, (double) elapsedNanos / spanNanos);
        }
        return rows == 0 ? -1 : Math.min(1, (double) rowsRead / rows);
    }
}
