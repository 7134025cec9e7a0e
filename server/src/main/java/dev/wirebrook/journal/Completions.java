package dev.wirebrook.journal;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The appends of a group, by the executor that wants to hear of them: each executor gets one task.
 * Confined to the writer; the tasks belong to their executors.
 */
final class Completions {
    private static final System.Logger LOG = System.getLogger(Completions.class.getName());

    private final IdentityHashMap<Executor, Batch> byExecutor = new IdentityHashMap<>();
    private final List<Batch> batches = new ArrayList<>();
    private int size;
    private long chargedBytes;

    void add(QueuedAppend append) {
        Batch batch = byExecutor.get(append.executor);
        if (batch == null) {
            batch = new Batch(append.executor);
            byExecutor.put(append.executor, batch);
            batches.add(batch);
        }
        batch.add(append);
        size++;
        chargedBytes += append.chargedBytes();
    }

    /** What the appends added since the last hand-over are charged. */
    long chargedBytes() {
        return chargedBytes;
    }

    int size() {
        return size;
    }

    void durable() {
        handOver(null);
    }

    void refused(JournalRefusal refusal) {
        handOver(refusal);
    }

    private void handOver(@Nullable JournalRefusal refusal) {
        byExecutor.clear();
        size = 0;
        chargedBytes = 0;
        while (!batches.isEmpty()) {
            Batch batch = batches.removeLast();
            batch.refusal = refusal;
            execute(batch.executor, batch);
        }
    }

    /** Tells one append that it was refused. Any thread. */
    static void refuse(QueuedAppend append, JournalRefusal refusal) {
        Batch batch = new Batch(append.executor);
        batch.refusal = refusal;
        batch.add(append);
        execute(append.executor, batch);
    }

    private static void execute(Executor executor, Batch batch) {
        try {
            executor.execute(batch);
        } catch (RuntimeException e) {
            // The executor is gone, and with it whoever else could touch what waits on it: telling
            // it here is better than never.
            LOG.log(System.Logger.Level.WARNING, "an executor rejected completions", e);
            batch.run();
        }
    }

    private static final class Batch implements Runnable {
        private final Executor executor;
        private @Nullable QueuedAppend first;
        private @Nullable QueuedAppend last;
        private @Nullable JournalRefusal refusal;

        Batch(Executor executor) {
            this.executor = executor;
        }

        void add(QueuedAppend append) {
            if (last == null) {
                first = append;
            } else {
                last.next = append;
            }
            last = append;
        }

        @Override
        public void run() {
            QueuedAppend append = first;
            while (append != null) {
                complete(append);
                append = append.next;
            }
        }

        /** One that throws must not cost the others their answer. */
        private void complete(QueuedAppend append) {
            try {
                if (refusal == null) {
                    append.append.onDurable(append.position, append.endPosition);
                } else {
                    append.append.onRefused(refusal);
                }
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.ERROR, "a completion threw", e);
            }
        }
    }
}
