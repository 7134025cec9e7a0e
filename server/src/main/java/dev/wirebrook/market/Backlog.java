package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A subscription's symbols, and what waits to be sent of each: the latest update, which replaces
 * the one before it, or with CONFLATION_NONE a bounded line of all.
 *
 * <p>Confined to its fan-out's thread.
 */
final class Backlog {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    // immutable state
    private final FanOut fanOut;
    private final Subscription subscription;
    private final DeliverySpec delivery;

    // mutable state
    private final Map<Integer, Slot> slots = new HashMap<>();

    /** Slots whose pending update is to be sent, in the order in which they became so. */
    private final ArrayDeque<Slot> dirty = new ArrayDeque<>();

    /** With CONFLATION_NONE: every update to be sent, and the slot of each. */
    private final ArrayDeque<BookUpdate> line = new ArrayDeque<>();

    private final ArrayDeque<Slot> lineSlots = new ArrayDeque<>();
    private boolean conflating;
    private long conflated;
    private long latestSequence;

    Backlog(FanOut fanOut, Subscription subscription, DeliverySpec delivery) {
        this.fanOut = fanOut;
        this.subscription = subscription;
        this.delivery = delivery;
        conflating = !delivery.keepsEvery();
    }

    /** Symbols. */
    int size() {
        return slots.size();
    }

    /** Updates that were not sent, since a later one was. */
    long conflated() {
        return conflated;
    }

    /** Of the updates that were taken, the highest sequence; it may be ahead of the fan-out. */
    long latestSequence() {
        return latestSequence;
    }

    /** Whether of a symbol's updates only the latest has to be offered to it. */
    boolean isContentWithLatest() {
        return !delivery.keepsEvery() && !delivery.merges();
    }

    boolean isEmpty() {
        return dirty.isEmpty() && line.isEmpty();
    }

    /** Adds a symbol that it does not have, and what is known of it. */
    void addFresh(int symbolId) {
        Slot slot = add(symbolId);
        if (slot != null) {
            BookUpdate update = fanOut.edition().find(symbolId);
            if (update != null) {
                slot.beginAt(update);
                offer(slot, update);
            }
        }
    }

    private @Nullable Slot add(int symbolId) {
        if (slots.containsKey(symbolId)) {
            return null;
        }
        Slot slot = new Slot(this, symbolId);
        fanOut.add(slot);
        slots.put(symbolId, slot);
        return slot;
    }

    /** This symbol was asked for by its name. */
    void named(int symbolId) {
        Slot slot = slots.get(symbolId);
        if (slot != null) {
            slot.named = true;
        }
    }

    /** Takes symbols away, and what waits of them. */
    void remove(Iterable<Integer> symbolIds) {
        boolean any = false;
        for (int id : symbolIds) {
            Slot slot = slots.remove(id);
            if (slot != null) {
                any = true;
                fanOut.remove(slot);
                slot.pending = null;
            }
        }
        if (any) {
            forgetRemoved();
        }
    }

    /** Of all in one go. */
    private void forgetRemoved() {
        dirty.removeIf(slot -> slot.pending == null);
        for (int i = line.size(); i > 0; i--) {
            Slot slot = lineSlots.remove();
            BookUpdate update = line.remove();
            if (slots.containsKey(slot.symbolId)) {
                lineSlots.add(slot);
                line.add(update);
            }
        }
    }

    /** Takes away every symbol. */
    void clear() {
        slots.values().forEach(fanOut::remove);
        slots.clear();
        dirty.clear();
        line.clear();
        lineSlots.clear();
    }

    /** The symbols, of which nothing waits. */
    Iterable<Slot> slots() {
        return slots.values();
    }

