package dev.wirebrook.market;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the readers of everything share that are content with the latest and keep up: the updates
 * that the fan-out has come to, in a row. To each of them everything up to a place in it was sent,
 * and that is all there is to know of them; messages of what follows are made once and sent to all.
 *
 * <p>Confined to its fan-out's thread. Memory: {@link #KEPT} updates and {@link #MESSAGES_KEPT}
 * messages; nothing without readers.
 */
final class Tail {
    /** Updates; one further behind is better served by the latest of each symbol. */
    static final int BEHIND_MAX = 2_048;

    /** Updates between two looks at the readers: their transports take little more at once. */
    static final int STRIDE = 256;

    private static final int KEPT = 1 << 12;

    /** Readers that keep up are few messages apart. */
    private static final int MESSAGES_KEPT = 128;

    private @Nullable Entry[] entries = {};
    private long end;
    private int readers;
    private final List<byte[]> pieces = new ArrayList<>();
    private final Map<Start, Message> messages =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Start, Message> eldest) {
                    return size() > MESSAGES_KEPT;
                }
            };

    /**
     * An update in the row.
     *
     * @param sentSequence of the symbol's update before it in the row: what its readers were sent;
     *     0: nothing was
     */
    record Entry(BookUpdate update, long sentSequence, long sentOrdinal) {
        long conflated() {
            return update.ordinal() - sentOrdinal - 1;
        }

        byte[] bytes() {
            long conflated = conflated();
            return conflated == 0 ? update.following() : update.after(sentSequence, conflated);
        }
    }

    private record Start(long place, int updatesMax) {}

    /**
     * @param end the place behind its last update
     */
    @SuppressWarnings("ArrayRecordComponent") // sent, and never looked at
    record Message(byte[] bytes, long end, int updates, long conflated) {}

    boolean hasReaders() {
        return readers > 0;
    }

    /** One more reader, from its end on. */
    void join() {
        if (readers++ == 0) {
            entries = new @Nullable Entry[KEPT];
        }
    }

    /** One reader less. */
    void leave() {
        if (--readers == 0) {
            entries = new @Nullable Entry[0];
            messages.clear();
        }
    }

    /** The place behind the last update. */
    long end() {
        return end;
    }

    void add(Entry entry) {
        entries[index(end)] = entry;
        end++;
    }

    /** What is at a place, up to {@link #BEHIND_MAX} and {@link #STRIDE} before the end. */
    Entry at(long place) {
        Entry entry = entries[index(place)];
        if (entry == null || place < end - KEPT || place >= end) {
            throw new IllegalStateException("nothing is kept at " + place);
        }
        return entry;
    }

    private static int index(long place) {
        return (int) (place & (KEPT - 1));
    }

    /**
     * A message of what follows from a place on.
     *
     * @return null when nothing does
     */
    @Nullable Message from(long place, int updatesMax, int bytesMax) {
        if (place == end) {
            return null;
        }
        if (updatesMax == 1) {
            Entry entry = at(place);
            return new Message(entry.bytes(), place + 1, 1, entry.conflated());
        }
        Start start = new Start(place, updatesMax);
        Message known = messages.get(start);
        if (known != null) {
            return known;
        }
        int bytes = 0;
        long conflated = 0;
        long next = place;
        while (next < end && pieces.size() < updatesMax && bytes < bytesMax) {
            Entry entry = at(next);
            byte[] piece = entry.bytes();
            pieces.add(piece);
            bytes += piece.length;
            conflated += entry.conflated();
            next++;
        }
        Message made = new Message(UpdateBytes.joined(pieces), next, pieces.size(), conflated);
        pieces.clear();
        messages.put(start, made);
        return made;
    }
}
