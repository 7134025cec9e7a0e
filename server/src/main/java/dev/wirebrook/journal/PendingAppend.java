package dev.wirebrook.journal;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;

/**
 * One record on its way into the journal, and what to tell whom. Used once. Exactly one of {@link
 * #onDurable} and {@link #onRefused} is called, on {@link #executor}; the journal hands all
 * completions of a group that share an executor to it as one task.
 */
public interface PendingAppend {
    /** Length of the record in bytes, at least 1. Constant. */
    int length();

    /**
     * Writes exactly {@link #length} bytes from the target's position on, of which only this call
     * may make use. Called on the journal's writer thread; must not block.
     */
    void writeTo(ByteBuffer target);

    /** Where the completion runs. Must not reject tasks. */
    Executor executor();

    /**
     * The record is durable.
     *
     * @param position where it stands
     * @param endPosition where the next record will stand or stands
     */
    void onDurable(long position, long endPosition);

    /**
     * The record was not written and never will be; except after {@link JournalRefusal.Failed},
     * when it may turn out to be there once the journal is opened again.
     */
    void onRefused(JournalRefusal refusal);
}
