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
 * <p>Bounded in updates: beyond, publishers are refused. Thread-safe.
 */
final class Outbox {
    /** Parcels under way at once. */
    static final int WINDOW = 32;

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    /** Told what became of what was sent. */
    interface Events {
        /** All is known of a submission; it is to be answered. */
        void settled(Submission submission);

        /** The link is of no use any more. */
        void failed(RedisLink link, Throwable cause);
    }

    // immutable state
    private final RedisMarketSettings settings;
    private final int symbolsMax;
    private final LongSupplier nanoClock;
    private final Events events;

    // mutable state
    private final ArrayDeque<Parcel> waiting = new ArrayDeque<>();
    private final ArrayDeque<Parcel> sent = new ArrayDeque<>();
    private @Nullable RedisLink link;
    private long lastNumber;
    private int updates;
    private boolean closed;

    Outbox(RedisMarketSettings settings, int symbolsMax, LongSupplier nanoClock, Events events) {
        this.settings = settings;
        this.symbolsMax = symbolsMax;
        this.nanoClock = nanoClock;
        this.events = events;
    }

    /**
     * Takes updates.
     *
     * @param places of the updates in the submission
     * @return why it does not, or null
     */
    @Nullable Failure offer(Submission submission, List<UpdateDraft> drafts, List<Integer> places) {
        List<byte[]> arguments = drafts.stream().map(PublishArguments::of).toList();
        synchronized (this) {
            if (closed) {
                return new Failure.Draining("this node is leaving", RETRY_DELAY);
            }
            if (updates + drafts.size() > settings.pendingUpdatesMax()) {
                return new Failure.Overloaded(
                        "%,d updates wait for Redis, and no more are taken just now"
                                .formatted(updates),
                        RETRY_DELAY);
            }
            long deadline = nanoClock.getAsLong() + settings.publishTimeout().toNanos();
            for (int from = 0; from < drafts.size(); from += Parcel.UPDATES_MAX) {
                int to = Math.min(from + Parcel.UPDATES_MAX, drafts.size());
                submission.opens();
                waiting.add(
                        new Parcel(
                                ++lastNumber,
                                submission,
                                drafts.subList(from, to),
                                places.subList(from, to),
                                arguments.subList(from, to),
                                deadline));
            }
            updates += drafts.size();
            sendOn();
        }
        return null;
    }

    /** Sends on this link from now on. */
    synchronized void attach(RedisLink to) {
        link = to;
        sendOn();
    }

    /** Sends nothing; what was under way waits again. */
    synchronized void detach() {
        link = null;
        while (!sent.isEmpty()) {
            waiting.addFirst(sent.removeLast());
        }
    }

    private void sendOn() {
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
        boolean last = false;
        synchronized (this) {
            if (link != from) {
                return; // It is sent again, and answered again.
            }
            sent.remove(parcel);
            updates -= parcel.size();
        }
        if (answer != null) {
            try {
                last =
                        parcel.submission()
                                .settled(parcel, Outcome.read(answer, parcel.drafts(), symbolsMax));
            } catch (RuntimeException e) {
                parcel.submission().refuse(unavailable("its answer cannot be read: " + e));
            }
        } else if (failure != null) {
            parcel.submission().refuse(unavailable(cause(failure).getMessage()));
        }
        if (last) {
            events.settled(parcel.submission());
        }
        synchronized (this) {
            sendOn();
        }
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
        List<Parcel> late = new ArrayList<>();
        synchronized (this) {
            long now = nanoClock.getAsLong();
            for (Parcel first = waiting.peek();
                    first != null && now - first.deadlineNanos() > 0;
                    first = waiting.peek()) {
                late.add(waiting.remove());
                updates -= first.size();
            }
        }
        refuse(
                late,
                unavailable(
                        "it did not answer within %d ms; what was published may have been taken or not"
                                .formatted(settings.publishTimeout().toMillis())));
    }

    private Failure unavailable(@Nullable String reason) {
        return new Failure.Unavailable(
                "Redis at %s: %s".formatted(settings.address(), reason), RETRY_DELAY);
    }

    /** Takes no more, and refuses what is there. */
    void close() {
        List<Parcel> left;
        synchronized (this) {
            closed = true;
            detach();
            left = List.copyOf(waiting);
            waiting.clear();
            updates = 0;
        }
        refuse(left, unavailable("this node is leaving; what was published may have been taken"));
    }

    private static void refuse(List<Parcel> parcels, Failure failure) {
        parcels.forEach(parcel -> parcel.submission().refuse(failure));
    }
}
