package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Started;
import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One reader's symbols, and what is still to be sent of them. It writes only while the transport
 * takes more; what comes meanwhile replaces what waits, or stands in a bounded line.
 *
 * <p>Confined to its fan-out's thread.
 */
public final class Subscription {
    /** Bytes of a message beyond which no update is added to it. */
    private static final int MESSAGE_BYTES = 32 << 10;

    /** Progress is told no more often, however often there is nothing left to send. */
    private static final long PROGRESS_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    /** A bounded rate goes in steps of so long, for no timer is finer. */
    private static final long PACE_NANOS = Duration.ofMillis(5).toNanos();

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    // immutable state
    private final FanOut fanOut;
    private final DeliverySpec delivery;
    private final Outlet outlet;

    // mutable state
    private final Map<Integer, Slot> slots = new HashMap<>();

    /** Slots whose pending update is to be sent, in the order in which they became so. */
    private final ArrayDeque<Slot> dirty = new ArrayDeque<>();

    /** With CONFLATION_NONE: every update to be sent, and the slot of each. */
    private final ArrayDeque<BookUpdate> line = new ArrayDeque<>();

    private final ArrayDeque<Slot> lineSlots = new ArrayDeque<>();
    private final List<byte[]> pieces = new ArrayList<>();

    /** To be sent before any update. */
    private final ArrayDeque<byte[]> unsaid = new ArrayDeque<>();

    private long limit;
    private boolean all;
    private boolean conflating;
    private boolean ended;
    private long paidUntilNanos;

    /** Where a bounded rate holds it back: what lets it go on. */
    private @Nullable Future<?> wake;

    private long toldNanos;
    private long toldSequence = -1;
    private long delivered;
    private long conflated;

    /** Whether the fan-out will look at it in this round. */
    boolean touched;

    Subscription(FanOut fanOut, DeliverySpec delivery, long limit, Outlet outlet, long nowNanos) {
        this.fanOut = fanOut;
        this.delivery = delivery;
        this.limit = limit;
        this.outlet = outlet;
        conflating = !delivery.keepsEvery();
        paidUntilNanos = nowNanos;
        toldNanos = nowNanos;
    }

    /** Symbols that it has, or, where it has all, those that were seen so far. */
    public int size() {
        return slots.size();
    }

    /** Updates sent. */
    public long delivered() {
        return delivered;
    }

    /** Updates that were not sent, since a later one was. */
    public long conflated() {
        return conflated;
    }

    /** Whether it has every symbol that there is or will be. */
    public boolean hasAll() {
        return all;
    }

    /**
     * Adds symbols; those that it has stay as they are. What is known of the new ones is sent
     * first.
     *
     * @throws dev.wirebrook.failure.FailureException TooLarge when the server keeps no more slots
     */
    public void add(Iterable<Integer> symbolIds) {
        if (ended) {
            return;
        }
        for (int id : symbolIds) {
            addFresh(id);
        }
        fanOut.touch(this);
    }

    /**
     * These of its symbols were asked for by their names. When a name comes to stand for another
     * symbol, the subscription ends as {@code Unavailable}: whoever asks again gets what he named.
     */
    public void named(Iterable<Integer> symbolIds) {
        for (int id : symbolIds) {
            Slot slot = slots.get(id);
            if (slot != null) {
                slot.named = true;
            }
        }
    }

    /** Adds every symbol that there is or will be. */
    public void addAll() {
        if (!all && !ended) {
            all = true;
            fanOut.addAll(this);
            for (BookUpdate update : fanOut.edition().all()) {
                addFresh(update.symbolId());
            }
            fanOut.touch(this);
        }
    }

