package dev.wirebrook.grpc;

import static dev.wirebrook.grpc.EchoSchema.method;

import com.google.protobuf.DynamicMessage;
import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.telemetry.Tracing;
import dev.wirebrook.tls.ServerTls;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A whole server on a free port of loopback, with {@code test.EchoService}, and a client of it. */
public final class EchoServer implements AutoCloseable {
    /** What {@code Act} does with a request; the test's own code. */
    public interface Act {
        void run(byte[] request, StreamObserver<byte[]> responses) throws Exception;
    }

    final Health health = new Health(InstantSource.system());
    public final Metrics metrics = new Metrics();
    public final GrpcServer server;
    final ManagedChannel channel;
    private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    public volatile Act act = (request, responses) -> echo(request, responses);
    volatile Act chat = (message, responses) -> responses.onNext(message);
    public volatile Act tail = (request, responses) -> {};
    volatile @Nullable Thread echoThread;
    public volatile @Nullable Thread blockThread;

    public EchoServer() throws IOException {
        this(GrpcServerSettings.DEFAULT);
    }

    public EchoServer(GrpcServerSettings settings) throws IOException {
        this(settings, Optional.empty());
    }

    /** Its own channel is plain. */
    EchoServer(GrpcServerSettings settings, Optional<ServerTls> tls) throws IOException {
        this(settings, tls, Optional.empty());
    }

    /** Its own channel is plain, and has no token. */
    EchoServer(
            GrpcServerSettings settings,
            Optional<ServerTls> tls,
            Optional<Authenticator> authenticator)
            throws IOException {
        this(settings, tls, authenticator, Optional.empty());
    }

    /** Its calls have spans. */
    EchoServer(GrpcServerSettings settings, Tracing tracing) throws IOException {
        this(settings, Optional.empty(), Optional.empty(), Optional.of(tracing));
    }

    private EchoServer(
            GrpcServerSettings settings,
            Optional<ServerTls> tls,
            Optional<Authenticator> authenticator,
            Optional<Tracing> tracing)
            throws IOException {
        health.service("test.EchoService");
        health.started();
        server =
                GrpcServer.start(
                        settings.withAddress("127.0.0.1", 0),
                        List.of(service()),
                        health,
                        metrics,
                        blocking,
                        System::nanoTime,
                        tls,
                        authenticator,
                        tracing);
        channel = channel();
    }

    private HostedService service() {
        DynamicMessage empty = DynamicMessage.getDefaultInstance(EchoSchema.MESSAGE);
        return HostedService.of(
                        ProtoService.of(EchoSchema.SERVICE)
                                .unary(
                                        "Echo",
                                        (request, responses) -> {
                                            echoThread = Thread.currentThread();
                                            echo(request, responses);
                                        })
                                .unary(
                                        "Block",
                                        (request, responses) -> {
                                            blockThread = Thread.currentThread();
                                            echo(request, responses);
                                        })
                                .unary("Act", (request, responses) -> run(act, request, responses))
                                .method(
                                        "Typed",
                                        ProtoUtils.marshaller(empty),
                                        ProtoUtils.marshaller(empty),
                                        ServerCalls.<DynamicMessage, DynamicMessage>asyncUnaryCall(
                                                (request, responses) -> {
                                                    responses.onNext(request);
                                                    responses.onCompleted();
                                                }))
                                .serverStreaming(
                                        "Tail",
                                        (request, responses) -> run(tail, request, responses))
                                .bidiStreaming("Chat", this::chat)
                                .build())
                .onEventLoop("Echo", "Typed", "Chat")
                .endedOnDrain("Tail")
                .requires(Scope.EVENTS_WRITE, "Act", "Chat", "Typed")
                .open("Block");
    }

    private static void echo(byte[] request, StreamObserver<byte[]> responses) {
        responses.onNext(request);
        responses.onCompleted();
    }

    private static void run(Act act, byte[] request, StreamObserver<byte[]> responses) {
        try {
            act.run(request, responses);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private StreamObserver<byte[]> chat(StreamObserver<byte[]> responses) {
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] message) {
                run(chat, message, responses);
            }

            @Override
            public void onError(Throwable cause) {}

            @Override
            public void onCompleted() {
                responses.onCompleted();
            }
        };
    }

    /** The first answer to a message on a stream of its own. */
    byte[] chat(byte[] message) throws Exception {
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        StreamObserver<byte[]> requests =
                ClientCalls.asyncBidiStreamingCall(
                        channel.newCall(
                                method("Chat", MethodType.BIDI_STREAMING), CallOptions.DEFAULT),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(byte[] response) {
                                answer.complete(response);
                            }

                            @Override
                            public void onError(Throwable cause) {
                                answer.completeExceptionally(cause);
                            }

                            @Override
                            public void onCompleted() {}
                        });
        requests.onNext(message);
        byte[] first = answer.get(10, TimeUnit.SECONDS);
        requests.onCompleted();
        return first;
    }

    /** A further client. */
    ManagedChannel channel() {
        return NettyChannelBuilder.forAddress(server.address())
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    /** One unary call. */
    byte[] call(String method, byte[] request) {
        return call(channel, method, request);
    }

    static byte[] call(Channel channel, String method, byte[] request) {
        return ClientCalls.blockingUnaryCall(
                channel,
                method(method, MethodType.UNARY),
                CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
                request);
    }

    /** Calls that came in through another door and have not ended. */
    public int localCallsOpen() {
        return server.local().open();
    }

    /** The metrics as a scraper sees them. */
    public String scrape() {
        try (ByteArrayOutputStream text = new ByteArrayOutputStream()) {
            metrics.write(null, text);
            return text.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
        blocking.close();
    }
}
