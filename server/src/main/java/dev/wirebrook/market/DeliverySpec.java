package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Overflow;
import dev.wirebrook.failure.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a reader wants its updates. Immutable.
 *
 * @param conflation what a reader gets that cannot keep up
 * @param overflow what happens when its line is full, where it has one
 * @param queueMax updates in its line
 * @param nanosPerUpdate least time between two updates; 0: as fast as they come
 * @param updatesPerMessageMax updates in one message
 * @param progressInterval how often it is told how far it is
 */
public record DeliverySpec(
        Conflation conflation,
        Overflow overflow,
        int queueMax,
        long nanosPerUpdate,
        int updatesPerMessageMax,
        Duration progressInterval) {
    private static final int QUEUE_DEFAULT = 1_024;
    private static final int QUEUE_MAX = 65_536;
    private static final int UPDATES_DEFAULT = 64;
    private static final int UPDATES_MAX = 10_000;
    private static final double RATE_MIN = 0.001;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final Duration PROGRESS_DEFAULT = Duration.ofSeconds(5);
    private static final Duration PROGRESS_MIN = Duration.ofMillis(500);
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(30);

    /** What is wrong with a wish; nothing when it can be kept. */
    public static List<Violation> violations(Delivery wish) {
        List<Violation> violations = new ArrayList<>();
        if (wish.getConflation() == Conflation.UNRECOGNIZED) {
            violations.add(
                    new Violation(
                            "delivery.conflation",
                            "is CONFLATION_LATEST, CONFLATION_MERGE or CONFLATION_NONE"));
        }
        if (wish.getOverflow() == Overflow.UNRECOGNIZED) {
            violations.add(
                    new Violation(
                            "delivery.overflow",
                            "is OVERFLOW_RESNAPSHOT, OVERFLOW_CONFLATE or OVERFLOW_DISCONNECT"));
        }
        if (wish.getQueueMax() < 0 || wish.getQueueMax() > QUEUE_MAX) {
            violations.add(
                    new Violation(
                            "delivery.queue_max",
                            "is 1 to %d, or 0 for %d".formatted(QUEUE_MAX, QUEUE_DEFAULT)));
        }
        double rate = wish.getMaxRate();
        if (!Double.isFinite(rate) || (rate != 0 && rate < RATE_MIN)) {
            violations.add(
                    new Violation(
                            "delivery.max_rate",
                            "is updates a second, %s or more, or 0 for no bound"
                                    .formatted(RATE_MIN)));
        }
        if (wish.getUpdatesPerMessageMax() < 0 || wish.getUpdatesPerMessageMax() > UPDATES_MAX) {
            violations.add(
                    new Violation(
                            "delivery.updates_per_message_max",
                            "is 1 to %d, or 0 for %d".formatted(UPDATES_MAX, UPDATES_DEFAULT)));
        }
        if (wish.hasProgressInterval() && !isProgressInterval(wish)) {
            violations.add(
                    new Violation("delivery.progress_interval", "is 0.5 to 30 s, such as \"5s\""));
        }
        return violations;
    }

    private static boolean isProgressInterval(Delivery wish) {
        long seconds = wish.getProgressInterval().getSeconds();
        if (Math.abs(seconds) > PROGRESS_MAX.toSeconds()) {
            return false;
        }
        Duration interval = interval(wish);
        return interval.compareTo(PROGRESS_MIN) >= 0 && interval.compareTo(PROGRESS_MAX) <= 0;
    }

    private static Duration interval(Delivery wish) {
        return Duration.ofSeconds(
                wish.getProgressInterval().getSeconds(), wish.getProgressInterval().getNanos());
    }

    /** Of a wish without violations. */
    public static DeliverySpec of(Delivery wish) {
        return new DeliverySpec(
                wish.getConflation() == Conflation.CONFLATION_UNSPECIFIED
                        ? Conflation.CONFLATION_LATEST
                        : wish.getConflation(),
                wish.getOverflow() == Overflow.OVERFLOW_UNSPECIFIED
                        ? Overflow.OVERFLOW_RESNAPSHOT
                        : wish.getOverflow(),
                wish.getQueueMax() == 0 ? QUEUE_DEFAULT : wish.getQueueMax(),
                wish.getMaxRate() == 0 ? 0 : (long) (NANOS_PER_SECOND / wish.getMaxRate()),
                wish.getUpdatesPerMessageMax() == 0
                        ? UPDATES_DEFAULT
                        : wish.getUpdatesPerMessageMax(),
                wish.hasProgressInterval() ? interval(wish) : PROGRESS_DEFAULT);
    }

    boolean keepsEvery() {
        return conflation == Conflation.CONFLATION_NONE;
    }

    boolean merges() {
        return conflation == Conflation.CONFLATION_MERGE;
    }
}