    /** Takes symbols away; nothing of them is sent any more. */
    public void remove(Iterable<Integer> symbolIds) {
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

    /** Takes away every symbol. */
    public void removeAll() {
        if (all) {
            all = false;
            fanOut.removeAll(this);
        }
        slots.values().forEach(fanOut::remove);
        slots.clear();
        dirty.clear();
        line.clear();
        lineSlots.clear();
    }

    /**
     * Goes on where a stream broke, in place of {@link #add}.
     *
     * @return false when not all that has happened since is known any more, or it has ended; then
     *     nothing was added
     */
    public boolean resume(Iterable<Integer> symbolIds, boolean everything, long sentSequence) {
        Edition edition = fanOut.edition();
        long end = fanOut.cursor();
        if (ended || sentSequence < 0 || sentSequence > end) {
            return false;
        }
        List<BookUpdate> since = new ArrayList<>();
        for (long number = sentSequence + 1; number <= end; number++) {
            BookUpdate update = edition.at(number);
            if (update == null) {
                return false;
            }
            since.add(update);
        }
        if (everything) {
            all = true;
            fanOut.addAll(this);
            for (BookUpdate update : edition.all()) {
                addResumed(update.symbolId());
            }
        } else {
            symbolIds.forEach(this::addResumed);
        }
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
                removeAll();
                return false;
            }
        }
        fanOut.touch(this);
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

    /** Sends this before any update that is not sent yet. */
    public void say(byte[] message) {
        if (!ended) {
            unsaid.add(message);
            fanOut.touch(this);
        }
    }

    /** What was said and is not sent yet. */
    public int unsaid() {
        return unsaid.size();
    }

    /** The transport takes more. */
    public void ready() {
        drain(fanOut.nowNanos());
    }

    /** Whether it takes and sends nothing any more. */
    public boolean hasEnded() {
        return ended;
    }

    /** Ends it, from the reader's side. */
    public void cancel() {
        if (!ended) {
            ended = true;
            if (wake != null) {
                wake.cancel(false);
                wake = null;
            }
            removeAll();
            fanOut.leave(this);
        }
    }

    /** Ends it, from the server's side. */
    public void fail(Failure failure) {
        if (!ended) {
            cancel();
            outlet.fail(failure);
        }
    }

    private @Nullable Slot slot(int symbolId) {
        if (slots.containsKey(symbolId)) {
            return null;
        }
        Slot slot = new Slot(this, symbolId);
        fanOut.add(slot);
        slots.put(symbolId, slot);
        return slot;
    }

    private void addFresh(int symbolId) {
        Slot slot = slot(symbolId);
        if (slot != null) {
            BookUpdate update = fanOut.edition().find(symbolId);
            if (update != null) {
                slot.beginAt(update);
                offer(slot, update);
            }
        }
    }

    private void addResumed(int symbolId) {
        slot(symbolId);
    }

    /** An update of a symbol that is not among the slots of one that has all. */
    void offerNew(BookUpdate update) {
        if (!slots.containsKey(update.symbolId())) {
            Slot slot = slot(update.symbolId());
            if (slot != null) {
                offer(slot, update);
            }
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
        fanOut.touch(this);
    }

    /** The fan-out was lapped: whatever is later in the book counts as come. */
    void catchUp() {
        if (all) {
            fanOut.edition().all().forEach(this::offerNew);
        }
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
            if (ended) {
                return;
            }
        }
        fanOut.touch(this);
    }

    /**
     * Sequences of another epoch follow: whatever was sent or waits counts no more.
     *
     * @param left what was read along in before
     */
    void startOver(Edition left) {
        if (slots.values().stream().anyMatch(slot -> isRenamed(slot, left))) {
            fail(
                    new Failure.Unavailable(
                            "the book has started over, and a name that was subscribed to stands for no symbol or another; subscribe again",
                            RETRY_DELAY));
            return;
        }
        dirty.clear();
        line.clear();
        lineSlots.clear();
        conflating = !delivery.keepsEvery();
        toldSequence = -1;
        say(
                UpdateBytes.of(
                        Started.newBuilder()
                                .setEpoch(fanOut.epoch())
                                .setSequence(fanOut.cursor())
                                .build()));
        for (Slot slot : slots.values()) {
            slot.startOver();
            BookUpdate update = fanOut.edition().find(slot.symbolId);
            if (update != null) {
                slot.beginAt(update);
                offer(slot, update);
            }
        }
        if (all) {
            fanOut.edition().all().forEach(update -> addFresh(update.symbolId()));
        }
    }

