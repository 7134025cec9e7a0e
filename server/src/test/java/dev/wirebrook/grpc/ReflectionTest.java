package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.grpc.Status;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReflectionTest {
    @Test
    void serves_a_descriptor_that_was_brought_at_run_time() throws Exception {
        try (EchoServer server = new EchoServer()) {
            ServerReflectionResponse listed =
                    ask(server, ServerReflectionRequest.newBuilder().setListServices("*").build());
            assertThat(listed.getListServicesResponse().getServiceList())
                    .extracting(ServiceResponse::getName)
                    .contains("test.EchoService", "grpc.health.v1.Health");
            ServerReflectionResponse found =
                    ask(
                            server,
                            ServerReflectionRequest.newBuilder()
                                    .setFileContainingSymbol("test.EchoService")
                                    .build());
            FileDescriptorProto file =
                    FileDescriptorProto.parseFrom(
                            found.getFileDescriptorResponse().getFileDescriptorProto(0));
            assertThat(file).isEqualTo(EchoSchema.SERVICE.getFile().toProto());
        }
    }

    @Test
    @SuppressWarnings("deprecation") // what older clients ask for
    void serves_it_to_clients_of_the_older_version() throws Exception {
        try (EchoServer server = new EchoServer()) {
            CompletableFuture<io.grpc.reflection.v1alpha.ServerReflectionResponse> answer =
                    new CompletableFuture<>();
            var requests =
                    io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(server.channel)
                            .serverReflectionInfo(new First<>(answer));
            requests.onNext(
                    io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
                            .setFileByFilename("test/echo.proto")
                            .build());
            requests.onCompleted();
            assertThat(
                            FileDescriptorProto.parseFrom(
                                            answer.get(10, TimeUnit.SECONDS)
                                                    .getFileDescriptorResponse()
                                                    .getFileDescriptorProto(0))
                                    .getPackage())
                    .isEqualTo("test");
        }
    }

    @Test
    void offers_none_when_it_is_switched_off() throws Exception {
        try (EchoServer server = new EchoServer(GrpcServerSettings.DEFAULT.withReflection(false))) {
            CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
            var requests =
                    ServerReflectionGrpc.newStub(server.channel)
                            .serverReflectionInfo(new First<>(answer));
            requests.onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());
            assertThat(answer)
                    .failsWithin(10, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .havingCause()
                    .satisfies(cause ->
                            assertThat(Status.fromThrowable(cause).getCode())
                                    .isEqualTo(Status.Code.UNIMPLEMENTED));
        }
    }

    private static ServerReflectionResponse ask(EchoServer server, ServerReflectionRequest request)
            throws Exception {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(server.channel)
                        .serverReflectionInfo(new First<>(answer));
        requests.onNext(request);
        requests.onCompleted();
        return answer.get(10, TimeUnit.SECONDS);
    }

    private record First<M>(CompletableFuture<M> answer) implements StreamObserver<M> {
        @Override
        public void onNext(M message) {
            answer.complete(message);
        }

        @Override
        public void onError(Throwable cause) {
            answer.completeExceptionally(cause);
        }

        @Override
        public void onCompleted() {}
    }
}
