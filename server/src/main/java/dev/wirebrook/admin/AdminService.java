package dev.wirebrook.admin;

import com.google.protobuf.util.Durations;
import dev.wirebrook.api.admin.v1.AdminServiceGrpc;
import dev.wirebrook.api.admin.v1.AwaitStoredRequest;
import dev.wirebrook.api.admin.v1.AwaitStoredResponse;
import dev.wirebrook.api.admin.v1.CatalogType;
import dev.wirebrook.api.admin.v1.DrainRequest;
import dev.wirebrook.api.admin.v1.DrainResponse;
import dev.wirebrook.api.admin.v1.EventCounts;
import dev.wirebrook.api.admin.v1.GetCatalogRequest;
import dev.wirebrook.api.admin.v1.GetCatalogResponse;
import dev.wirebrook.api.admin.v1.GetDeadLetterRequest;
import dev.wirebrook.api.admin.v1.GetDeadLetterResponse;
import dev.wirebrook.api.admin.v1.GetDeadLetterStatsRequest;
import dev.wirebrook.api.admin.v1.GetDeadLetterStatsResponse;
import dev.wirebrook.api.admin.v1.GetStatusRequest;
import dev.wirebrook.api.admin.v1.GetStatusResponse;
import dev.wirebrook.api.admin.v1.ListDeadLettersRequest;
import dev.wirebrook.api.admin.v1.ListDeadLettersResponse;
import dev.wirebrook.api.admin.v1.PurgeDeadLettersRequest;
import dev.wirebrook.api.admin.v1.PurgeDeadLettersResponse;
import dev.wirebrook.api.admin.v1.QueryRequest;
import dev.wirebrook.api.admin.v1.QueryResponse;
import dev.wirebrook.api.admin.v1.ReplayDeadLettersRequest;
import dev.wirebrook.api.admin.v1.ReplayDeadLettersResponse;
import dev.wirebrook.api.admin.v1.RouteStatus;
import dev.wirebrook.events.DeadLetterReplay;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.EventPipeline;
import dev.wirebrook.events.Warehouse;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.PacedStream;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventText;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.StreamObserver;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** {@code wirebrook.admin.v1.AdminService}. Its methods may block. */
public final class AdminService extends AdminServiceGrpc.AdminServiceImplBase {
    private static final int PAGE_DEFAULT = 50;
    private static final Duration LETTERS_RETRY_DELAY = Duration.ofSeconds(2);
    private static final int PAGE_MAX = 1_000;
    private static final Duration AWAIT_MAX = Duration.ofMinutes(1);

    /**
     * @param queryTimeout longest time that a query may take
     * @param queryRowsMax most rows that it may give
     */
    public record Limits(Duration queryTimeout, long queryRowsMax) {}

    private final String version;
    private final EventCatalog catalog;
    private final EventText eventText;
    private final EventPipeline pipeline;
    private final Warehouse warehouse;
    private final Supplier<LogFacts> log;
    private final NodeControl node;
    private final Workers workers;
    private final Limits limits;

    public AdminService(
            String version,
            EventCatalog catalog,
            EventPipeline pipeline,
            Warehouse warehouse,
            Supplier<LogFacts> log,
            NodeControl node,
            Workers workers,
            Limits limits) {
        this.version = version;
        this.catalog = catalog;
        this.eventText = new EventText(catalog);
        this.pipeline = pipeline;
        this.warehouse = warehouse;
        this.log = log;
        this.node = node;
        this.workers = workers;
        this.limits = limits;
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> responses) {
        EventPipeline.EventCounts counts = pipeline.counts();
        GetStatusResponse.Builder status =
                GetStatusResponse.newBuilder()
                        .setVersion(version)
                        .setState(AdminMessages.state(node.state()))
                        .setStartTime(AdminMessages.timestamp(node.startTime()))
                        .setCounts(
                                EventCounts.newBuilder()
                                        .setAccepted(counts.accepted())
                                        .setStored(counts.settled().stored())
                                        .setDuplicate(counts.settled().duplicate())
                                        .setQuarantined(counts.settled().quarantined())
                                        .setDeadLettered(counts.settled().deadLettered())
                                        .setInFlight(counts.inFlight())
                                        .setRejected(counts.rejected()));
        switch (log.get()) {
            case LogFacts.OfJournal journal -> status.setJournal(AdminMessages.journal(journal));
            case LogFacts.OfRabbit rabbit -> status.setRabbitmq(AdminMessages.rabbitmq(rabbit));
        }
        for (EventPipeline.RouteState route : pipeline.routeStates()) {
            status.addRoutes(
                    RouteStatus.newBuilder()
                            .setName(route.name())
                            .setSink(route.sink())
                            .setPosition(route.cursor().position())
                            .setLag(Durations.fromNanos(route.lag().toNanos()))
                            .setPauseReason(route.pauseReason()));
        }
        pipeline.deadLetterWatch().look();
        status.addAllParkedLetters(AdminMessages.parkedLetters(pipeline.deadLetterWatch()));
        answer(responses, status.build());
    }

