package dev.wirebrook.client;

import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.EventResult.Verdict;
import java.util.List;

/**
 * What became of a batch. The counts are disjoint and add up to its events.
 *
 * @param accepted durable, and new as far as the server was asked to tell
 * @param duplicate durable before under the same id
 * @param rejected wrong as they stand; the results say why
 * @param quarantined durable and kept raw: the server does not know their type
 * @param unsent not durable when the attempts or the time ran out; their results say RETRY
 * @param results one for each event that was not plainly accepted, by its index in the batch
 */
public record DispatchOutcome(
        int accepted,
        int duplicate,
        int rejected,
        int quarantined,
        int unsent,
        List<EventResult> results) {
    public DispatchOutcome {
        results = List.copyOf(results);
    }

    /** The outcome of a batch of so many events, by the results of those not plainly accepted. */
    static DispatchOutcome of(int events, List<EventResult> results) {
        int duplicate = count(results, Verdict.DUPLICATE);
        int rejected = count(results, Verdict.REJECTED);
        int quarantined = count(results, Verdict.QUARANTINED);
        int unsent = count(results, Verdict.RETRY);
        return new DispatchOutcome(
                events - duplicate - rejected - quarantined - unsent,
                duplicate,
                rejected,
                quarantined,
                unsent,
                results);
    }

    private static int count(List<EventResult> results, Verdict verdict) {
        int count = 0;
        for (EventResult result : results) {
            count += result.getVerdict() == verdict ? 1 : 0;
        }
        return count;
    }

    /** Whether every event is durable. */
    public boolean isComplete() {
        return rejected == 0 && unsent == 0;
    }
}
