package dev.wirebrook.market;

import java.util.ArrayList;
import java.util.List;

/** Who is told of one symbol. Confined to the fan-out's thread. */
final class Listeners {
    /** Of readers who are content with the latest update. */
    private final List<Slot> latest = new ArrayList<>(1);

    /** Of readers who are sent every update, or every change. */
    private final List<Slot> each = new ArrayList<>(0);

    /** Of the symbol's last update that is known to come; the ones before need no reader's time. */
    long lastAhead;

    /** Of the update that readers who tail were sent last; 0: none was, or nobody tails. */
    long tailedSequence;

    long tailedOrdinal;

    void add(Slot slot) {
        List<Slot> of = list(slot);
        slot.place = of.size();
        of.add(slot);
    }

    @SuppressWarnings("ReferenceEquality") // slots are no values
    void remove(Slot slot) {
        List<Slot> of = list(slot);
        Slot last = of.removeLast();
        if (last != slot) {
            of.set(slot.place, last);
            last.place = slot.place;
        }
    }

    boolean isEmpty() {
        return latest.isEmpty() && each.isEmpty() && tailedSequence == 0;
    }

    /** To how many. */
    int offer(BookUpdate update, Tail tail) {
        if (update.sequence() < lastAhead) {
            return offer(each, update);
        }
        // First: a reader that ends may leave no other slot, and these be forgotten.
        if (tail.hasReaders()) {
            tail.add(new Tail.Entry(update, tailedSequence, tailedOrdinal));
            tailedSequence = update.sequence();
            tailedOrdinal = update.ordinal();
        }
        return offer(each, update) + offer(latest, update);
    }

    private static int offer(List<Slot> slots, BookUpdate update) {
        int offered = slots.size();
        // From the end: one whose subscription ends takes itself out, and the last one's place.
        for (int i = offered - 1; i >= 0; i--) {
            if (i < slots.size()) {
                Slot slot = slots.get(i);
                slot.backlog.offer(slot, update);
            }
        }
        return offered;
    }

    private List<Slot> list(Slot slot) {
        return slot.backlog.isContentWithLatest() ? latest : each;
    }
}