    @Override
    public void getCatalog(
            GetCatalogRequest request, StreamObserver<GetCatalogResponse> responses) {
        GetCatalogResponse.Builder response =
                GetCatalogResponse.newBuilder()
                        .setDescriptorSet(catalog.descriptorSet().toByteString())
                        .setBatchMessage(catalog.batchMessage().getFullName());
        catalog.types()
                .forEach(type ->
                        response.addTypes(
                                CatalogType.newBuilder()
                                        .setName(type.name())
                                        .setNumber(type.field().getNumber())
                                        .setTable(type.table())));
        answer(responses, response.build());
    }

    @Override
    public void awaitStored(
            AwaitStoredRequest request, StreamObserver<AwaitStoredResponse> responses) {
        try {
            if (!pipeline.awaitSettled(request.getPosition(), timeLeft())) {
                throw new FailureException(
                        new Failure.DeadlineExceeded(
                                "what is durable before position %d is not stored yet; `wirebrook health` and the status of the"
                                                .formatted(request.getPosition())
                                        + " routes say why"));
            }
            answer(
                    responses,
                    AwaitStoredResponse.newBuilder().setPosition(request.getPosition()).build());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailureException(
                    new Failure.Draining("this node is stopping", Duration.ofSeconds(1)));
        }
    }

    private static Duration timeLeft() {
        Deadline deadline = Context.current().getDeadline();
        Duration left =
                deadline == null
                        ? AWAIT_MAX
                        : Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
        return left.compareTo(AWAIT_MAX) < 0 ? left : AWAIT_MAX;
    }

    @Override
    public void query(QueryRequest request, StreamObserver<QueryResponse> responses) {
        AdminMessages.requireNotNegative("row_limit", request.getRowLimit());
        long rowLimit =
                request.getRowLimit() == 0
                        ? limits.queryRowsMax()
                        : Math.min(request.getRowLimit(), limits.queryRowsMax());
        PacedStream<QueryResponse> stream = PacedStream.over(responses);
        workers.startBlocking(() ->
                stream.run(_ -> {
                    QueryResponses rows = new QueryResponses(stream);
                    Warehouse.QueryEnd end =
                            warehouse.query(
                                    request.getSql(), rowLimit, limits.queryTimeout(), rows);
                    rows.finish(end == Warehouse.QueryEnd.ROW_LIMIT);
                }));
    }

    @Override
    public void listDeadLetters(
            ListDeadLettersRequest request, StreamObserver<ListDeadLettersResponse> responses) {
        DeadLetterFilter filter = AdminMessages.filter(request.getFilter(), false);
        int pageSize = request.getPageSize() == 0 ? PAGE_DEFAULT : request.getPageSize();
        if (pageSize < 1 || pageSize > PAGE_MAX) {
            throw new FailureException(
                    Failure.InvalidRequest.of(
                            "page_size",
                            "must be 1 to %,d, or 0 for %d".formatted(PAGE_MAX, PAGE_DEFAULT)));
        }
        long afterId = AdminMessages.pageToken(request.getPageToken());
        List<DeadLetter> letters =
                letters(() -> pipeline.deadLetters().list(filter, afterId, pageSize + 1));
        boolean more = letters.size() > pageSize;
        List<DeadLetter> page = more ? letters.subList(0, pageSize) : letters;
        ListDeadLettersResponse.Builder response = ListDeadLettersResponse.newBuilder();
        page.forEach(letter -> response.addLetters(AdminMessages.letter(letter)));
        if (more) {
            response.setNextPageToken(Long.toString(page.getLast().letterId()));
        }
        answer(responses, response.build());
    }

