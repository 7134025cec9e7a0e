package dev.wirebrook.events;

import dev.wirebrook.events.DeadLetterStore.Stage;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * What was last seen of the dead letters, for health and metrics, which must not wait for disks.
 */
public final class DeadLetterWatch {
    private final DeadLetterStore store;

    private volatile Map<Stage, Long> parked = Map.of();
    private volatile String fault = "";

    DeadLetterWatch(DeadLetterStore store) {
        this.store = store;
    }

    /** Looks again. Blocks. */
    public void look() {
        try {
            store.check();
            parked = Map.copyOf(store.parkedByStage());
            fault = "";
        } catch (UncheckedIOException e) {
            fault = DeadLetterStore.reason(e);
        }
    }

    /** Letters in state PARKED. */
    public long parked(Stage stage) {
        return parked.getOrDefault(stage, 0L);
    }

    /** Why the letters cannot be used, and what to do; empty while they can. */
    public String fault() {
        return fault;
    }
}
