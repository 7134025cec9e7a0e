package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.api.ingest.v1.IngestServiceGrpc;
import dev.wirebrook.api.ingest.v1.TailRequest;
import dev.wirebrook.api.ingest.v1.TailResponse;
import dev.wirebrook.api.ingest.v1.UploadRequest;
import dev.wirebrook.api.ingest.v1.UploadResponse;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.PublishSnapshotsRequest;
import dev.wirebrook.api.market.v1.PublishSnapshotsResponse;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.StreamMarketDataRequest;
import dev.wirebrook.api.market.v1.StreamMarketDataResponse;
import dev.wirebrook.api.market.v1.UploadSnapshotsRequest;
import dev.wirebrook.api.market.v1.UploadSnapshotsResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every stream answers all of many requests that are written before the first answer is read:
 * whatever makes a stream pause, something has to make it read on.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManyRequestsAtOnceIT {
    private static final int REQUESTS = 300;

    private TestNode node;

    @BeforeAll
    void start(@TempDir Path dataDir) {
        node =
                TestNode.start(
                        dataDir, Map.of("events.tails-per-client-max", Integer.toString(REQUESTS)));
    }

    @AfterAll
    void stop() {
        node.close();
    }

    /** Sends all of them, then takes answers. */
    private <Q, A> Call<Q, A> send(MethodDescriptor<Q, A> method, IntFunction<Q> request) {
        Call<Q, A> call = new Call<>(node.client().channel().newCall(method, CallOptions.DEFAULT));
        for (int i = 1; i <= REQUESTS; i++) {
            call.call.sendMessage(request.apply(i));
        }
        call.call.request(Integer.MAX_VALUE);
        return call;
    }

    private static final class Call<Q, A> {
        final ClientCall<Q, A> call;
        final Gathered<A> answers = new Gathered<>();

        Call(ClientCall<Q, A> call) {
            this.call = call;
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onMessage(A answer) {
                            answers.onNext(answer);
                        }

                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            answers.end.complete(status);
                        }
                    },
                    new Metadata());
        }
    }

    @RepeatedTest(3)
    void a_stream_of_market_data() throws Exception {
        Call<StreamMarketDataRequest, StreamMarketDataResponse> call =
                send(
                        MarketDataServiceGrpc.getStreamMarketDataMethod(),
                        i ->
                                StreamMarketDataRequest.newBuilder()
                                        .setRequestId(i)
                                        .addSubscribeIds(i)
                                        .build());
        List<Long> answered = new ArrayList<>();
        while (answered.size() < REQUESTS) {
            StreamMarketDataResponse response = call.answers.next();
            if (response.hasAnswered()) {
                answered.add(response.getAnswered().getRequestId());
            }
        }
        assertThat(answered)
                .containsExactlyElementsOf(LongStream.rangeClosed(1, REQUESTS).boxed().toList());
        call.call.cancel("enough", null);
    }

    @Test
    void a_stream_of_snapshots() throws Exception {
        Call<PublishSnapshotsRequest, PublishSnapshotsResponse> call =
                send(
                        MarketDataServiceGrpc.getPublishSnapshotsMethod(),
                        i ->
                                PublishSnapshotsRequest.newBuilder()
                                        .setSequence(i)
                                        .addSnapshots(snapshot(i))
                                        .build());
        while (call.answers.next().getSequence() < REQUESTS) {
            // Cumulative.
        }
        call.call.cancel("enough", null);
    }

    @Test
    void rejected_snapshots() throws Exception {
        Call<PublishSnapshotsRequest, PublishSnapshotsResponse> call =
                send(
                        MarketDataServiceGrpc.getPublishSnapshotsMethod(),
                        i -> {
                            PublishSnapshotsRequest.Builder request =
                                    PublishSnapshotsRequest.newBuilder().setSequence(i);
                            for (int k = 0; k < 100; k++) {
                                request.addSnapshots(snapshot(1).toBuilder().setLtp(Double.NaN));
                            }
                            return request.build();
                        });
        while (call.answers.next().getSequence() < REQUESTS) {
            // Cumulative.
        }
        call.call.cancel("enough", null);
    }

    @Test
    void an_upload_of_snapshots() throws Exception {
        Call<UploadSnapshotsRequest, UploadSnapshotsResponse> call =
                send(
                        MarketDataServiceGrpc.getUploadSnapshotsMethod(),
                        i -> UploadSnapshotsRequest.newBuilder().addSnapshots(snapshot(i)).build());
        call.call.halfClose();
        assertThat(call.answers.next().getAccepted()).isEqualTo(REQUESTS);
    }

    private static Snapshot snapshot(int id) {
        return Snapshot.newBuilder().setSymbolId(id).setLtp(id).build();
    }

    @Test
    void a_stream_of_batches() throws Exception {
        Call<IngestRequest, IngestResponse> call =
                send(
                        IngestServiceGrpc.getIngestMethod(),
                        i ->
                                IngestRequest.newBuilder()
                                        .setSequence(i)
                                        .setBatch(batch("ingest" + i))
                                        .build());
        while (call.answers.next().getSequence() < REQUESTS) {
            // Cumulative.
        }
        call.call.cancel("enough", null);
    }

    @Test
    void an_upload_of_batches() throws Exception {
        Call<UploadRequest, UploadResponse> call =
                send(
                        IngestServiceGrpc.getUploadMethod(),
                        i -> UploadRequest.newBuilder().setBatch(batch("upload" + i)).build());
        call.call.halfClose();
        assertThat(call.answers.next().getAccepted()).isEqualTo(REQUESTS);
    }

    private static Events batch(String id) {
        return Events.newBuilder()
                .setHeader(Header.newBuilder().setClientId("many"))
                .addEvents(
                        Event.newBuilder()
                                .setId(id)
                                .setAddToCartEvent(AddToCartEvent.getDefaultInstance()))
                .build();
    }

    @Test
    void tails_over_one_connection() throws Exception {
        List<Gathered<TailResponse>> tails = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            Gathered<TailResponse> tail = new Gathered<>();
            IngestServiceGrpc.newStub(node.client().channel())
                    .tail(TailRequest.newBuilder().setPosition(0).setLimit(1).build(), tail);
            tails.add(tail);
        }
        Call<UploadRequest, UploadResponse> upload =
                send(
                        IngestServiceGrpc.getUploadMethod(),
                        i -> UploadRequest.newBuilder().setBatch(batch("tailed" + i)).build());
        upload.call.halfClose();
        for (Gathered<TailResponse> tail : tails) {
            assertThat(tail.next().getEventsCount()).isEqualTo(1);
            assertThat(tail.status().isOk()).isTrue();
        }
    }
}