    @Override
    public void getDeadLetter(
            GetDeadLetterRequest request, StreamObserver<GetDeadLetterResponse> responses) {
        DeadLetter letter =
                letters(() -> pipeline.deadLetters().find(request.getLetterId()))
                        .orElseThrow(() ->
                                new FailureException(
                                        new Failure.NotFound(
                                                "there is no dead letter "
                                                        + request.getLetterId()
                                                        + "; `wirebrook dlq list` names those there are",
                                                "dead letter",
                                                Long.toString(request.getLetterId()))));
        answer(
                responses,
                GetDeadLetterResponse.newBuilder()
                        .setLetter(AdminMessages.letterWithBytes(letter, eventText))
                        .build());
    }

    @Override
    public void getDeadLetterStats(
            GetDeadLetterStatsRequest request,
            StreamObserver<GetDeadLetterStatsResponse> responses) {
        GetDeadLetterStatsResponse.Builder response = GetDeadLetterStatsResponse.newBuilder();
        letters(() -> pipeline.deadLetters().stats())
                .forEach(count -> response.addCounts(AdminMessages.count(count)));
        answer(responses, response.build());
    }

    @Override
    public void replayDeadLetters(
            ReplayDeadLettersRequest request, StreamObserver<ReplayDeadLettersResponse> responses) {
        DeadLetterFilter filter = AdminMessages.filter(request.getFilter(), true);
        if (!(request.getRate() >= 0)) {
            throw new FailureException(
                    Failure.InvalidRequest.of("rate", "must be 0 or more events a second"));
        }
        PacedStream<ReplayDeadLettersResponse> stream = PacedStream.over(responses);
        workers.startBlocking(() -> stream.run(_ -> replay(filter, request, stream)));
    }

    private void replay(
            DeadLetterFilter filter,
            ReplayDeadLettersRequest request,
            PacedStream<ReplayDeadLettersResponse> stream)
            throws InterruptedException {
        DeadLetterReplay.Observer observer =
                new DeadLetterReplay.Observer() {
                    @Override
                    public void progress(DeadLetterReplay.Progress progress)
                            throws InterruptedException {
                        stream.send(AdminMessages.progress(progress));
                    }

                    @Override
                    public boolean isGone() {
                        return stream.isGone();
                    }
                };
        try {
            pipeline.replay().replay(filter, request.getRate(), request.getDryRun(), observer);
        } catch (UncheckedIOException e) {
            throw new FailureException(
                    new Failure.Unavailable(DeadLetterStore.reason(e), LETTERS_RETRY_DELAY));
        }
    }

    @Override
    public void purgeDeadLetters(
            PurgeDeadLettersRequest request, StreamObserver<PurgeDeadLettersResponse> responses) {
        DeadLetterFilter filter = AdminMessages.filter(request.getFilter(), false);
        if (filter.equals(DeadLetterFilter.ALL) && !request.getAll()) {
            throw new FailureException(
                    Failure.InvalidRequest.of(
                            "filter",
                            "is empty, which would purge every dead letter; set all=true if that is meant"));
        }
        long purged =
                letters(() ->
                        request.getDryRun()
                                ? pipeline.deadLetters().count(filter)
                                : pipeline.deadLetters().purge(filter));
        answer(responses, PurgeDeadLettersResponse.newBuilder().setPurged(purged).build());
    }

    @Override
    public void drain(DrainRequest request, StreamObserver<DrainResponse> responses) {
        if (request.getDrain()) {
            node.drain();
        } else if (!request.getStop()) {
            node.undrain();
        }
        answer(
                responses,
                DrainResponse.newBuilder()
                        .setState(
                                AdminMessages.state(
                                        request.getStop()
                                                ? NodeControl.State.STOPPING
                                                : node.state()))
                        .build());
        if (request.getStop()) {
            node.stop();
        }
    }

    /** What the store answers; a fault of its is none of the server, and may pass. */
    private static <T> T letters(Supplier<T> question) {
        try {
            return question.get();
        } catch (UncheckedIOException e) {
            throw new FailureException(
                    new Failure.Unavailable(DeadLetterStore.reason(e), LETTERS_RETRY_DELAY));
        }
    }

    private static <T> void answer(StreamObserver<T> responses, T response) {
        responses.onNext(response);
        responses.onCompleted();
    }
}
