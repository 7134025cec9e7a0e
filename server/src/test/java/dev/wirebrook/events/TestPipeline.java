package dev.wirebrook.events;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.LaunchEvent;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.duckdb.DuckDbSettings;
import dev.wirebrook.events.duckdb.DuckDbWarehouse;
import dev.wirebrook.events.sqlite.SqliteDeadLetterStore;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A pipeline on real adapters in a folder, and questions to it. */
public final class TestPipeline {
    static final int BATCH_BYTES_MAX = 1 << 20;
    static final int BATCH_EVENTS_MAX = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Workers workers = new Workers();
    private final Warehouse warehouse;
    private final EventPipeline pipeline;

    /** Opens what a pipeline is to run on; it is empty at first. */
    public interface Engines {
        default EventCatalog catalog() {
            return EventCatalog.standard();
        }

        default List<RouteSpec> routes() {
            return List.of(
                    new RouteSpec(
                            "all",
                            List.of("*"),
                            "warehouse",
                            1_000,
                            8 << 20,
                            Duration.ofMillis(20)));
        }

        EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers)
                throws IOException;

        /** The engine that events end in. */
        default Warehouse openWarehouse(Path directory, EventCatalog catalog, Workers workers)
                throws IOException {
            return new DuckDbWarehouse(
                    catalog,
                    DuckDbSettings.of(directory.resolve("warehouse.duckdb")),
                    workers.timer(),
                    workers::startBlocking);
        }