    /** Adds every symbol, as for one that has tailed up to a place, and what has come since. */
    void goOnFrom(Tail tail, long place) {
        for (int symbolId : fanOut.tailedSymbolIds()) {
            add(symbolId);
        }
        for (long at = place; at < tail.end(); at++) {
            Tail.Entry entry = tail.at(at);
            Slot slot = slots.get(entry.update().symbolId());
            if (slot == null) {
                throw new IllegalStateException("a symbol in the tail that is not known");
            }
            if (slot.seenSequence == 0) {
                slot.startAt(entry.sentSequence(), entry.sentOrdinal());
            }
            offer(slot, entry.update());
        }
        for (Slot slot : slots.values()) {
            if (slot.seenSequence == 0) {
                Listeners listeners = fanOut.listeners(slot.symbolId);
                slot.startAt(listeners.tailedSequence, listeners.tailedOrdinal);
                slot.seenSequence = listeners.tailedSequence;
            }
        }
    }

    /**
     * Adds symbols of which everything up to a sequence was sent, and what has come since.
     *
     * @return false when that is not known any more: then there is none at all
     */
    boolean resume(Iterable<Integer> symbolIds, long sentSequence) {
        Edition edition = fanOut.edition();
        List<BookUpdate> since = new ArrayList<>();
        for (long number = sentSequence + 1; number <= fanOut.cursor(); number++) {
            BookUpdate update = edition.at(number);
            if (update == null) {
                return false;
            }
            since.add(update);
        }
        symbolIds.forEach(this::add);
        for (BookUpdate update : since) {
            Slot slot = slots.get(update.symbolId());
            if (slot != null) {
                if (slot.seenSequence == 0) {
                    slot.startBefore(update);
                }
                offer(slot, update);
            }
        }
        for (Slot slot : slots.values()) {
            if (slot.seenSequence == 0 && !startAfter(slot, sentSequence)) {
                clear();
                return false;
            }
        }
        return true;
    }

    /**
     * Takes as sent what there was of a symbol then, which has not changed up to the cursor.
     *
     * @return false when what has happened since is not known any more
     */
    private boolean startAfter(Slot slot, long sentSequence) {
        Edition edition = fanOut.edition();
        BookUpdate update = edition.find(slot.symbolId);
        if (update == null) {
            return true;
        }
        if (update.sequence() <= sentSequence) {
            slot.sent(update);
            slot.seenSequence = update.sequence();
            return true;
        }
        // The book is ahead of the cursor: what the symbol was there says the first that is to
        // come.
        BookUpdate first = edition.firstAfter(sentSequence, update);
        if (first == null) {
            return false;
        }
        slot.startBefore(first);
        slot.seenSequence = first.previousSequence();
        return true;
    }

    /** An update of a symbol that may not be among its own, and is to be. */
    void offerNew(BookUpdate update) {
        Slot slot = add(update.symbolId());
        if (slot != null) {
            offer(slot, update);
        }
    }

    /** An update came. */
    void offer(Slot slot, BookUpdate update) {
        if (update.sequence() <= slot.seenSequence) {
            return;
        }
        if (slot.seenSequence != 0 && update.previousSequence() > slot.seenSequence) {
            slot.changed = SnapshotFields.ALL; // Some before it were never seen here.
        }
        slot.seenSequence = update.sequence();
        if (conflating || slot.fresh) {
            replace(slot, update);
        } else if (line.size() < delivery.queueMax()) {
            line.add(update);
            lineSlots.add(slot);
        } else {
            overflow(slot, update);
        }
        fanOut.touch(subscription);
    }

    /** The fan-out was lapped: whatever is later in the book counts as come. */
    void catchUp() {
        List<Slot> late = new ArrayList<>();
        for (Slot slot : slots.values()) {
            BookUpdate update = fanOut.edition().find(slot.symbolId);
            if (update != null && update.sequence() > slot.seenSequence) {
                late.add(slot);
            }
        }
        for (Slot slot : late) {
            BookUpdate update = fanOut.edition().find(slot.symbolId);
            if (update == null) {
                throw new IllegalStateException("a symbol that was known is no more");
            }
            slot.seenSequence = update.sequence();
            slot.changed = SnapshotFields.ALL;
            if (conflating || slot.fresh) {
                replace(slot, update);
            } else {
                overflow(slot, update);
            }
            if (subscription.hasEnded()) {
                return;
            }
        }
    }

