package dev.wirebrook.events;

import dev.wirebrook.failure.Violation;
import java.util.List;

/**
 * What became of one event that was not plainly accepted.
 *
 * @param index place in the batch
 * @param violations why it was rejected, else empty
 */
public record EventOutcome(int index, String id, Verdict verdict, List<Violation> violations) {
    public enum Verdict {
        /** Durable, and taken in before under the same client and id. */
        DUPLICATE,
        /** Not durable, and never will be as it stands. */
        REJECTED,
        /** Durable, kept raw, since its type is unknown. */
        QUARANTINED
    }

    public EventOutcome {
        violations = List.copyOf(violations);
    }
}
