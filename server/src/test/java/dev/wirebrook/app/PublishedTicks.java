package dev.wirebrook.app;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.market.BatchLimits;
import dev.wirebrook.market.BookUpdate;
import dev.wirebrook.market.EventTicks;
import dev.wirebrook.market.SnapshotBook;
import dev.wirebrook.market.TickLog;
import dev.wirebrook.schema.EventCatalog;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A book whose updates go into a pipeline. */
final class PublishedTicks {
    private static final int CALL = 1_000;

    private final SnapshotBook book;
    private final EventTicks log;

    PublishedTicks(String epoch, EventCatalog catalog, TestPipeline pipeline) {
        book = new SnapshotBook(epoch, 1_000, 1_024, InstantSource.system());
        log =
                new EventTicks(
                        catalog,
                        new TickIntake(pipeline.intake()),
                        new BatchLimits(CALL, 1 << 20),
                        pipeline.workers().timer(),
                        System::nanoTime);
    }

    int idOf(String symbol) {
        return book.find(symbol).orElseThrow().symbolId();
    }

    /** Publishes updates, a thousand in a call, and waits until they are durable. */
    List<BookUpdate> publish(List<Snapshot> snapshots) {
        List<BookUpdate> published = new ArrayList<>();
        List<Durable> calls = new ArrayList<>();
        for (int i = 0; i < snapshots.size(); i += CALL) {
            List<BookUpdate> updates = new ArrayList<>();
            for (SnapshotBook.Applied applied :
                    book.apply(snapshots.subList(i, Math.min(snapshots.size(), i + CALL)))) {
                BookUpdate update = applied.update();
                if (update == null) {
                    throw new AssertionError(applied.refusal());
                }
                updates.add(update);
            }
            Durable call = new Durable(new CompletableFuture<>());
            log.append(book.epoch(), updates, call);
            calls.add(call);
            published.addAll(updates);
        }
        calls.forEach(call -> call.answer().join());
        return published;
    }

    private record Durable(CompletableFuture<Boolean> answer) implements TickLog.Answer {
        @Override
        public Executor executor() {
            return Runnable::run;
        }

        @Override
        public void durable() {
            answer.complete(true);
        }

        @Override
        public void refused(Failure failure) {
            answer.completeExceptionally(new FailureException(failure));
        }
    }
}
