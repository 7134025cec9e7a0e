package dev.wirebrook.market;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What the book holds of one epoch. A book that starts over gets another: so nobody who reads along
 * ever sees numbers of two epochs mixed, for he holds on to one until he is ready for the next.
 *
 * <p>One thread at a time writes, under the book's lock; reading takes none.
 */
final class Edition {
    private final String epoch;
    private final AtomicReferenceArray<BookUpdate> ring;
    private final ConcurrentHashMap<Integer, BookUpdate> latest = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Integer> ids = new ConcurrentHashMap<>();
    private int highestId;

    /** Up to it no id is free; counts only once the highest is taken. */
    private int filledTo;

    private volatile long sequence;
    private volatile long seen;

    Edition(String epoch, int kept) {
        this.epoch = epoch;
        ring = new AtomicReferenceArray<>(kept);
    }

    String epoch() {
        return epoch;
    }

    /** Of the last update; 0: there was none. */
    long sequence() {
        return sequence;
    }

    /** Of the latest update that anybody may have been shown: some come before their turn. */
    long seen() {
        return Math.max(seen, sequence);
    }

    int size() {
        return latest.size();
    }

    /**
     * An id that no symbol has: the next above all others, and when the highest there is was taken,
     * the lowest. To be called by who writes, while there are fewer symbols than ids.
     */
    int freeId() {
        if (highestId < Integer.MAX_VALUE) {
            return highestId + 1;
        }
        while (latest.containsKey(filledTo + 1)) {
            filledTo++;
        }
        return filledTo + 1;
    }

    /** How many of the latest updates are kept. */
    int kept() {
        return ring.length();
    }

    @Nullable BookUpdate find(int symbolId) {
        return latest.get(symbolId);
    }

    @Nullable Integer id(String symbol) {
        return ids.get(symbol);
    }

    Collection<BookUpdate> all() {
        return latest.values();
    }

    Set<Integer> symbolIds() {
        return latest.keySet();
    }

    /** The update with a number up to {@link #sequence}, or null when it is not kept. */
    @Nullable BookUpdate at(long number) {
        BookUpdate update = ring.getAcquire(place(number));
        return update != null && update.sequence() == number ? update : null;
    }

    /**
     * A symbol's first update after a number, or null when it is not kept.
     *
     * @param last of the symbol's, after that number
     */
    @Nullable BookUpdate firstAfter(long number, BookUpdate last) {
        BookUpdate first = last;
        while (first != null && first.previousSequence() > number) {
            first = at(first.previousSequence());
        }
        return first;
    }

    /** Adds the next update. */
    void add(BookUpdate update) {
        remember(update);
        ring.setRelease(place(update.sequence()), update);
        sequence = update.sequence();
    }

    /**
     * Leaves out updates: these are the latest then.
     *
     * @param number of the last that is left out
     * @param values some perhaps later than that, with updates that are still to be added
     */
    void skip(long number, Collection<BookUpdate> values) {
        values.forEach(this::remember);
        sequence = number;
    }

    private void remember(BookUpdate update) {
        highestId = Math.max(highestId, update.symbolId());
        seen = Math.max(seen, update.sequence());
        if (!update.symbol().isEmpty()) {
            ids.putIfAbsent(update.symbol(), update.symbolId());
        }
        BookUpdate known = latest.get(update.symbolId());
        if (known == null || known.sequence() < update.sequence()) {
            latest.put(update.symbolId(), update);
        }
    }

    private int place(long number) {
        return (int) (number & (ring.length() - 1));
    }
}
