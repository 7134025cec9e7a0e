package dev.wirebrook.journal;

import java.util.concurrent.Executor;

/** A {@link PendingAppend} in the journal's hands: a link of the queue, later of a completion. */
final class QueuedAppend extends AppendQueue.Link {
    /** What a waiting append is charged beside its length: about what its objects take. */
    static final int OVERHEAD_BYTES = 128;

    final PendingAppend append;
    final Executor executor;
    final int length;

    /** Where its record stands. Written and read by the writer until it hands the append back. */
    long position;

    /** Where the next record will stand. Likewise. */
    long endPosition;

    QueuedAppend(PendingAppend append, int length) {
        this.append = append;
        this.executor = append.executor();
        this.length = length;
    }

    long chargedBytes() {
        return length + (long) OVERHEAD_BYTES;
    }
}
