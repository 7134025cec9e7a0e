package dev.wirebrook.cli.bench;

import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.api.ingest.v1.IngestServiceGrpc;
import dev.wirebrook.client.WirebrookClient;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection under load. Sends are made by one thread at a time; answers come on the
 * connection's network thread, where everything is counted.
 */
abstract class Lane implements AutoCloseable {
    private static final MethodDescriptor.Marshaller<byte[]> BYTES =
            new MethodDescriptor.Marshaller<>() {
                @Override
                public InputStream stream(byte[] bytes) {
                    return new ByteArrayInputStream(bytes);
                }

                @Override
                public byte[] parse(InputStream stream) {
                    throw new UnsupportedOperationException("a driver does not read requests");
                }
            };

    private static final MethodDescriptor<byte[], Response> DISPATCH =
            EventServiceGrpc.getDispatchMethod().toBuilder(
                            BYTES, EventServiceGrpc.getDispatchMethod().getResponseMarshaller())
                    .build();

    private static final MethodDescriptor<byte[], IngestResponse> INGEST =
            IngestServiceGrpc.getIngestMethod().toBuilder(
                            BYTES, IngestServiceGrpc.getIngestMethod().getResponseMarshaller())
                    .build();

    final WirebrookClient client;
    final BatchTemplate template;
    final AtomicInteger outstanding = new AtomicInteger();

    // Written on the network thread; read when the lane is at rest.
    private final LatencyHistogram latency = new LatencyHistogram();
    private long batches;
    private long failures;
    private Optional<String> firstFailure = Optional.empty();

    private volatile boolean measuring;
    private volatile long measuredFromNanos;
    private volatile boolean stopped;

    Lane(WirebrookClient client, BatchTemplate template) {
        this.client = client;
        this.template = template;
    }

    static Lane open(BenchPlan plan, BatchTemplate template) {
        WirebrookClient client = plan.clients().get();
        return plan.stream() ? new StreamLane(client, template) : new CallLane(client, template);
    }

    /** Sends one batch; its latency counts from then on. */
    abstract void send(long dueNanos);

    /** Sends a new batch for each answer from now on. */
    abstract void sendOnAnswer();

    /** From now on, what was due since that moment counts. */
    void measure(long fromNanos) {
        measuredFromNanos = fromNanos;
        measuring = true;
    }

    void stopMeasuring() {
        measuring = false;
    }

    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }

    LatencyHistogram latency() {
        return latency;
    }

    long batches() {
        return batches;
    }

    long failures() {
        return failures;
    }

    Optional<String> firstFailure() {
        return firstFailure;
    }

    final void answered(long dueNanos) {
        outstanding.decrementAndGet();
        if (measuring && dueNanos - measuredFromNanos >= 0) {
            batches++;
            latency.record(System.nanoTime() - dueNanos);
        }
    }

    final void failed(Status status) {
        failures++;
        if (firstFailure.isEmpty()) {
            firstFailure = Optional.of(status.getCode() + ": " + status.getDescription());
        }
        // Without a server there is nothing to measure; other refusals are part of the load.
        if (status.getCode() != Status.Code.RESOURCE_EXHAUSTED) {
            stop();
        }
    }

    @Override
    public void close() {
        client.close();
    }

    /** A call a batch. */
    private static final class CallLane extends Lane {
        private volatile boolean again;

        CallLane(WirebrookClient client, BatchTemplate template) {
            super(client, template);
        }

        @Override
        void sendOnAnswer() {
            again = true;
        }

        @Override
        void send(long dueNanos) {
            outstanding.incrementAndGet();
            ClientCall<byte[], Response> call =
                    client.channel().newCall(DISPATCH, CallOptions.DEFAULT);
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onMessage(Response response) {
                            if (response.getRetry() > 0 || response.getRejected() > 0) {
                                failed(
                                        Status.RESOURCE_EXHAUSTED.withDescription(
                                                response.getMessage()));
                            }
                        }

                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            answered(dueNanos);
                            if (!status.isOk()) {
                                failed(status);
                            }
                            if (again && !isStopped()) {
                                send(System.nanoTime());
                            }
                        }
                    },
                    new Metadata());
            call.request(2);
            call.sendMessage(template.next());
            call.halfClose();
        }
    }

    /** A stream for all batches. Closed loop only. */
    private static final class StreamLane extends Lane {
        private final ClientCall<byte[], IngestResponse> call;
        private final ArrayDeque<Long> sentNanos = new ArrayDeque<>();
        private long nextSequence = 1;
        private long answeredSequence;
        private boolean again;

        StreamLane(WirebrookClient client, BatchTemplate template) {
            super(client, template);
            call = client.channel().newCall(INGEST, CallOptions.DEFAULT);
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onMessage(IngestResponse response) {
                            acknowledged(response.getSequence());
                        }

                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            outstanding.set(0);
                            if (!isStopped()) {
                                failed(status);
                            }
                        }
                    },
                    new Metadata());
            call.request(Integer.MAX_VALUE);
        }

        @Override
        synchronized void sendOnAnswer() {
            again = true;
        }

        @Override
        synchronized void send(long dueNanos) {
            outstanding.incrementAndGet();
            sentNanos.add(dueNanos);
            call.sendMessage(IngestRequests.encode(nextSequence++, template.next()));
        }

        private synchronized void acknowledged(long sequence) {
            while (answeredSequence < sequence) {
                answeredSequence++;
                answered(sentNanos.remove());
                if (again && !isStopped()) {
                    send(System.nanoTime());
                }
            }
        }
    }
}
