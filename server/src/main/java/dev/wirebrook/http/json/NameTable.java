package dev.wirebrook.http.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the place of a name that stands in UTF-8 within other bytes, without making a string of it.
 * Open addressing with linear probing, at most half full; callers choose only what is looked up, so
 * nobody can crowd it. Immutable.
 */
final class NameTable {
    static final int ABSENT = -1;

    private final byte[][] names;
    private final int[] places;
    private final int mask;

    /** The names of place {@code i} are {@code names.get(i)}; a name keeps its first place. */
    NameTable(List<List<String>> names) {
        int count = names.stream().mapToInt(List::size).sum();
        int size = Integer.highestOneBit(Math.max(1, count)) * 4;
        this.names = new byte[size][];
        places = new int[size];
        mask = size - 1;
        Arrays.fill(this.names, new byte[0]);
        Arrays.fill(places, ABSENT);
        for (int place = 0; place < names.size(); place++) {
            for (String name : names.get(place)) {
                add(name.getBytes(StandardCharsets.UTF_8), place);
            }
        }
    }

    private void add(byte[] name, int place) {
        int slot = hash(name, 0, name.length) & mask;
        while (places[slot] != ABSENT) {
            if (Arrays.equals(names[slot], name)) {
                return;
            }
            slot = (slot + 1) & mask;
        }
        names[slot] = name;
        places[slot] = place;
    }

    /** The place of {@code bytes[start, end)}, or {@link #ABSENT}. */
    int find(byte[] bytes, int start, int end) {
        int slot = hash(bytes, start, end) & mask;
        while (places[slot] != ABSENT) {
            byte[] name = names[slot];
            if (name.length == end - start
                    && Arrays.equals(name, 0, name.length, bytes, start, end)) {
                return places[slot];
            }
            slot = (slot + 1) & mask;
        }
        return ABSENT;
    }

    private static int hash(byte[] bytes, int start, int end) {
        int hash = end - start;
        for (int i = start; i < end; i++) {
            hash = 31 * hash + bytes[i];
        }
        return hash ^ (hash >>> 15);
    }
}
