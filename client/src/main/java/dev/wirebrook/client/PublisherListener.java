package dev.wirebrook.client;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Hears what a publisher cannot give back to its callers. Called on the network thread: must not
 * block, nor call the publisher. What it throws is logged and changes nothing.
 *
 * <p>The methods that are not overridden log, so that no event is lost in silence.
 */
public interface PublisherListener {
    /** Writes everything to the log of this interface's name. */
    PublisherListener LOGGING = new PublisherListener() {};

    /**
     * An event that will never be stored. It is no longer in the buffer or the spool.
     *
     * @param event its bytes, as they were sent
     * @param outcome {@link EventOutcome.Rejected} with what is wrong, or {@link
     *     EventOutcome.Failed}
     */
    default void refused(ByteString event, EventOutcome outcome) {
        logger().log(Level.WARNING, "an event was refused: {0}", outcome);
    }

    /**
     * A call failed and will be made again.
     *
     * @param attempts calls so far with this batch
     */
    default void failed(Status status, int attempts) {
        logger().log(Level.DEBUG, "call {0} of a batch failed: {1}", attempts, status);
    }

    /** The spool held events of an earlier process; they are sent before all others. */
    default void recovered(SpoolRecovery recovery) {
        logger().log(Level.INFO, "found in the spool: {0}", recovery);
    }

    private static Logger logger() {
        return System.getLogger(PublisherListener.class.getName());
    }
}
