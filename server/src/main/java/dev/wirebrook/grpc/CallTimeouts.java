package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends calls when a time has passed that is the same for all of them. So the order of arrival is
 * the order of expiry: a linked list serves as timer, where adding and removing take constant time
 * and no timer is set per call. Thread-safe.
 */
final class CallTimeouts {
    private static final int STRIPES = 16;

    private final long timeoutNanos;
    private final String message;
    private final LongSupplier nanoTime;
    private final Stripe[] stripes = new Stripe[STRIPES];

    /**
     * @param message what a client hears whose call took longer
     */
    CallTimeouts(Duration timeout, String message, LongSupplier nanoTime) {
        this.timeoutNanos = timeout.toNanos();
        this.message = message;
        this.nanoTime = nanoTime;
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /** Starts the call's time. To be called once. */
    void add(GuardedCall<?, ?> call) {
        stripes[(int) Thread.currentThread().threadId() & (STRIPES - 1)].add(call);
    }

    Duration timeout() {
        return Duration.ofNanos(timeoutNanos);
    }

    /** Ends every call whose time is up. */
    void sweep() {
        long startedBefore = nanoTime.getAsLong() - timeoutNanos;
        for (Stripe stripe : stripes) {
            GuardedCall<?, ?> late;
            while ((late = stripe.takeStartedBefore(startedBefore)) != null) {
                late.endWith(expired());
            }
        }
    }

    private FailureStatus expired() {
        return FailureStatus.of(new Failure.DeadlineExceeded(message));
    }

    /** What a client hears whose own deadline has passed while the call was at work. */
    static Failure deadlinePassed() {
        return new Failure.DeadlineExceeded(
                "the call took longer than the time that its client gave it");
    }

    /** A doubly linked list through the calls themselves. */
    static final class Stripe {
        // Guarded by this, as are the calls' links.
        private @Nullable GuardedCall<?, ?> first;
        private @Nullable GuardedCall<?, ?> last;

        private synchronized void add(GuardedCall<?, ?> call) {
            call.stripe = this;
            call.before = last;
            if (last == null) {
                first = call;
            } else {
                last.after = call;
            }
            last = call;
        }

        /** The call needs no end any more. May be called more than once. */
        synchronized void remove(GuardedCall<?, ?> call) {
            GuardedCall<?, ?> before = call.before;
            GuardedCall<?, ?> after = call.after;
            if (before == null && call != first) {
                return;
            }
            if (before == null) {
                first = after;
            } else {
                before.after = after;
            }
            if (after == null) {
                last = before;
            } else {
                after.before = before;
            }
            call.before = null;
            call.after = null;
        }

        private synchronized @Nullable GuardedCall<?, ?> takeStartedBefore(long nanos) {
            GuardedCall<?, ?> oldest = first;
            if (oldest == null || oldest.startNanos() - nanos > 0) {
                return null;
            }
            remove(oldest);
            return oldest;
        }
    }
}