    /** Whether the name by which a symbol was asked for is not its name any more. */
    private boolean isRenamed(Slot slot, Edition left) {
        BookUpdate known = slot.named ? left.find(slot.symbolId) : null;
        return known != null && !Objects.equals(fanOut.edition().id(known.symbol()), slot.symbolId);
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
                    fail(
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

    /** Leaves out what waits of symbols that were taken away: of all of them in one go. */
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

    private boolean isDrained() {
        return dirty.isEmpty() && line.isEmpty();
    }

    /** Sends what there is, while the transport takes it and the rate allows. */
    void drain(long nowNanos) {
        long before = delivered;
        long left = conflated;
        sendWhileReady(nowNanos);
        if (delivered != before) {
            fanOut.sent(delivered - before, conflated - left);
        }
    }

    private void sendWhileReady(long nowNanos) {
        while (!ended && outlet.isReady()) {
            // Alone: joined with another, the later of two answers would replace the first.
            if (!unsaid.isEmpty()) {
                outlet.send(unsaid.remove());
                continue;
            }
            gather(nowNanos);
            if (isDrained() && isProgressDue(nowNanos)) {
                pieces.add(fanOut.progress());
                toldNanos = nowNanos;
                toldSequence = fanOut.cursor();
            }
            if (pieces.isEmpty()) {
                return;
            }
            byte[] message = fanOut.message(pieces);
            pieces.clear();
            outlet.send(message);
            if (limit < 0) {
                cancel();
                outlet.complete();
            }
        }
    }

    /** Takes what one message holds. */
    private void gather(long nowNanos) {
        int bytes = 0;
        int count = 0;
        while (count < delivery.updatesPerMessageMax() && bytes < MESSAGE_BYTES && limit >= 0) {
            byte[] piece = next(nowNanos);
            if (piece == null) {
                break;
            }
            pieces.add(piece);
            bytes += piece.length;
            count++;
            delivered++;
            if (limit > 0 && --limit == 0) {
                limit = -1;
            }
        }
        if (delivery.keepsEvery() && conflating && isDrained()) {
            conflating = false;
        }
    }

    /** The next update as it goes out, or null when there is none, or none may go yet. */
    private byte @Nullable [] next(long nowNanos) {
        Slot slot = dirty.peek();
        boolean lined = slot == null;
        if (lined) {
            slot = lineSlots.peek();
        }
        if (slot == null || (slot.sentSequence != 0 && !mayGo(nowNanos))) {
            return null;
        }
        BookUpdate update;
        if (lined) {
            lineSlots.remove();
            update = line.remove();
        } else {
            dirty.remove();
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
        if (slot.fresh) {
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
        return piece;
    }

    private boolean mayGo(long nowNanos) {
        if (delivery.nanosPerUpdate() == 0) {
            return true;
        }
        long pace = Math.max(delivery.nanosPerUpdate(), PACE_NANOS);
        paidUntilNanos = Math.max(paidUntilNanos, nowNanos - pace);
        long ahead = paidUntilNanos + delivery.nanosPerUpdate() - nowNanos;
        if (ahead <= 0) {
            paidUntilNanos += delivery.nanosPerUpdate();
            return true;
        }
        if (wake == null) {
            wake = fanOut.wake(this, Math.max(ahead, PACE_NANOS));
        }
        return false;
    }

    /** The time that a bounded rate had to wait for has come. */
    void woken() {
        wake = null;
        drain(fanOut.nowNanos());
    }

    private boolean isProgressDue(long nowNanos) {
        long silence = nowNanos - toldNanos;
        boolean isNews = toldSequence != fanOut.cursor() && !pieces.isEmpty();
        return silence >= delivery.progressInterval().toNanos()
                || (isNews && silence >= PROGRESS_PAUSE_NANOS);
    }

    /** Looks whether it is time to tell progress. */
    void tick(long nowNanos) {
        if (isDrained() && isProgressDue(nowNanos)) {
            drain(nowNanos);
        }
    }
}
