package dev.wirebrook.bench.web;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.wirebrook.auth.AuthSources;
import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.GrpcServer;
import dev.wirebrook.grpc.GrpcServerSettings;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.grpc.ProtoService;
import dev.wirebrook.http.Doorkeeper;
import dev.wirebrook.http.WebServer;
import dev.wirebrook.http.WebServerSettings;
import dev.wirebrook.http.rpc.RpcEndpoint;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * One snapshot per call, over gRPC and as JSON. Arguments: GRPC-PORT HTTP-PORT [CLIENTS-FILE]; with
 * the file a call needs a key of it with the scope {@code events:read}.
 */
public final class SnapshotServer {
    private static final String SYMBOL = "NSE:RELIANCE";
    private static final FileDescriptor FILE = file();

    private SnapshotServer() {}

    /** Runs it until it is killed. */
    public static void main(String[] arguments) throws Exception {
        Health health = new Health(InstantSource.system());
        Metrics metrics = new Metrics();
        ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
        Optional<Authenticator> authenticator =
                arguments.length < 3 ? Optional.empty() : Optional.of(known(Path.of(arguments[2])));
        GrpcServer grpc =
                GrpcServer.start(
                        GrpcServerSettings.DEFAULT.withAddress(
                                "127.0.0.1", Integer.parseInt(arguments[0])),
                        List.of(service()),
                        health,
                        metrics,
                        blocking,
                        System::nanoTime,
                        Optional.empty(),
                        authenticator,
                        Optional.empty());
        health.started();
        try (WebServer web =
                WebServer.start(
                        WebServerSettings.DEFAULT.withAddress(
                                "127.0.0.1", Integer.parseInt(arguments[1])),
                        grpc.loops(),
                        new RpcEndpoint(grpc.local(), "bench", 4 << 20, Doorkeeper.OPEN),
                        metrics,
                        Optional.empty(),
                        grpc.callers())) {
            System.out.println("ready " + web.address());
            Thread.currentThread().join();
        }
    }

    private static Authenticator known(Path clients) throws IOException {
        return Authenticator.once(
                new AuthSources(
                        Optional.of(clients), Optional.empty(), Optional.empty(), Optional.empty()),
                InstantSource.system());
    }

    private static HostedService service() {
        Map<ByteString, byte[]> snapshots = Map.of(ByteString.copyFromUtf8(SYMBOL), snapshot());
        return HostedService.of(
                        ProtoService.of(FILE.findServiceByName("SnapshotService"))
                                .unary(
                                        "GetSnapshot",
                                        (request, responses) ->
                                                answer(snapshots, request, responses))
                                .build())
                .onEventLoop("GetSnapshot")
                .requires(Scope.EVENTS_READ, "GetSnapshot");
    }

    /** A request is one field: its tag, its length, and the symbol. */
    private static void answer(
            Map<ByteString, byte[]> snapshots, byte[] request, StreamObserver<byte[]> responses) {
        byte[] found =
                request.length < 2
                        ? null
                        : snapshots.get(ByteString.copyFrom(request, 2, request.length - 2));
        if (found == null) {
            throw new FailureException(
                    new Failure.NotFound("no such symbol", "symbol", "the one asked for"));
        }
        responses.onNext(found);
        responses.onCompleted();
    }

    private static byte[] snapshot() {
        Descriptor type = FILE.findMessageTypeByName("Snapshot");
        return DynamicMessage.newBuilder(type)
                .setField(type.findFieldByName("symbol"), SYMBOL)
                .setField(type.findFieldByName("exchange"), "NSE")
                .setField(type.findFieldByName("ltp"), 2890.55)
                .setField(type.findFieldByName("open"), 2871.10)
                .setField(type.findFieldByName("high"), 2899.95)
                .setField(type.findFieldByName("low"), 2868.00)
                .setField(type.findFieldByName("close"), 2885.40)
                .setField(type.findFieldByName("volume"), 4_182_734L)
                .setField(type.findFieldByName("exchange_time_millis"), 1_767_225_600_123L)
                .setField(type.findFieldByName("sequence"), 991_827L)
                .build()
                .toByteArray();
    }

    private static FileDescriptor file() {
        FileDescriptorProto file =
                FileDescriptorProto.newBuilder()
                        .setName("bench/snapshot.proto")
                        .setPackage("bench")
                        .setSyntax("proto3")
                        .addMessageType(
                                message(
                                        "GetSnapshotRequest",
                                        "symbol",
                                        FieldDescriptorProto.Type.TYPE_STRING))
                        .addMessageType(
                                message(
                                        "Snapshot",
                                        "symbol",
                                        FieldDescriptorProto.Type.TYPE_STRING,
                                        "exchange",
                                        FieldDescriptorProto.Type.TYPE_STRING,
                                        "ltp",
                                        FieldDescriptorProto.Type.TYPE_DOUBLE,
                                        "open",
                                        FieldDescriptorProto.Type.TYPE_DOUBLE,
                                        "high",
                                        FieldDescriptorProto.Type.TYPE_DOUBLE,
                                        "low",
                                        FieldDescriptorProto.Type.TYPE_DOUBLE,
                                        "close",
                                        FieldDescriptorProto.Type.TYPE_DOUBLE,
                                        "volume",
                                        FieldDescriptorProto.Type.TYPE_INT64,
                                        "exchange_time_millis",
                                        FieldDescriptorProto.Type.TYPE_INT64,
                                        "sequence",
                                        FieldDescriptorProto.Type.TYPE_INT64))
                        .addService(
                                ServiceDescriptorProto.newBuilder()
                                        .setName("SnapshotService")
                                        .addMethod(
                                                MethodDescriptorProto.newBuilder()
                                                        .setName("GetSnapshot")
                                                        .setInputType(".bench.GetSnapshotRequest")
                                                        .setOutputType(".bench.Snapshot")
                                                        .setOptions(route())))
                        .build();
        try {
            return FileDescriptor.buildFrom(file, new FileDescriptor[0]);
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException("the schema of this benchmark is none", e);
        }
    }

    private static MethodOptions route() {
        return MethodOptions.newBuilder()
                .setExtension(
                        AnnotationsProto.http,
                        HttpRule.newBuilder().setGet("/v1/snapshots/{symbol}").build())
                .build();
    }

    private static DescriptorProto message(String name, Object... fields) {
        DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
        for (int i = 0; i < fields.length; i += 2) {
            message.addField(
                    FieldDescriptorProto.newBuilder()
                            .setName((String) fields[i])
                            .setNumber(i / 2 + 1)
                            .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                            .setType((FieldDescriptorProto.Type) fields[i + 1]));
        }
        return message.build();
    }
}
