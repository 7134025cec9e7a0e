package dev.wirebrook.events;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * An open-addressing set of 128-bit fingerprints with linear probing.
 *
 * <p>One thread writes, any thread reads without a lock: a slot's low word is written before its
 * high word is released, and a table that is full is copied into a larger one, which the owner
 * publishes. The fingerprints (0, 0) and (1, 0) cannot be held, since they mark a free and a
 * removed slot; {@link Fingerprint} never gives them.
 */
final class FingerprintTable {
    /** Takes the low and the high word of a fingerprint. */
    interface FingerprintConsumer {
        void accept(long low, long high);
    }

    static final int SLOTS_MIN = 1 << 10;
    static final int IDS_MAX = (1 << 29) / 3 * 2;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long REMOVED = 1;

    private final long[] words;
    private final int mask;
    private int used;
    private int removed;

    FingerprintTable(int slots) {
        words = new long[2 * slots];
        mask = slots - 1;
    }

    boolean contains(long low, long high) {
        return find(low, high) >= 0;
    }

    /**
     * Adds a fingerprint that is not there; returns this table, or a larger copy that replaces it.
     */
    FingerprintTable with(long low, long high) {
        if (3L * (used + 1) > 2L * (mask + 1)) {
            FingerprintTable larger = new FingerprintTable(2 * (mask + 1));
            forEach(larger::put);
            larger.put(low, high);
            return larger;
        }
        put(low, high);
        return this;
    }

    void remove(long low, long high) {
        int at = find(low, high);
        if (at >= 0) {
            WORDS.setRelease(words, at + 1, 0L);
            WORDS.setRelease(words, at, REMOVED);
            removed++;
        }
    }

    /**
     * Forgets everything, for use in another place. Who still reads it in the old one finds what
     * was in it, what will be, or nothing, and each of that is true or harmless there.
     */
    FingerprintTable emptied() {
        for (int i = 0; i < words.length; i += 2) {
            WORDS.setRelease(words, i + 1, 0L);
            WORDS.setRelease(words, i, 0L);
        }
        used = 0;
        removed = 0;
        return this;
    }

    /** Shows each fingerprint, in no order; for the thread that writes. */
    void forEach(FingerprintConsumer consumer) {
        for (int i = 0; i < words.length; i += 2) {
            if (words[i + 1] != 0) {
                consumer.accept(words[i], words[i + 1]);
            }
        }
    }

    int size() {
        return used - removed;
    }

    long bytes() {
        return 8L * words.length;
    }

    private void put(long low, long high) {
        int at = slot(low);
        while (words[at] != 0 || words[at + 1] != 0) {
            at = next(at);
        }
        words[at] = low;
        WORDS.setRelease(words, at + 1, high);
        used++;
    }

    private int find(long low, long high) {
        for (int at = slot(low); ; at = next(at)) {
            long highHere = (long) WORDS.getAcquire(words, at + 1);
            long lowHere = (long) WORDS.getAcquire(words, at);
            if (highHere == high && lowHere == low) {
                return at;
            }
            if (highHere == 0 && lowHere == 0) {
                return -1;
            }
        }
    }

    private int slot(long low) {
        return 2 * ((int) (low ^ low >>> 32) & mask);
    }

    private int next(int at) {
        return at + 2 & words.length - 1;
    }
}
