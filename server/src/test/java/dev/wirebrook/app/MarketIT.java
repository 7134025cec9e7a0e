package dev.wirebrook.app;

import static dev.wirebrook.app.AuthCalls.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.BatchGetSnapshotsRequest;
import dev.wirebrook.api.market.v1.Candle;
import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.GetHistoryRequest;
import dev.wirebrook.api.market.v1.GetSnapshotRequest;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.api.market.v1.Overflow;
import dev.wirebrook.api.market.v1.PublishResult;
import dev.wirebrook.api.market.v1.PublishSnapshotsRequest;
import dev.wirebrook.api.market.v1.PublishSnapshotsResponse;
import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.PutSnapshotsResponse;
import dev.wirebrook.api.market.v1.ResetSnapshotRequest;
import dev.wirebrook.api.market.v1.ResumePoint;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.SnapshotResult;
import dev.wirebrook.api.market.v1.StreamMarketDataRequest;
import dev.wirebrook.api.market.v1.StreamMarketDataResponse;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import dev.wirebrook.api.market.v1.UploadSnapshotsRequest;
import dev.wirebrook.api.market.v1.UploadSnapshotsResponse;
import dev.wirebrook.app.AuthCalls.Refusal;
import dev.wirebrook.client.WirebrookClient;
import dev.wirebrook.grpc.RawMarshaller;
import dev.wirebrook.market.TickType;
import dev.wirebrook.schema.EventCatalog;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The market service of a whole server, through gRPC. */
@Timeout(120)
class MarketIT {
    @TempDir private Path directory;

    private TestNode server;

