package dev.wirebrook.client;

import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.Violation;
import dev.wirebrook.client.PublishResult.Reason;
import io.grpc.Status;
import java.util.List;

/** What became of one event that was given to an {@link EventPublisher}. */
public sealed interface EventOutcome {
    /** Durable on the server, and new as far as it was asked to tell. */
    record Accepted() implements EventOutcome {}

    /** Durable before under the same id: stored once. */
    record Duplicate() implements EventOutcome {}

    /** Durable and kept raw: the server does not know its type. */
    record Quarantined() implements EventOutcome {}

    /** Wrong as it stands; never stored. */
    record Rejected(List<Violation> violations) implements EventOutcome {
        public Rejected {
            violations = List.copyOf(violations);
        }
    }

    /** The call that carried it was refused for good. */
    record Failed(Status status) implements EventOutcome {}

    /**
     * The publisher ended before the server answered. It may be durable. With a spool it is sent
     * again by the next publisher on that spool.
     */
    record Unsent() implements EventOutcome {}

    /** The publisher did not take it. */
    record NotTaken(Reason reason) implements EventOutcome {}

    /** Whether the server has it on disk. */
    default boolean isDurable() {
        return switch (this) {
            case Accepted _, Duplicate _, Quarantined _ -> true;
            case Rejected _, Failed _, Unsent _, NotTaken _ -> false;
        };
    }

    /** What a server's result says. */
    static EventOutcome of(EventResult result) {
        return switch (result.getVerdict()) {
            case DUPLICATE -> new Duplicate();
            case QUARANTINED -> new Quarantined();
            case REJECTED -> new Rejected(result.getViolationsList());
            case RETRY -> new Unsent();
            case ACCEPTED, VERDICT_UNSPECIFIED, UNRECOGNIZED -> new Accepted();
        };
    }
}
