package dev.wirebrook.market.redis;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.market.UpdateDraft;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisReadOnlyException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this node publishes, from when it is taken until its answer is there, over as many links as
 * that takes.
 *
 * <p>Parcels go out in their order, several under way at once. What was under way on a link that
 * broke goes out again on the next, first and in the same order: those that Redis has taken it
 * knows by their numbers, and only gives their outcomes again. What comes late on a link that is no
 * more, Redis refuses, for its term is over.
 *
 * <p>Nothing is sent on a thread of the client: it would write at once there, past what another
 * thread has given it before and it has not come to yet.
 *
 * <p>Bounded in updates. Who comes beyond that stands in line, in the order in which he came, and
 * is slowed by it, for so long as the publish timeout; and the line is bounded too. Thread-safe.
 */
final class Outbox {
    /** Parcels under way at once. */
    static final int WINDOW = 32;

    /** Updates in line, for each that may wait for an answer. */
    static final int LINE = 4;

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    /** Told what became of what was sent. */
    interface Events {
        /**
         * All is known of a submission; it is to be answered.
         *
         * @param epoch of its sequences
         */
        void settled(Submission submission, String epoch);

        /** The link is of no use any more. */
        void failed(RedisLink link, Throwable cause);
    }

    /**
     * One that stands in line; nothing of it was sent.
     *
     * @param arguments the updates as they are sent
     * @param deadlineNanos when it is refused
     */
    private record Arrival(
            Submission submission,
            List<UpdateDraft> drafts,
            List<Integer> places,
            List<byte[]> arguments,
            long deadlineNanos) {
        int size() {
            return drafts.size();
        }
    }

    // immutable state
    private final RedisMarketSettings settings;
    private final int symbolsMax;
    private final LongSupplier nanoClock;
    private final Executor sender;
    private final Events events;

    // mutable state
    private final ArrayDeque<Arrival> line = new ArrayDeque<>();
    private int inLine;
    private final ArrayDeque<Parcel> waiting = new ArrayDeque<>();
    private final ArrayDeque<Parcel> sent = new ArrayDeque<>();
    private @Nullable RedisLink link;
    private String epoch = "";
    private long lastAnswered;
    private long lastNumber;
    private int updates;
    private boolean closed;

    /**
     * @param sender runs what is sent when there is room again; no thread of the client
     */
    Outbox(
            RedisMarketSettings settings,
            int symbolsMax,
            LongSupplier nanoClock,
            Executor sender,
            Events events) {
        this.settings = settings;
        this.symbolsMax = symbolsMax;
        this.nanoClock = nanoClock;
        this.sender = sender;
        this.events = events;
    }

    /**
     * Takes updates. Not to be called on a thread of the client.
     *
     * @param places of the updates in the submission
     * @return why it does not, or null
     */
    @Nullable Failure offer(Submission submission, List<UpdateDraft> drafts, List<Integer> places) {
        List<byte[]> arguments = drafts.stream().map(PublishArguments::of).toList();
        synchronized (this) {
            if (closed) {
                return leaving();
            }
            if (drafts.size() > settings.pendingUpdatesMax()
                    || inLine + drafts.size() > (long) LINE * settings.pendingUpdatesMax()) {
                return overloaded();
            }
            line.add(new Arrival(submission, drafts, places, arguments, deadline()));
            inLine += drafts.size();
            sendOn();
        }
        return null;
    }

    private static Failure leaving() {
        return new Failure.Draining("this node is leaving", RETRY_DELAY);
    }

    private long deadline() {
        return nanoClock.getAsLong() + settings.publishTimeout().toNanos();
    }

    private Failure overloaded() {
        return new Failure.Overloaded(
                "%,d updates wait for Redis, and no more are taken just now"
                        .formatted(updates + inLine),
                RETRY_DELAY);
    }

    /** Whoever there is room for leaves the line. */
    private void letIn() {
        for (Arrival first = line.peek();
                first != null && updates + first.size() <= settings.pendingUpdatesMax();
                first = line.peek()) {
            line.remove();
            inLine -= first.size();
            updates += first.size();
            pack(first);
        }
    }

    private void pack(Arrival arrival) {
        long deadline = deadline();
        for (int from = 0; from < arrival.size(); from += Parcel.UPDATES_MAX) {
            int to = Math.min(from + Parcel.UPDATES_MAX, arrival.size());
            arrival.submission().opens();
            waiting.add(
                    new Parcel(
                            ++lastNumber,
                            arrival.submission(),
                            arrival.drafts().subList(from, to),
                            arrival.places().subList(from, to),
                            arrival.arguments().subList(from, to),
                            deadline));
        }
    }

    /** Sends on this link from now on. */
    synchronized void attach(RedisLink to) {
        link = to;
        if (!to.epoch().equals(epoch)) {
            epoch = to.epoch();
            lastAnswered = 0;
        }
        sendOnElsewhere();
    }

    /** Sends nothing; what was under way waits again. */
    synchronized void detach() {
        link = null;
        while (!sent.isEmpty()) {
            waiting.addFirst(sent.removeLast());
        }
    }

