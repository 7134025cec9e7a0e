package dev.wirebrook.market;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.Progress;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one event loop. It follows the book at its own pace: however far behind,
 * nobody waits for it, and once it is lapped its readers go on with the latest snapshots.
 *
 * <p>Confined to the event loop, but for {@link #signal}. Memory: its slots, which {@link FanOuts}
 * counts.
 */
public final class FanOut implements SnapshotBook.Follower {
    /**
     * Updates looked at and handed to subscriptions in one go, before the sockets have their turn.
     */
    private static final int ROUND = 8_192;

    /**
     * Updates looked over ahead of handing them out. The further behind the loop is, the more of
     * them are replaced before any reader is told: so more updates than can be sent cost no more.
     */
    private static final int WINDOW = 16_384;

    /** For so long one report of progress is sent to many. */
    private static final long PROGRESS_SHARED_NANOS = Duration.ofMillis(100).toNanos();

    // immutable state
    private final FanOuts owner;
    private final SnapshotBook book;
    private final Executor loop;
    private final Executor nextTurn;
    private final AtomicBoolean signalled = new AtomicBoolean();

    // mutable state
    private Edition edition;
    private final Map<Integer, Listeners> listeners = new HashMap<>();
    private final Set<Subscription> subscriptions = new HashSet<>();
    private final List<Subscription> all = new ArrayList<>();
    private final Tail tail = new Tail();
    private List<Subscription> touched = new ArrayList<>();
    private List<Subscription> draining = new ArrayList<>();
    private long cursor;

    /** Up to it, each symbol knows its last update. */
    private long windowEnd;

    private byte @Nullable [] progress;
    private long progressCursor = -1;
    private long progressNanos;
    private List<byte[]> lastPieces = List.of();
    private byte[] lastMessage = {};

    FanOut(FanOuts owner, SnapshotBook book, Executor loop, Executor nextTurn) {
        this.owner = owner;
        this.book = book;
        this.loop = loop;
        this.nextTurn = nextTurn;
        edition = book.edition();
        cursor = edition.sequence();
    }

    /** What the subscriptions are told of, which is the book's or was a moment ago. */
    Edition edition() {
        return edition;
    }

    /** The one that {@link #cursor} belongs to. */
    public String epoch() {
        return edition.epoch();
    }

    /** It is told of what comes from now on; looks for what came before. */
    @SuppressWarnings("ReferenceEquality") // two editions are never the same
    void catchUp() {
        if (edition != book.edition() || cursor != edition.sequence()) {
            signal();
        }
    }

    /** Everything up to it has been handed to the subscriptions. */
    public long cursor() {
        return cursor;
    }

    long nowNanos() {
        return owner.nowNanos();
    }

    /**
     * Begins a subscription without symbols.
     *
     * @param limit ends it after so many updates; 0: never
     */
    public Subscription subscribe(DeliverySpec delivery, long limit, Outlet outlet) {
        Subscription subscription = new Subscription(this, delivery, limit, outlet, nowNanos());
        subscriptions.add(subscription);
        owner.began();
        return subscription;
    }

    void leave(Subscription subscription) {
        if (subscriptions.remove(subscription)) {
            owner.ended();
        }
    }

    /** Ends every subscription. */
    void endAll(Failure reason) {
        List.copyOf(subscriptions).forEach(subscription -> subscription.fail(reason));
    }

    void add(Slot slot) {
        if (!owner.takeSlot()) {
            throw new FailureException(
                    new Failure.TooLarge(
                            "the subscriptions of this server have %,d symbols together, and no more are taken; subscribe to fewer, or raise market.slots-max"
                                    .formatted(owner.slotsMax()),
                            "market.slots-max",
                            owner.slotsMax()));
        }
        listenersOf(slot.symbolId).add(slot);
    }

    void remove(Slot slot) {
        owner.giveSlot();
        Listeners of = listeners.get(slot.symbolId);
        if (of != null) {
            of.remove(slot);
            if (of.isEmpty()) {
                listeners.remove(slot.symbolId);
            }
        }
    }

    private Listeners listenersOf(int symbolId) {
        return listeners.computeIfAbsent(symbolId, _ -> new Listeners());
    }

    Listeners listeners(int symbolId) {
        Listeners of = listeners.get(symbolId);
        if (of == null) {
            throw new IllegalStateException("nobody listens to symbol " + symbolId);
        }
        return of;
    }

    void addAll(Subscription subscription) {
        all.add(subscription);
    }

    void removeAll(Subscription subscription) {
        all.remove(subscription);
    }

    Tail tail() {
        return tail;
    }

    /**
     * One more reader tails.
     *
     * @param slots its own, to which the latest up to the cursor was sent, when it {@link
     *     #isSettled}
     */
    void joinTail(Iterable<Slot> slots) {
        if (!tail.hasReaders()) {
            for (Slot slot : slots) {
                Listeners of = listeners(slot.symbolId);
                of.tailedSequence = slot.sentSequence;
                of.tailedOrdinal = slot.sentOrdinal;
            }
        }
        tail.join();
    }

    /** One reader less tails. */
    void leaveTail() {
        tail.leave();
        if (!tail.hasReaders()) {
            listeners
                    .values()
                    .removeIf(of -> {
                        of.tailedSequence = 0;
                        of.tailedOrdinal = 0;
                        return of.isEmpty();
                    });
        }
    }

    /** The symbols of which those who tail were sent something. */
    List<Integer> tailedSymbolIds() {
        return listeners.entrySet().stream()
                .filter(entry -> entry.getValue().tailedSequence != 0)
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Whether the latest of each symbol up to the cursor was handed out. In between, what is
     * replaced soon was left out.
     */
    boolean isSettled() {
        return cursor >= windowEnd;
    }

    /** The subscription has something to send. */
    void touch(Subscription subscription) {
        if (!subscription.touched) {
            subscription.touched = true;
            touched.add(subscription);
            signal();
        }
    }

    /** There is something to do. Any thread. */
    @Override
    public void signal() {
        if (!signalled.get() && signalled.compareAndSet(false, true)) {
            loop.execute(this::run);
        }
    }

    private void run() {
        try {
            follow();
            drainTouched();
        } catch (RuntimeException e) {
            signalled.set(false);
            throw e;
        }
        if (isBehind()) {
            // Not at once: tasks that bring about tasks keep an event loop from its sockets.
            nextTurn.execute(this::run);
            return;
        }
        signalled.set(false);
        // What came after the look found itself signalled.
        if (isBehind()) {
            signal();
        }
    }

    @SuppressWarnings("ReferenceEquality") // two editions are never the same
    private boolean isBehind() {
        return edition != book.edition() || cursor < edition.sequence() || !touched.isEmpty();
    }

    @SuppressWarnings("ReferenceEquality") // two editions are never the same
    private void follow() {
        if (edition != book.edition()) {
            startOver();
        }
        if (isSettled()) {
            lookAhead();
        }
        long before = cursor;
        long tailBefore = tail.end();
        for (int done = 0;
                cursor < windowEnd && done < ROUND && tail.end() - tailBefore < Tail.STRIDE;
                done++) {
            BookUpdate update = edition.at(cursor + 1);
            if (update == null) {
                lapped();
                return;
            }
            cursor++;
            done += deliver(update);
        }
        if (cursor != before && tail.hasReaders()) {
            all.stream().filter(Subscription::isTailing).forEach(this::touch);
        }
    }

    private void lookAhead() {
        windowEnd = Math.min(edition.sequence(), cursor + WINDOW);
        for (long number = cursor + 1; number <= windowEnd; number++) {
            BookUpdate update = edition.at(number);
            Listeners of = update == null ? null : listeners.get(update.symbolId());
            if (of != null) {
                of.lastAhead = number;
            }
        }
    }

    /** To how many. */
    private int deliver(BookUpdate update) {
        if (update.previousSequence() == 0) {
            // From the end: one that there is no room for takes itself out.
            for (int i = all.size() - 1; i >= 0; i--) {
                offerNew(all.get(i), update);
            }
        }
        Listeners of =
                tail.hasReaders()
                        ? listenersOf(update.symbolId())
                        : listeners.get(update.symbolId());
        return of == null ? 0 : of.offer(update, tail);
    }

    private void offerNew(Subscription subscription, BookUpdate update) {
        try {
            subscription.offerNew(update);
        } catch (FailureException noRoom) {
            subscription.fail(noRoom.failure());
        }
    }

    private void lapped() {
        owner.lapsed();
        // What they were sent is known as long as the cursor stands.
        List.copyOf(all).forEach(Subscription::leaveTail);
        cursor = edition.sequence();
        windowEnd = cursor;
        for (Subscription subscription : List.copyOf(subscriptions)) {
            try {
                subscription.catchUp();
            } catch (FailureException noRoom) {
                subscription.fail(noRoom.failure());
            }
        }
    }

    /** The book has, and so nothing sent so far counts. */
    private void startOver() {
        Edition left = edition;
        edition = book.edition();
        cursor = edition.sequence();
        windowEnd = cursor;
        listeners.values().forEach(of -> of.lastAhead = 0);
        progressCursor = -1;
        for (Subscription subscription : List.copyOf(subscriptions)) {
            try {
                subscription.startOver(left);
            } catch (FailureException noRoom) {
                subscription.fail(noRoom.failure());
            }
        }
    }

    private void drainTouched() {
        List<Subscription> now = touched;
        touched = draining;
        draining = now;
        long nanos = nowNanos();
        for (Subscription subscription : now) {
            subscription.touched = false;
            subscription.drain(nanos);
        }
        now.clear();
    }

    /** So much has gone out. */
    void sent(long updates, long left) {
        owner.sent(updates, left);
    }

    /**
     * Wakes a subscription later, here.
     *
     * @return to be cancelled when it ends before, which may be long before
     */
    Future<?> wake(Subscription subscription, long nanos) {
        return owner.timer()
                .schedule(() -> loop.execute(subscription::woken), nanos, TimeUnit.NANOSECONDS);
    }

    /** Looks who has to be told how far it is. */
    void tick() {
        long nanos = nowNanos();
        List.copyOf(subscriptions).forEach(subscription -> subscription.tick(nanos));
    }

    /** How far readers are that have been sent everything. */
    byte[] progress() {
        byte[] told = progress;
        long nanos = nowNanos();
        if (told == null
                || progressCursor != cursor
                || nanos - progressNanos >= PROGRESS_SHARED_NANOS) {
            long millis = owner.clock().millis();
            told =
                    UpdateBytes.of(
                            Progress.newBuilder()
                                    .setSequence(cursor)
                                    .setStale(owner.isStale())
                                    .setTime(
                                            Timestamp.newBuilder()
                                                    .setSeconds(Math.floorDiv(millis, 1_000))
                                                    .setNanos(
                                                            Math.floorMod(millis, 1_000)
                                                                    * 1_000_000))
                                    .build());
            progress = told;
            progressCursor = cursor;
            progressNanos = nanos;
        }
        return told;
    }

    /**
     * One message of some pieces. Readers of the same symbols are sent the same: then the message
     * of the one before does, and is neither joined nor kept again.
     */
    byte[] message(List<byte[]> pieces) {
        if (pieces.size() == 1) {
            return pieces.getFirst();
        }
        if (!isLast(pieces)) {
            lastMessage = UpdateBytes.joined(pieces);
            lastPieces = List.copyOf(pieces);
        }
        return lastMessage;
    }

    @SuppressWarnings("ReferenceEquality") // the very same pieces, which are shared
    private boolean isLast(List<byte[]> pieces) {
        if (pieces.size() != lastPieces.size()) {
            return false;
        }
        for (int i = 0; i < pieces.size(); i++) {
            if (pieces.get(i) != lastPieces.get(i)) {
                return false;
            }
        }
        return true;
    }
}
