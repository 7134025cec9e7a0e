package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GrpcServerTest {
    @Test
    void takes_a_free_port_and_says_which() throws Exception {
        try (EchoServer server = new EchoServer()) {
            assertThat(server.server.address().getPort()).isPositive();
        }
    }

    @Test
    void says_which_address_it_could_not_have() throws Exception {
        try (EchoServer server = new EchoServer()) {
            int port = server.server.address().getPort();
            assertThatThrownBy(() -> start(port, List.of()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("127.0.0.1 port " + port)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void gives_the_port_back() throws Exception {
        int port;
        try (EchoServer server = new EchoServer()) {
            port = server.server.address().getPort();
        }
        start(port, List.of()).close();
    }

    @Test
    void has_each_method_once() {
        HostedService service = HostedService.of(ProtoService.of(EchoSchema.SERVICE).build());
        assertThatThrownBy(() -> start(0, List.of(service, service)))
                .hasMessageContaining("declared twice");
    }

    @Test
    void refuses_to_bind_what_the_descriptor_does_not_have() {
        ProtoService service = ProtoService.of(EchoSchema.SERVICE);
        assertThatThrownBy(() -> service.unary("Other", (request, responses) -> {}))
                .hasMessage("no method Other in test.EchoService");
        assertThatThrownBy(() -> service.unary("Tail", (request, responses) -> {}))
                .hasMessageContaining("SERVER_STREAMING");
        service.method(
                "Echo",
                RawMarshaller.INSTANCE,
                RawMarshaller.INSTANCE,
                ServerCalls.<byte[], byte[]>asyncUnaryCall((request, responses) -> {}));
        assertThatThrownBy(() -> service.unary("Echo", (request, responses) -> {}))
                .hasMessageContaining("bound already");
        HostedService hosted = HostedService.of(service.build());
        assertThatThrownBy(() -> hosted.onEventLoop("Other")).hasMessageContaining("Other");
    }

    private static GrpcServer start(int port, List<HostedService> services) throws IOException {
        return GrpcServer.start(
                GrpcServerSettings.DEFAULT.withAddress("127.0.0.1", port),
                services,
                new Health(InstantSource.system()),
                new Metrics(),
                Runnable::run,
                System::nanoTime,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
