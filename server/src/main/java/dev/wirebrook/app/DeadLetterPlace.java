package dev.wirebrook.app;

import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.SharedDeadLetters;
import dev.wirebrook.events.postgres.PostgresEngine;
import dev.wirebrook.events.sql.SqlEngine;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.telemetry.Health;

/**
 * Where dead letters are kept: in PostgreSQL when the log is shared by nodes and PostgreSQL is
 * configured, so that a letter outlives the node that parked it and every node can replay it; in
 * this node's own file otherwise.
 */
sealed interface DeadLetterPlace {
    /** In the health report. */
    String NAME = "dead-letters";

    static DeadLetterPlace of(
            boolean sharedLog, SqlEngine engine, String log, DeadLetterStore own) {
        if (!sharedLog) {
            return new OfThisNode(own, "");
        }
        return switch (engine) {
            case PostgresEngine postgres -> {
                var letters = postgres.deadLetters(log);
                yield new OfAllNodes(new SharedDeadLetters(letters, letters::adopt, own));
            }
            default ->
                    new OfThisNode(
                            own,
                            "dead letters are in this node's own file and are lost with it, though"
                                    + " nodes share the log; set transactional.engine to postgres to"
                                    + " keep them in PostgreSQL");
        };
    }

    DeadLetterStore store();

    /**
     * The part of the node's health that this is. A node that cannot use its own file takes no
     * traffic; when the store of all nodes is away, none of them would be left.
     */
    Health.Component component(Health health);

    void start(Workers workers);

    /** Tells health where letters are. */
    void report(Health.Component health);

    record OfThisNode(DeadLetterStore store, String note) implements DeadLetterPlace {
        @Override
        public Health.Component component(Health health) {
            return health.component(NAME);
        }

        @Override
        public void start(Workers workers) {
            if (!note.isEmpty()) {
                System.getLogger(DeadLetterPlace.class.getName())
                        .log(System.Logger.Level.WARNING, note);
            }
        }

        @Override
        public void report(Health.Component health) {
            health.ready(note);
        }
    }

    record OfAllNodes(SharedDeadLetters store) implements DeadLetterPlace {
        @Override
        public Health.Component component(Health health) {
            return health.partialComponent(NAME);
        }

        @Override
        public void start(Workers workers) {
            workers.startNamed("dead-letters", store::handOverUntilInterrupted);
        }

        @Override
        public void report(Health.Component health) {
            if (store.fault().isEmpty()) {
                health.ready("in PostgreSQL, shared by all nodes");
            } else {
                health.notReady(store.fault());
            }
        }
    }
}