        /** The store of dead letters as the log has it. */
        default DeadLetterStore deadLetters(EventLog log, DeadLetterStore store) {
            return store;
        }
    }

    private TestPipeline(Path directory, FaultySink.Plan faults, Engines engines)
            throws IOException {
        EventCatalog catalog = engines.catalog();
        List<RouteSpec> routes = engines.routes();
        warehouse =
                new FaultySink.FaultyWarehouse(
                        engines.openWarehouse(directory, catalog, workers), faults);
        EventLog eventLog = engines.openLog(catalog, routes, workers);
        pipeline =
                new EventPipeline(
                        catalog,
                        new PipelineSettings(
                                BATCH_BYTES_MAX,
                                BATCH_EVENTS_MAX,
                                8 << 20,
                                100,
                                Duration.ofSeconds(1),
                                Duration.ofMillis(100),
                                100_000,
                                Duration.ofHours(1),
                                3,
                                new Backoff(Duration.ofMillis(1), Duration.ofMillis(20)),
                                routes),
                        RouteStarts.NONE,
                        eventLog,
                        Map.of("warehouse", warehouse),
                        engines.deadLetters(
                                eventLog,
                                new SqliteDeadLetterStore(directory.resolve("dead-letters.db"))),
                        DeliveryTransform.NONE,
                        workers,
                        InstantSource.system());
        pipeline.start();
    }

    public static TestPipeline open(Path directory, FaultySink.Plan faults, Engines engines) {
        try {
            return new TestPipeline(directory, faults, engines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Settles what is in the log, and closes. */
    public void close() {
        pipeline.finish(PATIENCE);
        closeAtOnce();
    }

    public void closeAtOnce() {
        pipeline.close();
        warehouse.close();
        workers.close();
    }

    public BatchOutcome submit(byte[] batch) {
        return new Submission(false).answerTo(batch);
    }

    public BatchOutcome submitReportingDuplicates(byte[] batch) {
        return new Submission(true).answerTo(batch);
    }

    public @Nullable Failure refusal(byte[] batch) {
        try {
            submit(batch);
            return null;
        } catch (FailureException e) {
            return e.failure();
        }
    }

    public void settle() {
        try {
            if (!pipeline.awaitSettled(0, PATIENCE)) {
                throw new AssertionError(
                        "not settled within " + PATIENCE + ": " + pipeline.routeStates());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public List<String> column(String sql) {
        List<String> values = new ArrayList<>();
        warehouse.query(
                sql,
                1_000_000,
                PATIENCE,
                new Warehouse.QueryObserver() {
                    @Override
                    public void columns(List<Warehouse.Column> columns) {}

                    @Override
                    public boolean row(List<@Nullable Object> row) {
                        return values.add(String.valueOf(row.getFirst()));
                    }
                });
        return values;
    }

    public EventIntake intake() {
        return pipeline.intake();
    }

    public Warehouse warehouse() {
        return warehouse;
    }

    public Workers workers() {
        return workers;
    }

    public EventPipeline.EventCounts counts() {
        return pipeline.counts();
    }

    public EventPipeline.RouteState routeState() {
        return pipeline.routeStates().getFirst();
    }

    DeadLetterStore deadLetters() {
        return pipeline.deadLetters();
    }

    DeadLetterReplay.Progress replay(boolean dryRun) throws InterruptedException {
        DeadLetterFilter parked =
                new DeadLetterFilter(
                        List.of(),
                        List.of(),
                        "",
                        "",
                        null,
                        "",
                        null,
                        null,
                        DeadLetterStore.State.PARKED);
        List<DeadLetterReplay.Progress> told = new ArrayList<>();
        pipeline.replay()
                .replay(
                        parked,
                        0,
                        dryRun,
                        new DeadLetterReplay.Observer() {
                            @Override
                            public void progress(DeadLetterReplay.Progress progress) {
                                told.add(progress);
                            }

                            @Override
                            public boolean isGone() {
                                return false;
                            }
                        });
        return told.getLast();
    }

    /** What is logged from now on. */
    public List<String> tailIds(List<String> types, String clientId, int count)
            throws InterruptedException {
        return tailIds(OptionalLong.empty(), types, clientId, count);
    }

    public List<String> tailIds(OptionalLong from, List<String> types, String clientId, int count)
            throws InterruptedException {
        List<String> ids = new ArrayList<>();
        List<EventTail.HeaderMatch> header =
                clientId.isEmpty()
                        ? List.of()
                        : List.of(new EventTail.HeaderMatch("clientId", clientId));
        pipeline.tail()
                .watch(
                        new EventTail.Filter(ClientIds.ALL, new HashSet<>(types), header),
                        from,
                        new EventTail.Watcher() {
                            @Override
                            public boolean event(EventTail.TailedEvent event) {
                                ids.add(id(event));
                                return ids.size() < count;
                            }

                            @Override
                            public void caughtUp(long position) {}

                            @Override
                            public void missed(long bytes) {
                                throw new AssertionError("missed " + bytes);
                            }

                            @Override
                            public boolean isGone() {
                                return false;
                            }
                        });
        return ids;
    }

    private static String id(EventTail.TailedEvent event) {
        try {
            return Event.parseFrom(
                            ByteString.copyFrom(
                                    event.bytes(), event.start(), event.end() - event.start()))
                    .getId();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A batch of client {@code c}, an event for each id. */
    public static byte[] carts(String... ids) {
        Events.Builder batch = Events.newBuilder().setHeader(Header.newBuilder().setClientId("c"));
        for (String id : ids) {
            batch.addEvents(
                    Event.newBuilder()
                            .setId(id)
                            .setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(1)));
        }
        return batch.build().toByteArray();
    }

    public static Event launch(String id) {
        return Event.newBuilder()
                .setId(id)
                .setLaunchEvent(LaunchEvent.newBuilder().setReferrer("r"))
                .build();
    }

    public static Event eventOfUnknownType(String id) {
        UnknownFieldSet.Field field =
                UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFromUtf8("\n\u0001x"))
                        .build();
        return Event.newBuilder()
                .setId(id)
                .setUnknownFields(UnknownFieldSet.newBuilder().addField(9_999, field).build())
                .build();
    }

    public static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private final class Submission implements EventIntake.Sender {
        private final CompletableFuture<BatchOutcome> answer = new CompletableFuture<>();
        private final boolean reportsDuplicates;

        Submission(boolean reportsDuplicates) {
            this.reportsDuplicates = reportsDuplicates;
        }

        BatchOutcome answerTo(byte[] batch) {
            pipeline.intake().submit(batch, this);
            try {
                return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof FailureException failure) {
                    throw failure;
                }
                throw new AssertionError(e);
            } catch (InterruptedException | TimeoutException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public Executor executor() {
            return Runnable::run;
        }

        @Override
        public boolean isServer() {
            return false;
        }

        @Override
        public boolean usesReservedIds() {
            return false;
        }

        @Override
        public ClientIds clientIds() {
            return ClientIds.ALL;
        }

        @Override
        public boolean reportsDuplicates() {
            return reportsDuplicates;
        }

        @Override
        public boolean isGone() {
            return false;
        }

        @Override
        public void answered(BatchOutcome outcome) {
            answer.complete(outcome);
        }

        @Override
        public void refused(Failure failure) {
            answer.completeExceptionally(new FailureException(failure));
        }
    }
}
