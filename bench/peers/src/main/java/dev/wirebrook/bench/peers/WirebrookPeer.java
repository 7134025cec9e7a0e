package dev.wirebrook.bench.peers;

import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.api.ingest.v1.IngestServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Wirebrook: a call per message, or a stream with cumulative acknowledgements. */
final class WirebrookPeer implements Peer {
    private static final int WINDOW_BYTES = 1 << 20;
    private static final int WINDOW_MESSAGES_MAX = 256;

    private final String host;
    private final int port;
    private final Mode mode;
    private final int window;

    enum Mode {
        DISPATCH,
        INGEST
    }

    WirebrookPeer(String host, int port, Mode mode, Shape shape) {
        this.host = host;
        this.port = port;
        this.mode = mode;
        window = Math.min(WINDOW_MESSAGES_MAX, WINDOW_BYTES / new Messages(shape).length());
    }

    @Override
    public int lanes() {
        return 4;
    }

    @Override
    public int window() {
        return window;
    }

    @Override
    public Lane open(int lane) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(host, port).usePlaintext().directExecutor().build();
        return switch (mode) {
            case DISPATCH -> new Dispatch(channel);
            case INGEST -> new Ingest(channel);
        };
    }

    @Override
    public void disconnect() {}

    private abstract static class ChannelLane implements Lane {
        private final ManagedChannel channel;

        ChannelLane(ManagedChannel channel) {
            this.channel = channel;
        }

        ManagedChannel channel() {
            return channel;
        }

        @Override
        public void disconnect() {
            channel.shutdownNow();
        }
    }

    private static final class Dispatch extends ChannelLane {
        private static final MethodDescriptor<byte[], Response> METHOD =
                EventServiceGrpc.getDispatchMethod().toBuilder(
                                BytesMarshaller.INSTANCE,
                                EventServiceGrpc.getDispatchMethod().getResponseMarshaller())
                        .build();

        Dispatch(ManagedChannel channel) {
            super(channel);
        }

        @Override
        public void send(byte[] message, Receipt receipt) {
            ClientCalls.asyncUnaryCall(
                    channel().newCall(METHOD, CallOptions.DEFAULT),
                    message,
                    new StreamObserver<Response>() {
                        @Override
                        public void onNext(Response response) {
                            if (response.getStatus().equals("SUCCESS")) {
                                receipt.acknowledged();
                            } else {
                                receipt.failed(
                                        new IllegalStateException(
                                                "not all was taken: " + response));
                            }
                        }

                        @Override
                        public void onError(Throwable error) {
                            receipt.failed(error);
                        }

                        @Override
                        public void onCompleted() {}
                    });
        }
    }

    private static final class Ingest extends ChannelLane {
        private static final MethodDescriptor<byte[], IngestResponse> METHOD =
                IngestServiceGrpc.getIngestMethod().toBuilder(
                                BytesMarshaller.INSTANCE,
                                IngestServiceGrpc.getIngestMethod().getResponseMarshaller())
                        .build();

        private final ConcurrentLinkedQueue<Receipt> waiting = new ConcurrentLinkedQueue<>();
        private final AtomicLong answered = new AtomicLong();
        private final StreamObserver<byte[]> requests;
        private long sequence;

        Ingest(ManagedChannel channel) {
            super(channel);
            requests =
                    ClientCalls.asyncBidiStreamingCall(
                            channel.newCall(METHOD, CallOptions.DEFAULT),
                            new StreamObserver<IngestResponse>() {
                                @Override
                                public void onNext(IngestResponse response) {
                                    answer(response.getSequence());
                                }

                                @Override
                                public void onError(Throwable error) {
                                    waiting.forEach(receipt -> receipt.failed(error));
                                }

                                @Override
                                public void onCompleted() {}
                            });
        }

        @Override
        public void send(byte[] message, Receipt receipt) {
            waiting.add(receipt);
            requests.onNext(BytesMarshaller.ingestRequest(++sequence, message));
        }

        private void answer(long upTo) {
            for (long count = upTo - answered.getAndSet(upTo); count > 0; count--) {
                waiting.remove().acknowledged();
            }
        }

        @Override
        public void disconnect() {
            requests.onCompleted();
            super.disconnect();
        }
    }
}