    /**
     * Whether a name by which a symbol was asked for is not its name any more.
     *
     * @param left what was read along in before
     */
    boolean isAnyRenamed(Edition left) {
        return slots.values().stream().anyMatch(slot -> isRenamed(slot, left));
    }

    private boolean isRenamed(Slot slot, Edition left) {
        BookUpdate known = slot.named ? left.find(slot.symbolId) : null;
        return known != null && !Objects.equals(fanOut.edition().id(known.symbol()), slot.symbolId);
    }

    /** Sequences of another epoch follow: whatever was sent or waits counts no more. */
    void startOver() {
        dirty.clear();
        line.clear();
        lineSlots.clear();
        conflating = !delivery.keepsEvery();
        latestSequence = 0;
        for (Slot slot : slots.values()) {
            slot.startOver();
            BookUpdate update = fanOut.edition().find(slot.symbolId);
            if (update != null) {
                slot.beginAt(update);
                offer(slot, update);
            }
        }
    }

    private void replace(Slot slot, BookUpdate update) {
        if (slot.pending == null) {
            dirty.add(slot);
        }
        slot.pending = update;
        slot.changed |= update.changed();
    }

    /** The line is full, and one more has come. */
    private void overflow(Slot last, BookUpdate update) {
        switch (delivery.overflow()) {
            case OVERFLOW_DISCONNECT ->
                    subscription.fail(
                            new Failure.Overloaded(
                                    "%d updates wait for this reader, as many as it asked for; read faster, or ask for conflation"
                                            .formatted(line.size()),
                                    RETRY_DELAY));
            case OVERFLOW_CONFLATE -> {
                conflating = true;
                dissolveLine(false);
                replace(last, update);
            }
            default -> {
                dissolveLine(true);
                last.fresh = true;
                replace(last, update);
            }
        }
    }

    /** Only the latest update of each symbol in the line is kept. */
    private void dissolveLine(boolean fresh) {
        while (!line.isEmpty()) {
            Slot slot = lineSlots.remove();
            slot.fresh |= fresh;
            replace(slot, line.remove());
        }
    }

    /** The symbol whose update goes next, or null when none waits. */
    @Nullable Slot first() {
        Slot slot = dirty.peek();
        return slot == null ? lineSlots.peek() : slot;
    }

    /** Takes the update of {@link #first}, as it goes out. */
    byte[] take() {
        Slot slot = dirty.poll();
        BookUpdate update;
        if (slot == null) {
            slot = lineSlots.remove();
            update = line.remove();
        } else {
            update = slot.pending;
            slot.pending = null;
            if (update == null) {
                throw new IllegalStateException("a dirty slot without an update");
            }
        }
        return encoded(slot, update);
    }

    private byte[] encoded(Slot slot, BookUpdate update) {
        long between = slot.conflated(update);
        conflated += between;
        byte[] piece;
        boolean knowsNothing = delivery.merges() && slot.sentSequence < update.resetSequence();
        if (slot.fresh || knowsNothing) {
            piece = update.fresh(between);
        } else if (delivery.merges()) {
            piece = update.changesAfter(slot.sentSequence, between, slot.changed);
        } else if (between == 0) {
            piece = update.following();
        } else {
            piece = update.after(slot.sentSequence, between);
        }
        slot.changed = 0;
        slot.sent(update);
        latestSequence = Math.max(latestSequence, update.sequence());
        return piece;
    }

    /** Keeps every update again, where that was asked for, once none waits. */
    void settle() {
        if (conflating && delivery.keepsEvery() && isEmpty()) {
            conflating = false;
        }
    }
}
