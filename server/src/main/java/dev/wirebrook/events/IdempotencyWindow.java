package dev.wirebrook.events;

import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which events were taken in lately, by fingerprint of (client, event id), bounded in
 * number and in time.
 *
 * <p>The window is a ring of generations. Ids go into the youngest; when it holds its share of the
 * ids, or has been open for its share of the time, the next begins and the oldest is forgotten
 * whole. So between {@code (n-1)/n} of {@code idsMax} and all of them are remembered. A generation
 * is an open-addressing table of 128-bit fingerprints, at most two thirds full, and one {@link
 * GenerationFilter} before all of them says which are worth a look: a new id, the usual case, costs
 * two accesses to memory and not one for each table. A full window costs 28 to 56 bytes an id (the
 * default of four million ids about 150 MB), an empty one nothing to speak of. With 128 bits, a
 * window of four million ids takes a new event for an old one with a probability of 1 in 10^31.
 *
 * <p>Written by the route's thread only. {@link #contains} may be called by any thread: it can miss
 * an id that is being added at that moment, and never finds one that is not there.
 */
final class IdempotencyWindow {
    private static final int GENERATIONS = GenerationFilter.GENERATIONS;

    private static final class Generation {
        /** Its bit in the filter: no two in the ring have the same. */
        final int number;

        final long firstPosition;
        final long openedMicros;
        FingerprintTable table;

        Generation(int number, long firstPosition, long openedMicros, FingerprintTable table) {
            this.number = number;
            this.firstPosition = firstPosition;
            this.openedMicros = openedMicros;
            this.table = table;
        }
    }

    // immutable state
    private final int generationIdsMax;
    private final long generationMicrosMax;
    private final long windowMicros;

    // mutable state: oldest first, youngest last; replaced whole so that readers see a consistent
    // ring
    private volatile Generation[] generations = new Generation[0];

    // replaced by a larger one, filled, when it holds too many
    private volatile GenerationFilter filter = new GenerationFilter(GenerationFilter.WORDS_MIN);

    // ids in the ring, known to its writer only
    private long held;

    // when the oldest event arrived from which on every id is in the ring
    private volatile long completeSinceMicros;

    IdempotencyWindow(long idsMax, Duration window) {
        generationIdsMax =
                (int) Math.max(1, Math.min(idsMax / GENERATIONS, FingerprintTable.IDS_MAX));
        windowMicros = window.toNanos() / 1_000;
        generationMicrosMax = Math.max(1, windowMicros / GENERATIONS);
    }

    boolean contains(long low, long high) {
        int candidates = filter.candidates(low, high);
        if (candidates == 0) {
            return false;
        }
        Generation[] ring = generations;
        for (int i = ring.length - 1; i >= 0; i--) {
            if ((candidates >>> ring[i].number & 1) != 0 && ring[i].table.contains(low, high)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Adds an id and says whether it is new.
     *
     * @param position where its record stands in the log
     * @param ingestMicros when it arrived; this is the window's clock
     */
    boolean add(long low, long high, long position, long ingestMicros) {
        if (contains(low, high)) {
            return false;
        }
        Generation youngest = youngest(position, ingestMicros);
        youngest.table = youngest.table.with(low, high);
        filter.add(low, high, youngest.number);
        held++;
        if (filter.isTooSmallFor(held)) {
            enlargeFilter();
        }
        return true;
    }

    private void enlargeFilter() {
        GenerationFilter larger = filter.larger();
        for (Generation generation : generations) {
            generation.table.forEach((low, high) -> larger.add(low, high, generation.number));
        }
        filter = larger;
        held = ids();
    }

    /** Forgets an id, so that the event may come again. */
    void remove(long low, long high) {
        for (Generation generation : generations) {
            generation.table.remove(low, high);
        }
    }

    /**
     * When the oldest event arrived from which on every id is remembered, in microseconds since
     * 1970; 0: since the log began.
     */
    long completeSinceMicros() {
        return completeSinceMicros;
    }

    /** Ids of events that arrived before are not all here. */
    void isIncompleteBefore(long micros) {
        completeSinceMicros = Math.max(completeSinceMicros, micros);
    }

    void clear() {
        completeSinceMicros = 0;
        generations = new Generation[0];
        filter = new GenerationFilter(GenerationFilter.WORDS_MIN);
        held = 0;
    }

    /**
     * Where the oldest remembered id stands in the log; nothing before it is needed to rebuild this
     * window.
     */
    long oldestPosition(long otherwise) {
        Generation[] ring = generations;
        return ring.length == 0 ? otherwise : ring[0].firstPosition;
    }

    /** Drops what has left the window. */
    void expire(long nowMicros) {
        Generation[] ring = generations;
        int expired = 0;
        while (expired < ring.length
                && nowMicros - ring[expired].openedMicros > windowMicros + generationMicrosMax) {
            expired++;
        }
        if (expired > 0 && expired == ring.length) {
            clear();
            isIncompleteBefore(nowMicros - windowMicros);
        } else if (expired > 0) {
            isIncompleteBefore(ring[expired].openedMicros);
            generations = Arrays.copyOfRange(ring, expired, ring.length);
            for (int i = 0; i < expired; i++) {
                filter.clear(ring[i].number);
            }
            held = ids();
        }
    }

    /** How many ids it holds at most. */
    long idsMax() {
        return (long) generationIdsMax * GENERATIONS;
    }

    /** Whether the next generation makes it forget the oldest. */
    boolean isFull() {
        return generations.length == GENERATIONS;
    }

    /** How long it remembers, in microseconds. */
    long micros() {
        return windowMicros;
    }

    long ids() {
        long ids = 0;
        for (Generation generation : generations) {
            ids += generation.table.size();
        }
        return ids;
    }

    long bytes() {
        Generation[] ring = generations;
        if (ring.length == 0) {
            return 0;
        }
        long bytes = filter.bytes();
        for (Generation generation : ring) {
            bytes += generation.table.bytes();
        }
        return bytes;
    }

    private Generation youngest(long position, long ingestMicros) {
        Generation[] ring = generations;
        @Nullable Generation youngest = ring.length == 0 ? null : ring[ring.length - 1];
        if (youngest != null
                && youngest.table.size() < generationIdsMax
                && ingestMicros - youngest.openedMicros < generationMicrosMax) {
            return youngest;
        }
        Generation next = next(ring, position, ingestMicros);
        int dropped = ring.length == GENERATIONS ? 1 : 0;
        if (dropped > 0) {
            isIncompleteBefore(ring.length > 1 ? ring[1].openedMicros : ingestMicros);
        }
        Generation[] grown = Arrays.copyOfRange(ring, dropped, ring.length + 1);
        grown[grown.length - 1] = next;
        generations = grown;
        held = ids();
        return next;
    }

    /**
     * A full ring goes round: with tables of their own, generations that come and go in seconds
     * would fill the old generation of the collector, too.
     */
    private Generation next(Generation[] ring, long position, long ingestMicros) {
        if (ring.length < GENERATIONS) {
            int number = ring.length == 0 ? 0 : (ring[ring.length - 1].number + 1) % GENERATIONS;
            return new Generation(
                    number,
                    position,
                    ingestMicros,
                    new FingerprintTable(FingerprintTable.SLOTS_MIN));
        }
        Generation oldest = ring[0];
        filter.clear(oldest.number);
        return new Generation(oldest.number, position, ingestMicros, oldest.table.emptied());
    }
}
