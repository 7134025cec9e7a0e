package dev.wirebrook.app;

import dev.wirebrook.events.BatchOutcome;
import dev.wirebrook.events.ClientIds;
import dev.wirebrook.events.EventIntake;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.market.BatchIntake;
import dev.wirebrook.market.TickLog;
import java.util.concurrent.Executor;

/** The event pipeline's way in as market knows it. */
record TickIntake(EventIntake intake) implements BatchIntake {
    private static final System.Logger LOG = System.getLogger(TickIntake.class.getName());

    @Override
    public void submit(byte[] batch, TickLog.Answer answer) {
        intake.submit(batch, new Sender(answer));
    }

    private record Sender(TickLog.Answer answer) implements EventIntake.Sender {
        @Override
        public Executor executor() {
            return answer.executor();
        }

        @Override
        public boolean isServer() {
            return true;
        }

        @Override
        public boolean usesReservedIds() {
            return true;
        }

        @Override
        public ClientIds clientIds() {
            return ClientIds.ALL;
        }

        @Override
        public boolean reportsDuplicates() {
            return false;
        }

        /** Its updates are in the book, whoever waits for the answer. */
        @Override
        public boolean isGone() {
            return false;
        }

        @Override
        public void answered(BatchOutcome outcome) {
            if (outcome.rejected() + outcome.quarantined() == 0) {
                answer.durable();
            } else {
                LOG.log(System.Logger.Level.ERROR, "ticks were refused as events: {0}", outcome);
                answer.refused(
                        new Failure.Internal(
                                "an update could not be logged", "tick-" + outcome.endPosition()));
            }
        }

        @Override
        public void refused(Failure failure) {
            answer.refused(failure);
        }
    }
}
