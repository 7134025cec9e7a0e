package dev.wirebrook.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a batch.
 *
 * @param accepted events that are durable, duplicates and quarantined ones among them
 * @param outcomes one for each event that was not plainly accepted, in the order of the batch
 * @param endPosition the log position behind the batch; 0 when nothing of it was logged
 */
public record BatchOutcome(
        int accepted,
        int duplicate,
        int rejected,
        int quarantined,
        List<EventOutcome> outcomes,
        long endPosition) {
    /** Events of the batch that were looked at. */
    public int events() {
        return accepted + rejected;
    }

    /** Why the first event that was rejected was, or null when none was. */
    public @Nullable String firstRejection() {
        for (EventOutcome outcome : outcomes) {
            if (outcome.verdict() == EventOutcome.Verdict.REJECTED) {
                return outcome.violations().getFirst().description();
            }
        }
        return null;
    }
}
