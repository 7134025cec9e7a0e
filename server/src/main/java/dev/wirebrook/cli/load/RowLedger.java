package dev.wirebrook.cli.load;

import java.util.TreeSet;

/**
 * How far a load is settled, though its batches are answered in another order than their rows stand
 * in the file. Confined to one thread.
 */
final class RowLedger {
    private final TreeSet<Long> unsettled = new TreeSet<>();
    private long lastNumber;

    /** A load that begins behind a row. */
    RowLedger(long rowsDone) {
        lastNumber = rowsDone;
    }

    /** The row is on its way, or will never be: {@link #settled} or nothing follows. */
    void passed(long number) {
        lastNumber = number;
    }

    /** A batch was opened whose first row is this. */
    void opened(long firstNumber) {
        unsettled.add(firstNumber);
    }

    /** That batch was answered. */
    void settled(long firstNumber) {
        unsettled.remove(firstNumber);
    }

    /** Every row up to this one needs nothing more. */
    long rowsDone() {
        return unsettled.isEmpty() ? lastNumber : unsettled.first() - 1;
    }
}
