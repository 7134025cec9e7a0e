package dev.wirebrook.client;

import com.google.protobuf.Any;
import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.EventResult.Verdict;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.api.ingest.v1.BatchResult;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.api.ingest.v1.IngestServiceGrpc;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

/** A server that keeps the contract's letter and misbehaves to order. */
final class ScriptedServer implements AutoCloseable {
    final List<Events> dispatched = new CopyOnWriteArrayList<>();
    final List<IngestRequest> ingested = new CopyOnWriteArrayList<>();
    final AtomicReference<BiConsumer<Events, StreamObserver<Response>>> onDispatch =
            new AtomicReference<>((batch, response) -> accept(response));
    final AtomicReference<BiConsumer<IngestRequest, StreamObserver<IngestResponse>>> onIngest =
            new AtomicReference<>((request, responses) -> responses.onNext(ack(request)));
    private final int port;
    private Server server;

    ScriptedServer() throws IOException {
        server = start(0);
        port = server.getPort();
    }

    String target() {
        return "127.0.0.1:" + port;
    }

    WirebrookClient client() {
        return WirebrookClient.builder().target(target()).build();
    }

    void stop() throws InterruptedException {
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }

    void restart() throws IOException {
        server = start(port);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private Server start(int onPort) throws IOException {
        return NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort))
                .addService(new EventHandler())
                .addService(new IngestHandler())
                .build()
                .start();
    }

    static void accept(StreamObserver<Response> response) {
        answer(response, List.of());
    }

    static void answer(StreamObserver<Response> response, List<EventResult> results) {
        response.onNext(Response.newBuilder().addAllResults(results).build());
        response.onCompleted();
    }

    static EventResult result(int index, Verdict verdict) {
        return EventResult.newBuilder().setIndex(index).setVerdict(verdict).build();
    }

    static IngestResponse ack(IngestRequest request) {
        return IngestResponse.newBuilder()
                .setSequence(request.getSequence())
                .setPosition(request.getSequence() * 100)
                .build();
    }

    static IngestResponse ack(IngestRequest request, EventResult... results) {
        IngestResponse.Builder response = ack(request).toBuilder();
        for (EventResult result : results) {
            response.addResults(
                    BatchResult.newBuilder().setSequence(request.getSequence()).setResult(result));
        }
        return response.build();
    }

    static StatusRuntimeException refusal(Code code, Duration delay) {
        return StatusProto.toStatusRuntimeException(
                com.google.rpc.Status.newBuilder()
                        .setCode(code.getNumber())
                        .setMessage("scripted")
                        .addDetails(
                                Any.pack(
                                        RetryInfo.newBuilder()
                                                .setRetryDelay(
                                                        com.google.protobuf.Duration.newBuilder()
                                                                .setNanos(delay.toNanosPart()))
                                                .build()))
                        .build());
    }

    static Events batch(String... ids) {
        Events.Builder batch = Events.newBuilder();
        for (String id : ids) {
            batch.addEvents(Event.newBuilder().setId(id));
        }
        return batch.build();
    }

    static List<String> ids(Events batch) {
        return batch.getEventsList().stream().map(Event::getId).toList();
    }

    private final class EventHandler extends EventServiceGrpc.EventServiceImplBase {
        @Override
        public void dispatch(Events batch, StreamObserver<Response> response) {
            dispatched.add(batch);
            onDispatch.get().accept(batch, response);
        }
    }

    private final class IngestHandler extends IngestServiceGrpc.IngestServiceImplBase {
        @Override
        public StreamObserver<IngestRequest> ingest(StreamObserver<IngestResponse> responses) {
            return new StreamObserver<>() {
                @Override
                public void onNext(IngestRequest request) {
                    ingested.add(request);
                    onIngest.get().accept(request, responses);
                }

                @Override
                public void onError(Throwable failure) {}

                @Override
                public void onCompleted() {
                    responses.onCompleted();
                }
            };
        }
    }
}
