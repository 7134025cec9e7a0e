package dev.wirebrook.events;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Says which of eight generations may hold an id, for the price of one access to memory: eight
 * Bloom filters of two bits an id, laid across each other so that one word answers for all of them
 * (Bloom 1970; blocked as in Putze, Sanders, Singler 2007; sliced across as in bit-sliced signature
 * files).
 *
 * <p>A word is eight places of eight bits, one for each generation. An id has two places in one
 * word, and its generation is a candidate when its bit is set in both. With the two ids to a word
 * that it is made for, one in some twelve lookups names a generation that does not hold the id.
 *
 * <p>One thread writes, any thread reads without a lock: it may miss what is being added.
 */
final class GenerationFilter {
    static final int GENERATIONS = 8;
    static final int WORDS_MIN = 1 << 9;

    private static final int IDS_PER_WORD = 2;
    private static final int WORDS_MAX = 1 << 28;
    private static final long ALL_PLACES = 0x0101_0101_0101_0101L;
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] words;

    /**
     * @param words a power of two
     */
    GenerationFilter(int words) {
        this.words = new long[words];
    }

    /** A filter for twice as many ids, empty, or as many when there is none larger. */
    GenerationFilter larger() {
        return new GenerationFilter(Math.min(2 * words.length, WORDS_MAX));
    }

    /** Whether so many ids in all generations are more than it is made for. */
    boolean isTooSmallFor(long ids) {
        return ids > (long) IDS_PER_WORD * words.length && words.length < WORDS_MAX;
    }

    /** The generations that may hold an id, a bit for each. Never leaves out one that does. */
    int candidates(long low, long high) {
        long word = (long) WORDS.getOpaque(words, index(high));
        return (int) (word >>> firstPlace(low) & word >>> secondPlace(low)) & 0xFF;
    }

    void add(long low, long high, int generation) {
        int index = index(high);
        long both = 1L << firstPlace(low) | 1L << secondPlace(low);
        WORDS.setOpaque(words, index, words[index] | both << generation);
    }

    /** Forgets all ids of a generation. */
    void clear(int generation) {
        long others = ~(ALL_PLACES << generation);
        for (int i = 0; i < words.length; i++) {
            WORDS.setOpaque(words, i, words[i] & others);
        }
    }

    long bytes() {
        return 8L * words.length;
    }

    /** Of other bits than the tables' slots: these are full where those are. */
    private int index(long high) {
        return (int) (high ^ high >>> 32) & words.length - 1;
    }

    private static int firstPlace(long low) {
        return (int) (low >>> 58) & 0x38;
    }

    /** One of the seven others. */
    private static int secondPlace(long low) {
        int distance = 1 + ((7 * ((int) (low >>> 32) & 0xFFFF)) >>> 16);
        return (firstPlace(low) + 8 * distance) & 0x38;
    }
}
