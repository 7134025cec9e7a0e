package dev.wirebrook.events;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A batch's rows sorted by event type, for sinks with a table for each. A counting sort, so a
 * type's rows keep the order of the log. Reused for batch after batch; not thread-safe.
 */
public final class RowsByType {
    private static final BitSet NONE = new BitSet();

    private int[] rows = {};
    private final int[] starts;

    /**
     * @param types how many types the catalogue has
     */
    public RowsByType(int types) {
        starts = new int[types + 1];
    }

    public void sort(FrozenBatch batch) {
        sort(batch, NONE);
    }

    /**
     * @param leftOut rows that are stored already
     */
    public void sort(FrozenBatch batch, BitSet leftOut) {
        int size = batch.size();
        Arrays.fill(starts, 0);
        for (int row = 0; row < size; row++) {
            if (!leftOut.get(row)) {
                starts[batch.type(row).ordinal() + 1]++;
            }
        }
        for (int type = 1; type < starts.length; type++) {
            starts[type] += starts[type - 1];
        }
        if (rows.length < size) {
            rows = new int[size];
        }
        int[] ends = Arrays.copyOf(starts, starts.length - 1);
        for (int row = 0; row < size; row++) {
            if (!leftOut.get(row)) {
                rows[ends[batch.type(row).ordinal()]++] = row;
            }
        }
    }

    /** Number of rows of all types. */
    public int size() {
        return starts[starts.length - 1];
    }

    /** Number of rows of a type. */
    public int size(int type) {
        return starts[type + 1] - starts[type];
    }

    /** Where a type's rows begin; they end where the next type's begin. */
    public int start(int type) {
        return starts[type];
    }

    /** The batch's row at a place of the sorted order. */
    public int row(int place) {
        return rows[place];
    }
}