    /**
     * The highest sequence that Redis has answered with, in the epoch of the last link; of parcels,
     * for what it has answered it must not lose unseen, whether anybody was told or not yet.
     */
    synchronized long lastAnswered() {
        return lastAnswered;
    }

    private synchronized void sendOnElsewhere() {
        if (!waiting.isEmpty() || !line.isEmpty()) {
            sender.execute(this::sendOn);
        }
    }

    private synchronized void sendOn() {
        letIn();
        RedisLink to = link;
        while (to != null && sent.size() < WINDOW && !waiting.isEmpty()) {
            Parcel parcel = waiting.remove();
            if (parcel.submission().hasEnded()) {
                updates -= parcel.size();
                continue;
            }
            sent.add(parcel);
            var _ =
                    to.publish(parcel.number(), parcel.arguments(), symbolsMax)
                            .handle((answer, failure) -> {
                                answered(to, parcel, answer, failure);
                                return null;
                            });
        }
    }

    @SuppressWarnings("ReferenceEquality") // links are no values
    private void answered(
            RedisLink from, Parcel parcel, byte @Nullable [] answer, @Nullable Throwable failure) {
        if (failure != null && !isRefusal(failure)) {
            events.failed(from, failure);
            return;
        }
        if (failure == null && answer == null) {
            events.failed(from, new IllegalStateException("the epoch or the term is another"));
            return;
        }
        List<Outcome> outcomes = List.of();
        String unread = "";
        if (answer != null) {
            try {
                outcomes = Outcome.read(answer, parcel.drafts(), symbolsMax);
            } catch (RuntimeException e) {
                unread = "its answer cannot be read: " + e;
            }
        }
        synchronized (this) {
            if (link != from) {
                return; // It is sent again, and answered again.
            }
            sent.remove(parcel);
            updates -= parcel.size();
            // Here, so that whoever looks once the link is detached does not miss it.
            lastAnswered = Math.max(lastAnswered, lastSequence(outcomes));
        }
        boolean last = false;
        if (failure != null) {
            parcel.submission().refuse(unavailable(cause(failure).getMessage()));
        } else if (!unread.isEmpty()) {
            parcel.submission().refuse(unavailable(unread));
        } else {
            last = parcel.submission().settled(parcel, from.epoch(), outcomes);
        }
        if (last && parcel.submission().isTorn()) {
            parcel.submission()
                    .refuse(
                            unavailable(
                                    "it has lost a part of what was published before it took the rest; publish it again"));
        } else if (last) {
            events.settled(parcel.submission(), from.epoch());
        }
        sendOnElsewhere();
    }

    private static long lastSequence(List<Outcome> outcomes) {
        long last = 0;
        for (Outcome outcome : outcomes) {
            last =
                    switch (outcome) {
                        case Outcome.Accepted(long sequence) -> Math.max(last, sequence);
                        case Outcome.Duplicate(long sequence) -> Math.max(last, sequence);
                        case Outcome.Refused(Failure _) -> last;
                    };
        }
        return last;
    }

    /** Redis has answered that it does not do it, and another link would not change that. */
    private static boolean isRefusal(Throwable failure) {
        Throwable cause = cause(failure);
        return cause instanceof RedisCommandExecutionException
                && !(cause instanceof RedisNoScriptException)
                && !(cause instanceof RedisReadOnlyException);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }

    /** Refuses what has waited for too long. */
    void expire() {
        List<Arrival> notTaken = new ArrayList<>();
        List<Parcel> late = new ArrayList<>();
        Failure full;
        synchronized (this) {
            full = overloaded();
            for (Arrival first = line.peek();
                    first != null && isOver(first.deadlineNanos());
                    first = line.peek()) {
                notTaken.add(line.remove());
                inLine -= first.size();
            }
            for (Parcel first = waiting.peek();
                    first != null && isOver(first.deadlineNanos());
                    first = waiting.peek()) {
                late.add(waiting.remove());
                updates -= first.size();
            }
            sendOnElsewhere();
        }
        notTaken.forEach(arrival -> arrival.submission().refuse(full));
        refuse(
                late,
                unavailable(
                        "it did not answer within %d ms; what was published may have been taken or not"
                                .formatted(settings.publishTimeout().toMillis())));
    }

    private boolean isOver(long deadlineNanos) {
        return nanoClock.getAsLong() - deadlineNanos > 0;
    }

    private Failure unavailable(@Nullable String reason) {
        return new Failure.Unavailable(
                "Redis at %s: %s".formatted(settings.address(), reason), RETRY_DELAY);
    }

    /** Takes no more, and refuses what is there. */
    void close() {
        List<Arrival> inLineStill;
        List<Parcel> left;
        synchronized (this) {
            closed = true;
            detach();
            inLineStill = List.copyOf(line);
            line.clear();
            inLine = 0;
            left = List.copyOf(waiting);
            waiting.clear();
            updates = 0;
        }
        inLineStill.forEach(arrival -> arrival.submission().refuse(leaving()));
        refuse(left, unavailable("this node is leaving; what was published may have been taken"));
    }

    private static void refuse(List<Parcel> parcels, Failure failure) {
        parcels.forEach(parcel -> parcel.submission().refuse(failure));
    }
}
