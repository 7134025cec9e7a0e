package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.PublishSnapshotsRequest;
import dev.wirebrook.api.market.v1.PublishSnapshotsResponse;
import dev.wirebrook.api.market.v1.StreamMarketDataRequest;
import dev.wirebrook.api.market.v1.StreamMarketDataResponse;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A market whose every answer is written by the test. */
final class ScriptedMarket implements AutoCloseable {
    /** Streams of readers, in the order in which they began. */
    final List<Call<StreamMarketDataRequest, StreamMarketDataResponse>> readers =
            new CopyOnWriteArrayList<>();

    /** Streams of publishers, in the order in which they began. */
    final List<Call<PublishSnapshotsRequest, PublishSnapshotsResponse>> publishers =
            new CopyOnWriteArrayList<>();

    private final int port;
    private Server server;

    ScriptedMarket() throws IOException {
        server = start(0);
        port = server.getPort();
    }

    WirebrookClient client() {
        return WirebrookClient.builder().target("127.0.0.1:" + port).build();
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
                .addService(new Market())
                .intercept(new HeadersAtOnce())
                .build()
                .start();
    }

    /** One stream. */
    static final class Call<Q, R> implements StreamObserver<Q> {
        final List<Q> requests = new CopyOnWriteArrayList<>();
        private final ServerCallStreamObserver<R> responses;

        private Call(StreamObserver<R> responses) {
            this.responses = (ServerCallStreamObserver<R>) responses;
            this.responses.setOnCancelHandler(() -> {});
        }

        void answer(R response) {
            responses.onNext(response);
        }

        void fail(Throwable failure) {
            responses.onError(failure);
        }

        void drop() {
            fail(Status.UNAVAILABLE.withDescription("scripted").asRuntimeException());
        }

        boolean isCancelled() {
            return responses.isCancelled();
        }

        /** Whether the reader takes more without anything waiting for it here. */
        boolean isReady() {
            return responses.isReady();
        }

        @Override
        public void onNext(Q request) {
            requests.add(request);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
            responses.onCompleted();
        }
    }

    private final class Market extends MarketDataServiceGrpc.MarketDataServiceImplBase {
        @Override
        public StreamObserver<StreamMarketDataRequest> streamMarketData(
                StreamObserver<StreamMarketDataResponse> responses) {
            Call<StreamMarketDataRequest, StreamMarketDataResponse> call = new Call<>(responses);
            readers.add(call);
            return call;
        }

        @Override
        public StreamObserver<PublishSnapshotsRequest> publishSnapshots(
                StreamObserver<PublishSnapshotsResponse> responses) {
            Call<PublishSnapshotsRequest, PublishSnapshotsResponse> call = new Call<>(responses);
            publishers.add(call);
            return call;
        }
    }

    /** As the real server, which says that it has a call before it answers it. */
    private static final class HeadersAtOnce implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            call.sendHeaders(new Metadata());
            return next.startCall(
                    new ForwardingServerCall.SimpleForwardingServerCall<>(call) {
                        @Override
                        public void sendHeaders(Metadata again) {}
                    },
                    headers);
        }
    }
}
