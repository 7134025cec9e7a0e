package dev.wirebrook.bench;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.wirebrook.grpc.GrpcServer;
import dev.wirebrook.grpc.GrpcServerSettings;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.grpc.ProtoService;
import dev.wirebrook.grpc.RawMarshaller;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the server kit costs a unary call: the CPU time of the event loops, per echoed call of 87
 * bytes, for the kit and for grpc-java alone with the same transport. The two take turns in one
 * process, so that what else runs on the machine disturbs both alike. Needs Linux.
 *
 * <p>Arguments: rounds (default 11), calls per round (default 200000).
 */
public final class GrpcOverhead {
    private static final int MESSAGE_BYTES = 87;
    private static final int CONNECTIONS = 4;
    private static final int CALLS_IN_FLIGHT_PER_CONNECTION = 50;
    private static final String PLAIN_THREADS = "plain-loop";
    private static final String KIT_THREADS = "grpc-loop";
    private static final MethodDescriptor<byte[], byte[]> ECHO =
            MethodDescriptor.newBuilder(RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                    .setType(MethodType.UNARY)
                    .setFullMethodName("bench.EchoService/Echo")
                    .build();

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    private GrpcOverhead() {}

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 11;
        int calls = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200_000;
        new GrpcOverhead().run(rounds, calls);
    }

    private void run(int rounds, int calls) throws Exception {
        try (BareGrpc plain = BareGrpc.start(service(), PLAIN_THREADS);
                ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
                GrpcServer kit = kit(blocking)) {
            List<Double> plainMicros = new ArrayList<>();
            List<Double> kitMicros = new ArrayList<>();
            microsPerCall(plain.address(), PLAIN_THREADS, 5 * calls);
            microsPerCall(kit.address(), KIT_THREADS, 5 * calls);
            for (int round = 0; round < rounds; round++) {
                plainMicros.add(microsPerCall(plain.address(), PLAIN_THREADS, calls));
                kitMicros.add(microsPerCall(kit.address(), KIT_THREADS, calls));
            }
            double plainMedian = Median.of(plainMicros.stream().mapToDouble(Double::doubleValue));
            double kitMedian = Median.of(kitMicros.stream().mapToDouble(Double::doubleValue));
            System.out.printf(
                    Locale.ROOT,
                    "CPU per unary call, median of %d rounds: grpc-java %.2f us, kit %.2f us, kit"
                            + " costs %.1f %%%n",
                    rounds,
                    plainMedian,
                    kitMedian,
                    100 * (kitMedian / plainMedian - 1));
        }
    }

    private static ServerServiceDefinition service() throws DescriptorValidationException {
        FileDescriptor file =
                FileDescriptor.buildFrom(
                        FileDescriptorProto.newBuilder()
                                .setName("bench/echo.proto")
                                .setPackage("bench")
                                .addMessageType(DescriptorProto.newBuilder().setName("Echo"))
                                .addService(
                                        ServiceDescriptorProto.newBuilder()
                                                .setName("EchoService")
                                                .addMethod(
                                                        MethodDescriptorProto.newBuilder()
                                                                .setName("Echo")
                                                                .setInputType(".bench.Echo")
                                                                .setOutputType(".bench.Echo")))
                                .build(),
                        new FileDescriptor[0]);
        return ProtoService.of(file.findServiceByName("EchoService"))
                .unary(
                        "Echo",
                        (request, responses) -> {
                            responses.onNext(request);
                            responses.onCompleted();
                        })
                .build();
    }

    private static GrpcServer kit(ExecutorService blocking)
            throws IOException, DescriptorValidationException {
        Health health = new Health(InstantSource.system());
        health.started();
        return GrpcServer.start(
                GrpcServerSettings.DEFAULT.withAddress("127.0.0.1", 0),
                List.of(HostedService.of(service()).onEventLoop("Echo")),
                health,
                new Metrics(),
                blocking,
                System::nanoTime,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private double microsPerCall(InetSocketAddress server, String loopNames, int calls)
            throws InterruptedException {
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            channels.add(
                    NettyChannelBuilder.forAddress(server).usePlaintext().directExecutor().build());
        }
        try {
            long before = cpuNanos(loopNames);
            CountDownLatch done = new CountDownLatch(CONNECTIONS * CALLS_IN_FLIGHT_PER_CONNECTION);
            AtomicInteger left = new AtomicInteger(calls);
            for (ManagedChannel channel : channels) {
                for (int i = 0; i < CALLS_IN_FLIGHT_PER_CONNECTION; i++) {
                    new Caller(channel, left, done).next();
                }
            }
            done.await();
            return (cpuNanos(loopNames) - before) / 1_000.0 / calls;
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    private long cpuNanos(String loopNames) {
        long nanos = 0;
        for (ThreadInfo thread : threads.dumpAllThreads(false, false, 0)) {
            if (thread.getThreadName().startsWith(loopNames)) {
                nanos += threads.getThreadCpuTime(thread.getThreadId());
            }
        }
        return nanos;
    }

    /** One call after the other. */
    private static final class Caller extends ClientCall.Listener<byte[]> {
        private static final byte[] MESSAGE = new byte[MESSAGE_BYTES];

        private final ManagedChannel channel;
        private final AtomicInteger left;
        private final CountDownLatch done;

        Caller(ManagedChannel channel, AtomicInteger left, CountDownLatch done) {
            this.channel = channel;
            this.left = left;
            this.done = done;
        }

        void next() {
            if (left.getAndDecrement() <= 0) {
                done.countDown();
                return;
            }
            ClientCall<byte[], byte[]> call = channel.newCall(ECHO, CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.request(2);
            call.sendMessage(MESSAGE);
            call.halfClose();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!status.isOk()) {
                throw new IllegalStateException(status.toString());
            }
            next();
        }
    }
}
