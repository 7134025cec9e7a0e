package dev.wirebrook.events;

import dev.wirebrook.schema.EventType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of the log while a route makes it ready, and frozen from then on until the next begins.
 *
 * <p>Rows stand in parallel arrays, since a batch has hundreds of thousands of them. Confined to
 * the route's thread.
 */
final class StagedBatch {
    private static final int ROWS_MIN = 1_024;

    private final String route;
    private Cursor from = Cursor.START;
    private final List<LoggedRequest> requests = new ArrayList<>();
    private final List<DeadLetterStore.DeadLetter> quarantined = new ArrayList<>();
    private EventType[] types = new EventType[ROWS_MIN];
    private int[] request = new int[ROWS_MIN];
    private int[] index = new int[ROWS_MIN];
    private int[] start = new int[ROWS_MIN];
    private int[] end = new int[ROWS_MIN];
    private long[] timeMicros = new long[ROWS_MIN];
    private long[] fingerprintLow = new long[ROWS_MIN];
    private long[] fingerprintHigh = new long[ROWS_MIN];
    // Settled otherwise than by a row, before each row.
    private int[] duplicatesBefore = new int[ROWS_MIN];
    private int[] quarantinedBefore = new int[ROWS_MIN];
    private final BitSet parked = new BitSet();
    private int rows;
    private int duplicates;
    private int quarantines;
    private long bytes;
    private Cursor to = Cursor.START;

    StagedBatch(String route) {
        this.route = route;
    }

    /** Begins the next batch in the place of the last, whose arrays it takes over. */
    void begin(Cursor cursor) {
        from = cursor;
        to = cursor;
        requests.clear();
        quarantined.clear();
        parked.clear();
        rows = 0;
        duplicates = 0;
        quarantines = 0;
        bytes = 0;
    }

    /**
     * @param logged the request it came in
     * @param first its first byte there
     * @param behind the byte behind it
     */
    void addRow(
            LoggedRequest logged,
            EventType type,
            int eventIndex,
            int first,
            int behind,
            long eventTimeMicros,
            long low,
            long high) {
        if (rows == request.length) {
            grow(2 * rows);
        }
        if (requests.isEmpty() || requests.getLast().position() != logged.position()) {
            requests.add(logged);
            bytes += logged.length();
        }
        types[rows] = type;
        request[rows] = requests.size() - 1;
        index[rows] = eventIndex;
        start[rows] = first;
        end[rows] = behind;
        timeMicros[rows] = eventTimeMicros;
        fingerprintLow[rows] = low;
        fingerprintHigh[rows] = high;
        duplicatesBefore[rows] = duplicates;
        quarantinedBefore[rows] = quarantines;
        rows++;
    }

    void addDuplicate() {
        duplicates++;
    }

    void addQuarantined(DeadLetterStore.DeadLetter letter) {
        quarantined.add(letter);
        quarantines++;
    }

    /** Everything before this place is part of the batch or settled before it. */
    void end(Cursor cursor) {
        to = cursor;
    }

    Cursor from() {
        return from;
    }

    Cursor to() {
        return to;
    }

    int rows() {
        return rows;
    }

    /** Events looked at, stored or not. */
    int events() {
        return rows + duplicates + quarantines;
    }

    /** Bytes held by the batch. */
    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return to.equals(from);
    }

    List<DeadLetterStore.DeadLetter> quarantined() {
        return quarantined;
    }

    /** First request's time of arrival, or {@code otherwise}. */
    long oldestIngestMicros(long otherwise) {
        return requests.isEmpty() ? otherwise : requests.getFirst().ingestTimeMicros();
    }

    LoggedRequest request(int row) {
        return requests.get(request[row]);
    }

    EventType type(int row) {
        return types[row];
    }

    Cursor cursor(int row) {
        return new Cursor(request(row).position(), index[row]);
    }

    int start(int row) {
        return start[row];
    }

    int end(int row) {
        return end[row];
    }

    long fingerprintLow(int row) {
        return fingerprintLow[row];
    }

    long fingerprintHigh(int row) {
        return fingerprintHigh[row];
    }

    /** Takes a row out of the slices made from now on: it is parked, and counts as such. */
    void park(int row) {
        parked.set(row);
    }

    /**
     * Rows {@code [low, high)} without the parked ones, and what was settled with them, as a batch
     * of their own.
     */
    Slice slice(int low, int high) {
        return new Slice(low, high);
    }

    private int duplicatesBefore(int row) {
        return row == rows ? duplicates : duplicatesBefore[row];
    }

    private int quarantinedBefore(int row) {
        return row == rows ? quarantines : quarantinedBefore[row];
    }

    private void grow(int size) {
        types = Arrays.copyOf(types, size);
        request = Arrays.copyOf(request, size);
        index = Arrays.copyOf(index, size);
        start = Arrays.copyOf(start, size);
        end = Arrays.copyOf(end, size);
        timeMicros = Arrays.copyOf(timeMicros, size);
        fingerprintLow = Arrays.copyOf(fingerprintLow, size);
        fingerprintHigh = Arrays.copyOf(fingerprintHigh, size);
        duplicatesBefore = Arrays.copyOf(duplicatesBefore, size);
        quarantinedBefore = Arrays.copyOf(quarantinedBefore, size);
    }

    /**
     * A part of the batch. What was settled between two rows goes with the first of them, as the
     * cursor does; what stands before the first row goes with the first part.
     */
    final class Slice implements FrozenBatch {
        private final int low;
        private final int high;
        // Null where no row is parked.
        private final int @Nullable [] kept;

        private Slice(int low, int high) {
            this.low = low;
            this.high = high;
            int firstParked = parked.nextSetBit(low);
            kept =
                    firstParked < 0 || firstParked >= high
                            ? null
                            : IntStream.range(low, high).filter(row -> !parked.get(row)).toArray();
        }

        /** The row's place in the whole batch. */
        int staged(int row) {
            return kept == null ? low + row : kept[row];
        }

        @Override
        public String route() {
            return route;
        }

        @Override
        public Cursor from() {
            return low == 0 ? from : cursor(low);
        }

        @Override
        public Cursor to() {
            return high == rows ? to : cursor(high);
        }

        @Override
        public SettledCounts counts() {
            int duplicatesFrom = low == 0 ? 0 : duplicatesBefore(low);
            int quarantinedFrom = low == 0 ? 0 : quarantinedBefore(low);
            return new SettledCounts(
                    size(),
                    duplicatesBefore(high) - duplicatesFrom,
                    quarantinedBefore(high) - quarantinedFrom,
                    high - low - size());
        }

        @Override
        public List<LoggedRequest> requests() {
            return requests;
        }

        @Override
        public int size() {
            return kept == null ? high - low : kept.length;
        }

        @Override
        public int request(int row) {
            return request[staged(row)];
        }

        @Override
        public int index(int row) {
            return index[staged(row)];
        }

        @Override
        public EventType type(int row) {
            return types[staged(row)];
        }

        @Override
        public int start(int row) {
            return start[staged(row)];
        }

        @Override
        public int end(int row) {
            return end[staged(row)];
        }

        @Override
        public long eventTimeMicros(int row) {
            return timeMicros[staged(row)];
        }
    }
}
