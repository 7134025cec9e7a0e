package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Started;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What one reader is sent. It writes only while the transport takes more; what comes meanwhile is
 * in its {@link Backlog}. A reader of everything that keeps up needs none: it tails the book, and
 * is sent its {@link Tail}.
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

    /**
     * For so long, what a bounded rate did not send because it was woken late is made up for. More
     * is lost, so that no reader is flooded.
     */
    private static final long LATE_NANOS_MAX = Duration.ofMillis(500).toNanos();

    private static final long NOT_TAILING = -1;

    /** So long after it fell behind it may tail again, since changing costs each of its symbols. */
    private static final long TAIL_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    // immutable state
    private final FanOut fanOut;
    private final DeliverySpec delivery;
    private final Outlet outlet;

    // mutable state
    private final Backlog backlog;
    private final List<byte[]> pieces = new ArrayList<>();

    /** To be sent before any update. */
    private final ArrayDeque<byte[]> unsaid = new ArrayDeque<>();

    /**
     * All it needs to know while it has every symbol, is content with the latest, and keeps up: up
     * to this place in the tail it was sent everything. Else {@link #NOT_TAILING}, and it has
     * slots.
     */
    private long tailPlace = NOT_TAILING;

    private long fellBehindNanos;
    private long limit;
    private boolean all;

    /** No symbol was taken away, or asked for by its name. */
    private boolean alike = true;

    private boolean ended;

    /** A bounded rate, as a token bucket: up to then, updates are paid for by those sent. */
    private long paidUntilNanos;

    /** Something has waited for the rate ever since: what it allowed meanwhile is not lost. */
    private boolean heldBack;

    /** Where a bounded rate holds it back: what lets it go on. */
    private @Nullable Future<?> wake;

    private long toldNanos;
    private long toldSequence = -1;
    private long delivered;
    private long conflatedTailing;

    /** Whether the fan-out will look at it in this round. */
    boolean touched;

    Subscription(FanOut fanOut, DeliverySpec delivery, long limit, Outlet outlet, long nowNanos) {
        this.fanOut = fanOut;
        this.delivery = delivery;
        this.limit = limit;
        this.outlet = outlet;
        backlog = new Backlog(fanOut, this, delivery);
        fellBehindNanos = nowNanos - TAIL_PAUSE_NANOS;
        paidUntilNanos = nowNanos;
        toldNanos = nowNanos;
    }

    /** Symbols that it has, or, where it has all, those that were seen so far. */
    public int size() {
        return isTailing() ? fanOut.edition().size() : backlog.size();
    }

    /** Updates sent. */
    public long delivered() {
        return delivered;
    }

    /** Updates that were not sent, since a later one was. */
    public long conflated() {
        return backlog.conflated() + conflatedTailing;
    }

    /** Whether it has every symbol that there is or will be. */
    public boolean hasAll() {
        return all;
    }

    /**
     * Adds symbols; those that it has stay as they are. What is known of the new ones is sent
     * first.
     *
     * @throws FailureException TooLarge when the server keeps no more slots
     */
    public void add(Iterable<Integer> symbolIds) {
        if (ended || isTailing()) {
            return;
        }
        symbolIds.forEach(backlog::addFresh);
        fanOut.touch(this);
    }

    /**
     * These of its symbols were asked for by their names. When a name comes to stand for another
     * symbol, the subscription ends as {@code Unavailable}: whoever asks again gets what he named.
     */
    public void named(Collection<Integer> symbolIds) {
        if (symbolIds.isEmpty()) {
            return;
        }
        leaveTail();
        alike = false;
        symbolIds.forEach(backlog::named);
    }

    /** Adds every symbol that there is or will be. */
    public void addAll() {
        if (!all && !ended) {
            all = true;
            fanOut.addAll(this);
            fanOut.edition().all().forEach(update -> backlog.addFresh(update.symbolId()));
            fanOut.touch(this);
        }
    }

    /** Takes symbols away; nothing of them is sent any more. */
    public void remove(Collection<Integer> symbolIds) {
        if (symbolIds.isEmpty()) {
            return;
        }
        leaveTail();
        alike = false;
        backlog.remove(symbolIds);
    }

    /** Takes away every symbol. */
    public void removeAll() {
        if (all) {
            all = false;
            fanOut.removeAll(this);
        }
        alike = true;
        forgetTail();
        backlog.clear();
    }

    /**
     * Goes on where a stream broke, in place of {@link #add}.
     *
     * @return false when not all that has happened since is known any more, or it has ended; then
     *     nothing was added
     */
    public boolean resume(Iterable<Integer> symbolIds, boolean everything, long sentSequence) {
        if (ended || sentSequence < 0 || sentSequence > fanOut.cursor()) {
            return false;
        }
        if (everything) {
            all = true;
            fanOut.addAll(this);
        }
        if (!backlog.resume(everything ? fanOut.edition().symbolIds() : symbolIds, sentSequence)) {
            removeAll();
            return false;
        }
        fanOut.touch(this);
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

    /** An update of a symbol that is new in the book came. */
    void offerNew(BookUpdate update) {
        if (!isTailing()) {
            backlog.offerNew(update);
        }
    }

    boolean isTailing() {
        return tailPlace != NOT_TAILING;
    }

    /** Nothing waits, and so all there is to know of its symbols is how far the fan-out is. */
    private void tailIfKeepingUp(long nowNanos) {
        if (all
                && alike
                && backlog.isContentWithLatest()
                && limit == 0
                && fanOut.isSettled()
                && backlog.latestSequence() <= fanOut.cursor()
                && delivery.nanosPerUpdate() == 0
                && nowNanos - fellBehindNanos >= TAIL_PAUSE_NANOS) {
            fanOut.joinTail(backlog.slots());
            backlog.clear();
            tailPlace = fanOut.tail().end();
        }
    }

    private void forgetTail() {
        if (isTailing()) {
            tailPlace = NOT_TAILING;
            fanOut.leaveTail();
        }
    }

    /** Has a backlog again, and in it what waits. Ends when there is no room for one. */
    void leaveTail() {
        if (!isTailing()) {
            return;
        }
        long place = tailPlace;
        tailPlace = NOT_TAILING;
        fellBehindNanos = fanOut.nowNanos();
        try {
            backlog.goOnFrom(fanOut.tail(), place);
        } catch (FailureException noRoom) {
            fail(noRoom.failure());
        } finally {
            fanOut.leaveTail();
        }
    }

    /** The fan-out was lapped: whatever is later in the book counts as come. */
    void catchUp() {
        if (all) {
            fanOut.edition().all().forEach(backlog::offerNew);
        }
        backlog.catchUp();
        fanOut.touch(this);
    }

    /**
     * Sequences of another epoch follow: whatever was sent or waits counts no more.
     *
     * @param left what was read along in before
     */
    void startOver(Edition left) {
        if (backlog.isAnyRenamed(left)) {
            fail(
                    new Failure.Unavailable(
                            "the book has started over, and a name that was subscribed to stands for no symbol or another; subscribe again",
                            RETRY_DELAY));
            return;
        }
        forgetTail();
        toldSequence = -1;
        say(
                UpdateBytes.of(
                        Started.newBuilder()
                                .setEpoch(fanOut.epoch())
                                .setSequence(fanOut.cursor())
                                .build()));
        backlog.startOver();
        if (all) {
            fanOut.edition().all().forEach(update -> backlog.addFresh(update.symbolId()));
        }
    }

    private boolean isDrained() {
        return isTailing() ? tailPlace == fanOut.tail().end() : backlog.isEmpty();
    }

    /** Sends what there is, while the transport takes it and the rate allows. */
    void drain(long nowNanos) {
        long before = delivered;
        long left = conflated();
        int unsaidBefore = unsaid.size();
        sendWhileReady(nowNanos);
        if (!ended) {
            if (isTailing()) {
                if (fanOut.tail().end() - tailPlace > Tail.BEHIND_MAX) {
                    leaveTail();
                }
            } else if (isDrained() && unsaid.isEmpty()) {
                tailIfKeepingUp(nowNanos);
            }
        }
        if (delivered != before) {
            fanOut.sent(delivered - before, conflated() - left);
        }
        if (!ended && unsaid.size() < unsaidBefore) {
            outlet.saidSome();
        }
    }

    private void sendWhileReady(long nowNanos) {
        while (!ended && outlet.isReady()) {
            // Alone: joined with another, the later of two answers would replace the first.
            if (!unsaid.isEmpty()) {
                outlet.send(unsaid.remove());
                continue;
            }
            if (isTailing() && sendFollowing()) {
                continue;
            }
            gather(nowNanos);
            if (isDrained() && fanOut.isSettled() && isProgressDue(nowNanos)) {
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

    /** Whether there was something. */
    private boolean sendFollowing() {
        Tail.Message message =
                fanOut.tail().from(tailPlace, delivery.updatesPerMessageMax(), MESSAGE_BYTES);
        if (message == null) {
            return false;
        }
        tailPlace = message.end();
        delivered += message.updates();
        conflatedTailing += message.conflated();
        outlet.send(message.bytes());
        return true;
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
        backlog.settle();
    }

    /** The next update as it goes out, or null when there is none, or none may go yet. */
    private byte @Nullable [] next(long nowNanos) {
        Slot slot = backlog.first();
        if (slot == null) {
            heldBack = false;
            return null;
        }
        return slot.sentSequence != 0 && !mayGo(nowNanos) ? null : backlog.take();
    }

    private boolean mayGo(long nowNanos) {
        if (delivery.nanosPerUpdate() == 0) {
            return true;
        }
        long pace = Math.max(delivery.nanosPerUpdate(), PACE_NANOS);
        long credit = heldBack ? Math.max(pace, LATE_NANOS_MAX) : pace;
        paidUntilNanos = Math.max(paidUntilNanos, nowNanos - credit);
        long ahead = paidUntilNanos + delivery.nanosPerUpdate() - nowNanos;
        if (ahead <= 0) {
            paidUntilNanos += delivery.nanosPerUpdate();
            return true;
        }
        heldBack = true;
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
        boolean isNews = toldSequence != fanOut.cursor() && (isTailing() || !pieces.isEmpty());
        return silence >= delivery.progressInterval().toNanos()
                || (isNews && silence >= PROGRESS_PAUSE_NANOS);
    }

    /** Looks whether it is time to tell progress. */
    void tick(long nowNanos) {
        if (isDrained() && fanOut.isSettled() && isProgressDue(nowNanos)) {
            drain(nowNanos);
        }
    }
}
