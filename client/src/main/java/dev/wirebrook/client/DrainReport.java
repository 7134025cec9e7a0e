package dev.wirebrook.client;

import io.grpc.Status;
import java.util.Optional;

/**
 * How far a publisher came.
 *
 * @param unsettled events that the server did not answer for in time; they may be durable
 * @param spooled whether those are on disk, to be sent by the next publisher on the spool
 * @param lastFailure of a call, where one failed since anything was acknowledged
 */
public record DrainReport(long unsettled, boolean spooled, Optional<Status> lastFailure) {
    public boolean isComplete() {
        return unsettled == 0;
    }

    /** Whether events are neither answered for nor on disk. */
    public boolean hasLoss() {
        return unsettled > 0 && !spooled;
    }
}
