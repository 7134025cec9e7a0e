package dev.wirebrook.client;

import dev.wirebrook.client.Parcel.Verdicts;
import java.time.Duration;

/** What a publisher did. Guarded by its lock. */
final class PublisherCounters {
    private final long recovered;
    private long published;
    private long refused;
    private long batches;
    private long acknowledged;
    private long duplicates;
    private long quarantined;
    private long rejected;
    private long failed;
    private long retriedCalls;
    private long retriedEvents;

    PublisherCounters(long recovered) {
        this.recovered = recovered;
    }

    void addPublished() {
        published++;
    }

    void addRefused() {
        refused++;
    }

    void addRetry(int events) {
        retriedCalls++;
        retriedEvents += events;
    }

    void addSettled(Verdicts verdicts) {
        DispatchOutcome outcome = verdicts.outcome();
        batches++;
        acknowledged += outcome.accepted() + outcome.duplicate() + outcome.quarantined();
        duplicates += outcome.duplicate();
        quarantined += outcome.quarantined();
        rejected += outcome.rejected();
        failed += outcome.unsent();
    }

    /** Number of the next event: of all that the publisher ever had. */
    long next() {
        return recovered + published;
    }

    long held() {
        return next() - acknowledged - rejected - failed;
    }

    PublisherMetrics snapshot(EventBuffer buffer, int inFlight, Duration oldestAge) {
        return new PublisherMetrics(
                published,
                recovered,
                refused,
                batches,
                acknowledged,
                duplicates,
                quarantined,
                rejected,
                failed,
                retriedCalls,
                retriedEvents,
                held(),
                buffer.heldBytes(),
                buffer.fileBytes(),
                inFlight,
                oldestAge);
    }
}
