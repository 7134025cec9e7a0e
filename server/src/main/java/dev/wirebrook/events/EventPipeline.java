package dev.wirebrook.events;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.ByteGate;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The event pipeline whole: intake, log, routes, dead letters, tail.
 *
 * <p>Life cycle: made, {@link #start}, {@link #close}. Closing refuses new batches, settles what
 * the log holds as far as its time allows, and releases everything; what is not settled by then is
 * read from the log at the next start.
 */
public final class EventPipeline implements AutoCloseable {
    // immutable state
    private final EventLog log;
    private final DeadLetterStore deadLetters;
    private final Workers workers;
    private final ByteGate gate;
    private final EventIntake intake;
    private final EventTail tail;
    private final DeadLetterReplay replay;
    private final DeadLetterWatch deadLetterWatch;
    private final List<RoutePipeline> routes = new ArrayList<>();
    private final List<String> cursorNames = new ArrayList<>();
    private final SettledCounts retired;

    // mutable state
    private final List<Thread> routeThreads = new ArrayList<>();

    /**
     * Counts what of the log is not settled, which takes a while for a long backlog.
     *
     * @param starts what the routes continue from
     * @param sinks the engines by the name that routes call them by
     * @param deliveries makes events of parked deliveries when they are replayed
     * @throws IllegalArgumentException when a route ends in a sink that is not there
     */
    public EventPipeline(
            EventCatalog catalog,
            PipelineSettings settings,
            RouteStarts starts,
            EventLog log,
            Map<String, ? extends SinkSource> sinks,
            DeadLetterStore deadLetters,
            DeliveryTransform deliveries,
            Workers workers,
            InstantSource clock) {
        this.log = log;
        this.deadLetters = deadLetters;
        this.workers = workers;
        Fingerprint.Key key = Fingerprint.Key.random(new SecureRandom());
        List<IdempotencyWindow> windows =
                settings.routes().stream().flatMap(route -> windows(route, settings)).toList();
        RouteTable table = new RouteTable(settings.routes(), catalog, windows);
        gate =
                new ByteGate(
                        settings.admissionBytesMax(),
                        settings.admissionWaitersMax(),
                        settings.admissionWait(),
                        workers.timer());
        intake =
                new EventIntake(
                        catalog,
                        new EventIntake.Limits(
                                settings.batchBytesMax(),
                                settings.batchEventsMax(),
                                settings.retryDelay()),
                        gate,
                        log,
                        table,
                        key,
                        clock);
        tail = new EventTail(catalog, log);
        replay =
                new DeadLetterReplay(
                        catalog, deadLetters, deliveries, intake, this::awaitSettled, clock);
        deadLetterWatch = new DeadLetterWatch(deadLetters);
        retired = starts.retired();
        List<TypeStarts> typeStarts = new ArrayList<>();
        for (int i = 0; i < settings.routes().size(); i++) {
            typeStarts.add(
                    starts.route(i)
                            .map(route -> TypeStarts.of(route.types(), catalog))
                            .orElse(TypeStarts.NONE));
        }
        Backlog backlog = new Backlog(log, catalog, table, typeStarts);
        List<EventSink> openSinks = new ArrayList<>();
        for (int i = 0; i < settings.routes().size(); i++) {
            RouteSpec route = settings.routes().get(i);
            int index = i;
            for (int partition = 0; partition < route.partitions(); partition++) {
                EventLog.Feed feed = log.feed(route, partition);
                IdempotencyWindow window = windows.get(routes.size());
                String cursorName =
                        starts.route(i)
                                .map(RouteRecord.Route::cursorName)
                                .orElseGet(feed::cursorName);
                EventSink sink = sinkOf(route, cursorName, sinks);
                cursorNames.add(cursorName);
                openSinks.add(sink);
                RouteProgress progress =
                        new RouteProgress(
                                feed,
                                log.isShared(),
                                clock,
                                cursor -> backlog.oldest(index, cursor, feed.readablePosition()));
                routes.add(
                        new RoutePipeline(
                                route,
                                partition,
                                feed,
                                log.isShared(),
                                sink,
                                deadLetters,
                                new BatchStager(
                                        route,
                                        i,
                                        partition,
                                        log.isShared(),
                                        typeStarts.get(i),
                                        catalog,
                                        table,
                                        window,
                                        key,
                                        clock),
                                typeStarts.get(i),
                                () -> checked(starts, route.sink()),
                                cursor -> backlog.count(index, cursor, progress.startEnd()),
                                progress,
                                window,
                                new BatchSettler.Retries(
                                        settings.attemptsMax(), settings.backoff()),
                                clock,
                                RandomGenerator.getDefault()));
            }
        }
        if (!log.isShared()) {
            count(backlog, starts, openSinks);
        }
    }

    /** Nothing is acknowledged any more that a sink would take for what it has seen before. */
    private Optional<String> checked(RouteStarts starts, String sink) {
        Optional<String> wrong = starts.check().refusal(sink);
        wrong.ifPresent(reason -> refuse(new Failure.Unavailable(reason, Duration.ofSeconds(10))));
        return wrong;
    }

    /** From the first look at them on, counts are those of the log and the sinks. */
    private void count(Backlog backlog, RouteStarts starts, List<EventSink> sinks) {
        List<Optional<SinkProgress>> committed = new ArrayList<>();
        List<SinkProgress> known = new ArrayList<>();
        List<Cursor> cursors = new ArrayList<>();
        for (int i = 0; i < sinks.size(); i++) {
            Optional<SinkProgress> answer =
                    starts.silentSinks().contains(routes.get(i).route().sink())
                            ? Optional.empty()
                            : progress(sinks.get(i));
            committed.add(answer);
            known.add(
                    answer.orElse(
                            starts.lastKnown()
                                    .getOrDefault(cursorNames.get(i), SinkProgress.NONE)));
            cursors.add(routes.get(i).startOf(known.get(i).cursor()));
        }
        List<Backlog.Part> unsettled =
                backlog.count(cursors, routes.getFirst().progress().startEnd());
        for (int i = 0; i < sinks.size(); i++) {
            routes.get(i).begin(known.get(i), committed.get(i).isPresent(), unsettled.get(i));
        }
    }

    private static Optional<SinkProgress> progress(EventSink sink) {
        try {
            return Optional.of(sink.progress());
        } catch (UncheckedIOException | IllegalStateException silent) {
            // The route asks again, and says what is wrong.
            return Optional.empty();
        }
    }

    /** A route's ids are split among its partitions, and so is the memory for them. */
    private static Stream<IdempotencyWindow> windows(RouteSpec route, PipelineSettings settings) {
        long idsMax = Math.max(1, settings.windowIdsMax() / route.partitions());
        return IntStream.range(0, route.partitions())
                .mapToObj(_ -> new IdempotencyWindow(idsMax, settings.window()));
    }

    private static EventSink sinkOf(
            RouteSpec route, String cursorName, Map<String, ? extends SinkSource> sinks) {
        SinkSource source = sinks.get(route.sink());
        if (source == null) {
            throw new IllegalArgumentException(
                    "route %s ends in \"%s\", which is no sink"
                            .formatted(route.name(), route.sink()));
        }
        return source.sink(cursorName);
    }

    /** Starts the routes. */
    public void start() {
        for (RoutePipeline route : routes) {
            routeThreads.add(workers.startNamed("route-" + route.label(), route));
        }
    }

    public EventIntake intake() {
        return intake;
    }

    public EventTail tail() {
        return tail;
    }

    public DeadLetterStore deadLetters() {
        return deadLetters;
    }

    public DeadLetterWatch deadLetterWatch() {
        return deadLetterWatch;
    }

    public DeadLetterReplay replay() {
        return replay;
    }

    /** Bytes of batches between arrival and durability. */
    public long admittedBytes() {
        return gate.bytesInside();
    }

    /** Batches that wait for room. */
    public int admissionWaiters() {
        return gate.waiters();
    }

    /** One for each route, over its partitions. */
    public List<RouteState> routeStates() {
        Map<String, RouteState> states = new LinkedHashMap<>();
        for (RoutePipeline route : routes) {
            states.merge(route.route().name(), state(route), RouteState::with);
        }
        return List.copyOf(states.values());
    }

    private static RouteState state(RoutePipeline route) {
        String pauseReason = route.progress().pauseReason();
        return new RouteState(
                route.route().name(),
                route.route().sink(),
                route.progress().cursor(),
                route.progress().lag(),
                pauseReason.isEmpty() || route.route().partitions() == 1
                        ? pauseReason
                        : route.label() + ": " + pauseReason,
                route.progress().settled(),
                route.windowIds(),
                route.windowBytes(),
                route.windowCompleteSinceMicros(),
                route.progress().missedBytes(),
                route.progress().batches());
    }

    /**
     * The balance: accepted = stored + duplicate + quarantined + dead-lettered + in flight. When
     * nothing is on its way, {@code inFlight} is 0; anything else at rest is a loss or a double
     * count.
     */
    public EventCounts counts() {
        SettledCounts now = retired;
        long before = retired.total();
        // Settled is read before accepted: an event that is settled in between counts as in flight,
        // never as negative. One that is settled before its acknowledgement is counted as accepted.
        for (RoutePipeline route : routes) {
            now = now.plus(route.progress().settled());
            before += route.progress().acceptedBefore();
        }
        long accepted = Math.max(now.total(), before + (log.isShared() ? 0 : intake.accepted()));
        return new EventCounts(accepted, now, accepted - now.total(), intake.rejected());
    }

    /** What the sinks are known to have committed, by cursor name. */
    public Map<String, SinkProgress> sinkProgress() {
        Map<String, SinkProgress> known = new HashMap<>();
        for (int i = 0; i < routes.size(); i++) {
            RouteProgress progress = routes.get(i).progress();
            known.put(cursorNames.get(i), progress.committed());
        }
        return known;
    }

    /**
     * Why events must not be acknowledged, whatever the log says: a sink has seen more of the log
     * than there is. Empty while all is well.
     */
    public String refusal() {
        return routes.stream()
                .map(RoutePipeline::refusal)
                .filter(reason -> !reason.isEmpty())
                .findFirst()
                .orElse("");
    }

    /**
     * Waits until everything before a position can be queried.
     *
     * @param position from an acknowledgement; 0: what is durable now
     * @return whether it can
     * @throws dev.wirebrook.failure.FailureException Unavailable when the log does not say in time
     *     what is durable
     */
    public boolean awaitSettled(long position, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (RoutePipeline route : routes) {
            if (!route.awaitSettled(position, Duration.ofNanos(deadline - System.nanoTime()))) {
                return false;
            }
        }
        return true;
    }

    /** Refuses new batches from now on, so that what was acknowledged can be settled. */
    public void refuse(Failure reason) {
        intake.close(reason);
    }

    /** Settles what the log holds, until the time is up, and stops the routes. Idempotent. */
    public void finish(Duration timeout) {
        routes.forEach(RoutePipeline::finish);
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            for (Thread thread : routeThreads) {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadline - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Thread thread : routeThreads) {
            thread.interrupt();
        }
    }

    @Override
    public void close() {
        refuse(
                new Failure.Draining(
                        "this node is stopping; send the batch to another", Duration.ofSeconds(1)));
        finish(Duration.ZERO);
        for (Thread thread : routeThreads) {
            try {
                thread.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        log.close();
        deadLetters.close();
    }

    /**
     * @param windowIds ids remembered
     * @param windowBytes memory that they cost
     * @param windowCompleteSinceMicros when the oldest event arrived from which on every id is
     *     remembered, in microseconds since 1970; 0: since the log began
     * @param batches that the sink has taken since this process started
     */
    public record RouteState(
            String name,
            String sink,
            Cursor cursor,
            Duration lag,
            String pauseReason,
            SettledCounts settled,
            long windowIds,
            long windowBytes,
            long windowCompleteSinceMicros,
            long missedBytes,
            long batches) {
        /** Both partitions together: what comes later, what is worse, or the sum. */
        private RouteState with(RouteState other) {
            return new RouteState(
                    name,
                    sink,
                    cursor.compareTo(other.cursor) >= 0 ? cursor : other.cursor,
                    lag.compareTo(other.lag) >= 0 ? lag : other.lag,
                    pauseReason.isEmpty() ? other.pauseReason : pauseReason,
                    settled.plus(other.settled),
                    windowIds + other.windowIds,
                    windowBytes + other.windowBytes,
                    Math.max(windowCompleteSinceMicros, other.windowCompleteSinceMicros),
                    missedBytes + other.missedBytes,
                    batches + other.batches);
        }
    }

    /**
     * @param rejected since this process started; outside the balance, since they were never
     *     accepted
     */
    public record EventCounts(long accepted, SettledCounts settled, long inFlight, long rejected) {}
}