    @BeforeEach
    void start() {
        server = TestNode.start(directory, Map.of("market.subscription-symbols-max", "1000"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private MarketDataServiceGrpc.MarketDataServiceBlockingStub market() {
        return MarketDataServiceGrpc.newBlockingStub(server.client().channel())
                .withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private MarketDataServiceGrpc.MarketDataServiceStub streams() {
        return MarketDataServiceGrpc.newStub(server.client().channel());
    }

    private static Snapshot snapshot(int id, double ltp) {
        return Snapshot.newBuilder().setSymbolId(id).setLtp(ltp).build();
    }

    private PutSnapshotsResponse put(Snapshot... snapshots) {
        return market().putSnapshots(
                        PutSnapshotsRequest.newBuilder()
                                .addAllSnapshots(List.of(snapshots))
                                .build());
    }

    private static SubscribeSnapshotsRequest to(Integer... ids) {
        return SubscribeSnapshotsRequest.newBuilder().addAllSymbolIds(List.of(ids)).build();
    }

    // One by one.

    @Test
    void answers_what_was_published() {
        put(Snapshot.newBuilder().setSymbolId(13).setSymbol("RELIANCE").setLtp(2_914.5).build());
        Snapshot byId =
                market().getSnapshot(GetSnapshotRequest.newBuilder().setSymbolId(13).build())
                        .getSnapshot();
        assertThat(byId.getLtp()).isEqualTo(2_914.5);
        assertThat(byId.getSequence()).isEqualTo(1);
        assertThat(
                        market().getSnapshot(
                                        GetSnapshotRequest.newBuilder()
                                                .setSymbol("RELIANCE")
                                                .build())
                                .getSnapshot())
                .isEqualTo(byId);
    }

    @Test
    void says_what_is_wrong_with_a_question() {
        put(Snapshot.newBuilder().setSymbolId(13).setSymbol("A").build());
        Refusal unknown = refused(GetSnapshotRequest.newBuilder().setSymbolId(14));
        assertThat(unknown.code()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(unknown.message()).contains("'14'");
        assertThat(refused(GetSnapshotRequest.newBuilder().setSymbol("B")).message())
                .contains("'B'");
        assertThat(refused(GetSnapshotRequest.newBuilder()).message()).contains("symbol_id");
        Refusal mixed = refused(GetSnapshotRequest.newBuilder().setSymbolId(13).setSymbol("B"));
        assertThat(mixed.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(mixed.message()).contains("symbol 13 is A");
    }

    private Refusal refused(GetSnapshotRequest.Builder request) {
        return refusal(() -> market().getSnapshot(request.build()));
    }

    @Test
    void answers_many_in_their_order_each_with_its_own_status() {
        put(Snapshot.newBuilder().setSymbolId(1).setSymbol("A").setLtp(1).build(), snapshot(2, 2));
        List<SnapshotResult> results =
                market().batchGetSnapshots(
                                BatchGetSnapshotsRequest.newBuilder()
                                        .addSymbolIds(2)
                                        .addSymbolIds(9)
                                        .addSymbols("A")
                                        .addSymbols("Z")
                                        .build())
                        .getResultsList();
        assertThat(results)
                .extracting(result -> result.getSnapshot().getSymbolId())
                .containsExactly(2, 0, 1, 0);
        assertThat(results)
                .extracting(SnapshotResult::hasStatus)
                .containsExactly(false, true, false, true);
        assertThat(results.get(1).getSymbolId()).isEqualTo(9);
        assertThat(results.get(3).getSymbol()).isEqualTo("Z");
        assertThat(results.get(3).getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND.value());
    }

    @Test
    void a_batch_has_bounds() {
        BatchGetSnapshotsRequest.Builder many = BatchGetSnapshotsRequest.newBuilder();
        assertThat(refusal(() -> market().batchGetSnapshots(many.build())).message())
                .contains("symbol_ids");
        for (int i = 1; i <= 10_001; i++) {
            many.addSymbolIds(i);
        }
        assertThat(refusal(() -> market().batchGetSnapshots(many.build())).message())
                .contains("10,001", "10,000");
    }

    // Publishing.

    @Test
    void a_publisher_is_told_what_was_taken_and_what_was_not() throws Exception {
        Gathered<PublishSnapshotsResponse> answers = new Gathered<>();
        StreamObserver<PublishSnapshotsRequest> requests = streams().publishSnapshots(answers);
        for (int sequence = 1; sequence <= 100; sequence++) {
            requests.onNext(
                    PublishSnapshotsRequest.newBuilder()
                            .setSequence(sequence)
                            .addSnapshots(snapshot(1, sequence))
                            .addSnapshots(snapshot(2, sequence == 50 ? Double.NaN : 1))
                            .build());
        }
        requests.onCompleted();
        assertThat(answers.status().isOk()).isTrue();
        long accepted = 0;
        long last = 0;
        List<Long> rejected = new ArrayList<>();
        for (PublishSnapshotsResponse answer : answers.messages) {
            assertThat(answer.getSequence()).isGreaterThan(last);
            last = answer.getSequence();
            accepted += answer.getAccepted();
            answer.getResultsList()
                    .forEach(result -> {
                        rejected.add(result.getSequence());
                        assertThat(result.getIndex()).isEqualTo(1);
                        assertThat(result.getStatus().getMessage()).contains("ltp");
                    });
        }
        assertThat(last).isEqualTo(100);
        assertThat(accepted).isEqualTo(199);
        assertThat(rejected).containsExactly(50L);
    }

    @Test
    void a_publishers_numbers_rise_and_what_came_before_is_answered() throws Exception {
        Gathered<PublishSnapshotsResponse> answers = new Gathered<>();
        StreamObserver<PublishSnapshotsRequest> requests = streams().publishSnapshots(answers);
        for (int sequence : new int[] {7, 7}) {
            requests.onNext(
                    PublishSnapshotsRequest.newBuilder()
                            .setSequence(sequence)
                            .addSnapshots(snapshot(1, sequence))
                            .build());
        }
        Status status = answers.status();
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).contains("7 came after 7");
        assertThat(answers.next().getSequence()).isEqualTo(7);
    }

    @Test
    void an_upload_ends_with_a_summary() throws Exception {
        Gathered<UploadSnapshotsResponse> answers = new Gathered<>();
        StreamObserver<UploadSnapshotsRequest> requests = streams().uploadSnapshots(answers);
        for (int i = 0; i < 50; i++) {
            requests.onNext(
                    UploadSnapshotsRequest.newBuilder()
                            .addSnapshots(snapshot(1, i))
                            .addSnapshots(snapshot(0, i))
                            .build());
        }
        requests.onCompleted();
        UploadSnapshotsResponse summary = answers.next();
        assertThat(summary.getAccepted()).isEqualTo(50);
        assertThat(summary.getRejected()).isEqualTo(50);
        assertThat(summary.getResults(49).getSequence()).isEqualTo(49);
    }

    @Test
    void a_request_has_bounds() {
        assertThat(refusal(this::put).message()).contains("snapshots", "send one");
        Snapshot[] many = new Snapshot[1_001];
        Arrays.fill(many, snapshot(1, 1));
        assertThat(refusal(() -> put(many)).message()).contains("1,001", "1,000");
    }

    @Test
    void nobody_writes_ticks_past_the_book() throws Exception {
        EventCatalog catalog = TickType.addedTo(EventCatalog.standard());
        MarketTick tick = MarketTick.newBuilder().setSymbolId(1).setLtp(1).build();
        DynamicMessage.Builder event =
                DynamicMessage.newBuilder(catalog.events().getMessageType())
                        .setField(catalog.eventId(), "e1");
        FieldDescriptor variant = TickType.of(catalog).field();
        event.setField(
                variant, DynamicMessage.parseFrom(variant.getMessageType(), tick.toByteString()));
        byte[] batch =
                DynamicMessage.newBuilder(catalog.batchMessage())
                        .addRepeatedField(catalog.events(), event.build())
                        .build()
                        .toByteArray();
        Refusal refusal =
                refusal(() ->
                        ClientCalls.blockingUnaryCall(
                                server.client().channel(),
                                MethodDescriptor.newBuilder(
                                                RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                                        .setType(MethodDescriptor.MethodType.UNARY)
                                        .setFullMethodName("event.EventService/dispatch")
                                        .build(),
                                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                                batch));
        assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.message()).contains("MarketDataService");
    }

    @Test
    void a_publisher_that_takes_no_answers_is_read_no_further_until_it_does() throws Exception {
        int requests = 300;
        int updates = 1_000;
        UnreadCall<PublishSnapshotsRequest, PublishSnapshotsResponse> publisher =
                UnreadCall.start(
                        server.client().channel(),
                        MarketDataServiceGrpc.getPublishSnapshotsMethod());
        List<Snapshot> nameless = Collections.nCopies(updates, Snapshot.getDefaultInstance());
        for (int sequence = 1; sequence <= requests; sequence++) {
            publisher.send(
                    PublishSnapshotsRequest.newBuilder()
                            .setSequence(sequence)
                            .addAllSnapshots(nameless)
                            .build());
        }
        AtomicLong looked = new AtomicLong();
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    long rejected = (long) server.metric("wirebrook_market_updates_rejected_total");
                    return looked.getAndSet(rejected) == rejected && rejected > 0;
                });
        assertThat(looked.get()).isLessThan(100L * updates);
        Gathered<PublishSnapshotsResponse> answers = publisher.read();
        assertThat(answers.status()).isEqualTo(Status.OK);
        assertThat(answers.messages)
                .allSatisfy(answer -> assertThat(answer.getResultsCount()).isLessThan(2 * updates));
        assertThat(answers.messages.stream().mapToLong(PublishSnapshotsResponse::getRejected).sum())
                .isEqualTo((long) requests * updates);
        assertThat(
                        answers.messages.stream()
                                .flatMap(answer -> answer.getResultsList().stream())
                                .filter(result -> result.getIndex() == 0)
                                .map(PublishResult::getSequence))
                .isEqualTo(LongStream.rangeClosed(1, requests).boxed().toList());
    }

    // Subscribing.

    @Test
    void a_subscription_begins_with_what_is_known_and_says_what_is_not() throws Exception {
        put(Snapshot.newBuilder().setSymbolId(1).setSymbol("A").setLtp(1).build());
        Gathered<SubscribeSnapshotsResponse> updates = new Gathered<>();
        streams()
                .subscribeSnapshots(
                        SubscribeSnapshotsRequest.newBuilder()
                                .addSymbolIds(2)
                                .addSymbols("A")
                                .addSymbols("Z")
                                .setLimit(2)
                                .build(),
                        updates);
        SubscribeSnapshotsResponse first = updates.next();
        assertThat(first.getStarted().getEpoch()).isNotEmpty();
        assertThat(first.getStarted().getRecovered()).isFalse();
        assertThat(first.getStatusesList())
                .extracting(status -> status.getSymbolId() + status.getSymbol())
                .containsExactly("2", "0Z");
        assertThat(updates.next().getUpdates(0).getSnapshot().getSymbol()).isEqualTo("A");
        put(snapshot(2, 7));
        assertThat(updates.next().getUpdates(0).getSnapshot().getLtp()).isEqualTo(7);
        assertThat(updates.status().isOk()).isTrue();
    }

    @Test
    void says_all_that_is_wrong_with_a_subscription_at_once() throws Exception {
        Gathered<SubscribeSnapshotsResponse> updates = new Gathered<>();
        streams()
                .subscribeSnapshots(
                        SubscribeSnapshotsRequest.newBuilder()
                                .setLimit(-1)
                                .setDelivery(
                                        Delivery.newBuilder()
                                                .setQueueMax(-1)
                                                .setMaxRate(Double.NaN)
                                                .setUpdatesPerMessageMax(-1)
                                                .setConflationValue(9)
                                                .setOverflowValue(9)
                                                .setProgressInterval(
                                                        com.google.protobuf.Duration.newBuilder()
                                                                .setSeconds(31)))
                                .build(),
                        updates);
        Refusal refusal =
                refusal(() -> {
                    throw updates.status().asRuntimeException();
                });
        assertThat(refusal.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal.message()).contains("name symbols, or set all");
        assertThat(server.node().state().name()).isEqualTo("SERVING");
    }

    @Test
    void a_million_symbols_in_one_subscription_are_too_many() throws Exception {
        SubscribeSnapshotsRequest.Builder million = SubscribeSnapshotsRequest.newBuilder();
        for (int id = 1; id <= 1_000_000; id++) {
            million.addSymbolIds(id);
        }
        Gathered<SubscribeSnapshotsResponse> updates = new Gathered<>();
        streams().subscribeSnapshots(million.build(), updates);
        Status status = updates.status();
        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(status.getDescription()).contains("1,000,000", "1,000", "all");
        assertThat(server.metric("wirebrook_market_slots")).isZero();
    }

    @Test
    void symbols_come_and_go_while_it_streams() throws Exception {
        put(snapshot(1, 1), snapshot(2, 2));
        Gathered<StreamMarketDataResponse> updates = new Gathered<>();
        StreamObserver<StreamMarketDataRequest> requests = streams().streamMarketData(updates);
        requests.onNext(StreamMarketDataRequest.newBuilder().addSubscribeIds(1).build());
        assertThat(updates.next().hasStarted()).isTrue();
        assertThat(updates.next().getUpdates(0).getSnapshot().getSymbolId()).isEqualTo(1);
        requests.onNext(
                StreamMarketDataRequest.newBuilder()
                        .addSubscribeIds(2)
                        .addUnsubscribeIds(1)
                        .setRequestId(5)
                        .build());
        StreamMarketDataResponse answered = updates.next();
        assertThat(answered.getAnswered().getRequestId()).isEqualTo(5);
        assertThat(answered.getAnswered().getSymbols()).isEqualTo(1);
        assertThat(updates.next().getUpdates(0).getSnapshot().getSymbolId()).isEqualTo(2);
        put(snapshot(1, 9), snapshot(2, 9));
        assertThat(updates.next().getUpdates(0).getSnapshot().getSymbolId()).isEqualTo(2);
        requests.onNext(
                StreamMarketDataRequest.newBuilder()
                        .setUnsubscribeAll(true)
                        .setRequestId(6)
                        .build());
        assertThat(updates.next().getAnswered().getSymbols()).isZero();
        requests.onNext(
                StreamMarketDataRequest.newBuilder().setSubscribeAll(true).setRequestId(7).build());
        assertThat(updates.next().getAnswered().getRequestId()).isEqualTo(7);
        assertThat(updates.next().getUpdatesList()).hasSize(2);
        requests.onCompleted();
        put(snapshot(3, 3));
        assertThat(updates.next().getUpdates(0).getSnapshot().getSymbolId())
                .as("half closed, it goes on")
                .isEqualTo(3);
        ((ClientCallStreamObserver<StreamMarketDataRequest>) requests).cancel("enough", null);
        await().untilAsserted(
                        () -> assertThat(server.metric("wirebrook_market_subscriptions")).isZero());
    }

    @Test
    void symbols_go_by_name_too_and_of_one_that_is_not_there_nothing_is_said() throws Exception {
        put(Snapshot.newBuilder().setSymbolId(1).setSymbol("A").setLtp(1).build());
        Gathered<StreamMarketDataResponse> updates = new Gathered<>();
        StreamObserver<StreamMarketDataRequest> requests = streams().streamMarketData(updates);
        requests.onNext(
                StreamMarketDataRequest.newBuilder()
                        .addSubscribeSymbols("A")
                        .addSubscribeIds(2)
                        .build());
        assertThat(updates.next().hasStarted()).isTrue();
        assertThat(updates.next().getUpdatesList()).hasSize(1);
        requests.onNext(
                StreamMarketDataRequest.newBuilder()
                        .addUnsubscribeSymbols("A")
                        .addUnsubscribeSymbols("Z")
                        .addUnsubscribeIds(9)
                        .setRequestId(5)
                        .build());
        StreamMarketDataResponse answered = updates.next();
        assertThat(answered.getAnswered().getSymbols()).isEqualTo(1);
        assertThat(answered.getStatusesList()).isEmpty();
        requests.onNext(StreamMarketDataRequest.newBuilder().addUnsubscribeIds(0).build());
        Status status = updates.status();
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).contains("unsubscribe_ids[0]");
    }

    @Test
    void from_all_symbols_none_is_taken_away_alone() throws Exception {
        Gathered<StreamMarketDataResponse> updates = new Gathered<>();
        StreamObserver<StreamMarketDataRequest> requests = streams().streamMarketData(updates);
        requests.onNext(StreamMarketDataRequest.newBuilder().setSubscribeAll(true).build());
        requests.onNext(StreamMarketDataRequest.newBuilder().addUnsubscribeIds(1).build());
        Status status = updates.status();
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).contains("unsubscribe_all");
    }

    @Test
    void who_comes_back_goes_on_where_it_was() throws Exception {
        put(snapshot(1, 1), snapshot(2, 2));
        Gathered<SubscribeSnapshotsResponse> before = new Gathered<>();
        Context.CancellableContext connection = Context.current().withCancellation();
        connection.run(() -> streams().subscribeSnapshots(to(1, 2), before));
        String epoch = before.next().getStarted().getEpoch();
        assertThat(before.next().getUpdatesList()).hasSize(2);
        connection.cancel(null);
        put(snapshot(1, 3));
        Gathered<SubscribeSnapshotsResponse> after = new Gathered<>();
        streams()
                .subscribeSnapshots(
                        to(1, 2).toBuilder()
                                .setResume(ResumePoint.newBuilder().setEpoch(epoch).setSequence(2))
                                .build(),
                        after);
        assertThat(after.next().getStarted().getRecovered()).isTrue();
        SubscribeSnapshotsResponse missed = after.next();
        assertThat(missed.getUpdatesList()).hasSize(1);
        assertThat(missed.getUpdates(0).getPreviousSequence()).isEqualTo(1);
        Gathered<SubscribeSnapshotsResponse> stranger = new Gathered<>();
        streams()
                .subscribeSnapshots(
                        to(1, 2).toBuilder()
                                .setResume(
                                        ResumePoint.newBuilder().setEpoch("another").setSequence(2))
                                .build(),
                        stranger);
        assertThat(stranger.next().getStarted().getRecovered()).isFalse();
        assertThat(stranger.next().getUpdatesList()).hasSize(2);
    }

    // Readers that misbehave.

    /** It asks for one message and never for another. */
    private void subscribeWithoutReading(SubscribeSnapshotsRequest request) {
        ClientCall<SubscribeSnapshotsRequest, SubscribeSnapshotsResponse> call =
                server.client()
                        .channel()
                        .newCall(
                                MarketDataServiceGrpc.getSubscribeSnapshotsMethod(),
                                CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {}, new Metadata());
        call.sendMessage(request);
        call.halfClose();
    }

    @Test
    void a_reader_that_never_reads_holds_up_nobody_and_costs_no_more_than_its_slots()
            throws Exception {
        int symbols = 500;
        Snapshot[] all = new Snapshot[symbols];
        Integer[] ids = new Integer[symbols];
        for (int i = 0; i < symbols; i++) {
            all[i] = snapshot(i + 1, 0);
            ids[i] = i + 1;
        }
        put(all);
        for (Conflation conflation :
                List.of(
                        Conflation.CONFLATION_LATEST,
                        Conflation.CONFLATION_MERGE,
                        Conflation.CONFLATION_NONE)) {
            for (int i = 0; i < 10; i++) {
                subscribeWithoutReading(
                        to(ids).toBuilder()
                                .setDelivery(Delivery.newBuilder().setConflation(conflation))
                                .build());
            }
        }
        Gathered<SubscribeSnapshotsResponse> reader = new Gathered<>();
        streams().subscribeSnapshots(to(1), reader);
        assertThat(reader.next().hasStarted()).isTrue();
        await().untilAsserted(() ->
                assertThat(server.metric("wirebrook_market_subscriptions")).isEqualTo(31));
        int rounds = 400;
        long[] nanos = new long[rounds];
        for (int round = 1; round <= rounds; round++) {
            for (int i = 0; i < symbols; i++) {
                all[i] = snapshot(i + 1, round);
            }
            long start = System.nanoTime();
            put(all);
            double last = 0;
            while (last < round) {
                for (var update : reader.next().getUpdatesList()) {
                    last = update.getSnapshot().getLtp();
                }
            }
            nanos[round - 1] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        assertThat(Duration.ofNanos(nanos[rounds * 99 / 100]))
                .as("99th of 100 of the other's updates")
                .isLessThan(Duration.ofSeconds(1));
        assertThat(Duration.ofNanos(nanos[rounds - 1])).isLessThan(Duration.ofSeconds(5));
        assertThat(server.metric("wirebrook_market_slots")).isEqualTo(30 * symbols + 1);
        // Of 200,000 updates each of them was sent what its window takes.
        assertThat(server.metric("wirebrook_market_delivered_total")).isLessThan(30 * 60_000);
    }

    @Test
    void a_stream_that_overflowed_is_read_no_further_and_takes_no_more_symbols() throws Exception {
        int symbols = 500;
        Snapshot[] all = new Snapshot[symbols];
        List<Integer> ids = new ArrayList<>();
        for (int id = 1; id <= symbols; id++) {
            all[id - 1] = snapshot(id, 0);
            ids.add(id);
        }
        UnreadCall<StreamMarketDataRequest, StreamMarketDataResponse> stalled =
                UnreadCall.start(
                        server.client().channel(),
                        MarketDataServiceGrpc.getStreamMarketDataMethod());
        stalled.send(
                StreamMarketDataRequest.newBuilder()
                        .addAllSubscribeIds(ids)
                        .setDelivery(
                                Delivery.newBuilder()
                                        .setConflation(Conflation.CONFLATION_NONE)
                                        .setOverflow(Overflow.OVERFLOW_DISCONNECT))
                        .build());
        put(all);
        assertThat(server.metric("wirebrook_market_slots")).isEqualTo(symbols);
        // Its status waits behind updates that it does not take.
        await().atMost(Duration.ofSeconds(30))
                .until(() -> {
                    for (int i = 0; i < 20; i++) {
                        put(all);
                    }
                    return server.metric("wirebrook_market_subscriptions") == 0;
                });
        for (int i = 0; i < 3_000; i++) {
            stalled.send(
                    StreamMarketDataRequest.newBuilder()
                            .addAllSubscribeIds(ids)
                            .setSubscribeAll(true)
                            .build());
        }
        await().during(Duration.ofSeconds(1)).until(() -> !stalled.isReady());
        assertThat(server.metric("wirebrook_market_slots")).isZero();
        Status status = stalled.read().status();
        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(put(snapshot(symbols + 1, 1)).getAccepted()).isEqualTo(1);
        assertThat(server.metric("wirebrook_market_slots")).isZero();
    }

    @Test
    void ten_thousand_subscriptions_come_and_go() throws Exception {
        put(snapshot(1, 1));
        for (int wave = 0; wave < 10; wave++) {
            // Half of them cancel their calls, the others' connections end.
            try (WirebrookClient client = server.newClient()) {
                Context.CancellableContext together = Context.current().withCancellation();
                Gathered<SubscribeSnapshotsResponse> last = new Gathered<>();
                together.run(() -> {
                    var market = MarketDataServiceGrpc.newStub(client.channel());
                    for (int i = 1; i < 1_000; i++) {
                        market.subscribeSnapshots(to(1, 2, 3), new Gathered<>());
                    }
                    market.subscribeSnapshots(to(1, 2, 3), last);
                });
                assertThat(last.next().hasStarted()).isTrue();
                if (wave % 2 == 0) {
                    together.cancel(null);
                }
            }
        }
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> {
                    assertThat(server.metric("wirebrook_market_subscriptions")).isZero();
                    assertThat(server.metric("wirebrook_market_slots")).isZero();
                });
        assertThat(put(snapshot(1, 2)).getAccepted()).isEqualTo(1);
    }

    @Test
    void a_node_that_stops_ends_the_streams() throws Exception {
        put(snapshot(1, 1));
        Gathered<SubscribeSnapshotsResponse> reader = new Gathered<>();
        streams().subscribeSnapshots(to(1), reader);
        reader.next();
        Gathered<PublishSnapshotsResponse> answers = new Gathered<>();
        StreamObserver<PublishSnapshotsRequest> publisher = streams().publishSnapshots(answers);
        publisher.onNext(
                PublishSnapshotsRequest.newBuilder()
                        .setSequence(1)
                        .addSnapshots(snapshot(1, 2))
                        .build());
        assertThat(answers.next().getAccepted()).isEqualTo(1);
        server.node().stop();
        assertThat(reader.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(answers.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    // Times, and resets.

    private static Timestamp time(Instant instant) {
        return Timestamp.newBuilder().setSeconds(instant.getEpochSecond()).build();
    }

    @Test
    void an_exchange_time_far_ahead_of_the_clock_is_rejected_alone() {
        Instant now = Instant.now();
        PutSnapshotsResponse response =
                put(
                        snapshot(1, 1).toBuilder().setExchangeTime(time(now)).build(),
                        snapshot(1, 2).toBuilder()
                                .setExchangeTime(time(Instant.parse("2099-01-01T00:00:00Z")))
                                .build(),
                        snapshot(1, 3).toBuilder()
                                .setExchangeTime(time(now.plusSeconds(3_600)))
                                .build());
        assertThat(response.getAccepted()).isEqualTo(2);
        assertThat(response.getResultsList()).hasSize(1);
        PublishResult rejected = response.getResults(0);
        assertThat(rejected.getIndex()).isEqualTo(1);
        assertThat(rejected.getSymbolId()).isEqualTo(1);
        assertThat(rejected.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
        assertThat(rejected.getStatus().getMessage())
                .contains("2099-01-01", "86400 s", "market.exchange-time-ahead-max");
        assertThat(
                        put(snapshot(1, 4).toBuilder().setExchangeTime(time(Instant.MAX)).build())
                                .getResults(0)
                                .getStatus()
                                .getCode())
                .isEqualTo(Status.Code.INVALID_ARGUMENT.value());
    }

    @Test
    void a_symbol_that_was_reset_takes_an_update_of_any_time() throws Exception {
        Snapshot.Builder update = Snapshot.newBuilder().setSymbol("A").setExchange("X");
        put(update.setLtp(1).setVolume(5).setExchangeTime(time(Instant.now())).build());
        Gathered<SubscribeSnapshotsResponse> reader = new Gathered<>();
        streams().subscribeSnapshots(to(1), reader);
        Snapshot.Builder old =
                update.clone().clearVolume().setExchangeTime(time(Instant.EPOCH)).setLtp(2);
        assertThat(put(old.build()).getRejected()).isEqualTo(1);
        assertThat(
                        refusal(() ->
                                        market().resetSnapshot(
                                                        ResetSnapshotRequest.newBuilder()
                                                                .setSymbol("B")
                                                                .build()))
                                .code())
                .isEqualTo(Status.Code.NOT_FOUND);
        server.client().market().reset("A");
        Snapshot empty = server.client().market().snapshot("A");
        assertThat(empty)
                .isEqualTo(
                        Snapshot.newBuilder()
                                .setSymbolId(1)
                                .setSymbol("A")
                                .setExchange("X")
                                .setSequence(2)
                                .build());
        assertThat(put(old.build()).getAccepted()).isEqualTo(1);
        List<Snapshot> seen = new ArrayList<>();
        while (seen.isEmpty() || seen.getLast().getLtp() != 2) {
            reader.next().getUpdatesList().forEach(next -> seen.add(next.getSnapshot()));
        }
        assertThat(seen.getLast().hasVolume()).isFalse();
    }

    @Test
    void an_update_that_is_sent_again_is_stored_once() {
        Snapshot update = snapshot(1, 5).toBuilder().setExchangeTime(time(Instant.now())).build();
        for (int i = 0; i < 3; i++) {
            assertThat(put(update, update).getAccepted()).isEqualTo(2);
        }
        put(snapshot(1, 6));
        server.client().admin().awaitStored(0, Duration.ofSeconds(30));
        assertThat(
                        market()
                                .getHistory(
                                        GetHistoryRequest.newBuilder()
                                                .setSymbolId(1)
                                                .setInterval(
                                                        com.google.protobuf.Duration.newBuilder()
                                                                .setSeconds(86_400))
                                                .build())
                                .getCandlesList()
                                .stream()
                                .mapToLong(Candle::getUpdates)
                                .sum())
                .isEqualTo(2);
    }
}
