package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.TestAuthority;
import dev.wirebrook.tls.ServerTls;
import dev.wirebrook.tls.TlsFiles;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallerTest {
    @TempDir private Path folder;

    @Test
    void is_known_to_handlers_on_the_event_loop_and_on_virtual_threads() throws Exception {
        List<Caller> seen = new CopyOnWriteArrayList<>();
        try (EchoServer server = new EchoServer()) {
            server.act =
                    (request, responses) -> {
                        seen.add(Caller.current());
                        responses.onNext(request);
                        responses.onCompleted();
                    };
            server.chat =
                    (message, responses) -> {
                        seen.add(Caller.current());
                        responses.onNext(message);
                    };
            server.call("Act", new byte[1]);
            server.chat(new byte[1]);
        }
        assertThat(seen).hasSize(2);
        assertThat(seen.getFirst().address()).matches("127\\.0\\.0\\.1:\\d+");
        assertThat(seen.getFirst()).as("one connection").isEqualTo(seen.getLast());
    }

    @Test
    void is_what_a_checked_certificate_says() throws Exception {
        TestAuthority authority = new TestAuthority(folder, "authority");
        TestAuthority.Issued own = authority.issue("ip:127.0.0.1");
        List<String> seen = new ArrayList<>();
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
                ServerTls tls =
                        ServerTls.open(
                                new TlsFiles(
                                        own.certificate(),
                                        own.key(),
                                        Optional.of(authority.certificate())),
                                Duration.ofHours(1),
                                timer);
                EchoServer server = new EchoServer(GrpcServerSettings.DEFAULT, Optional.of(tls))) {
            server.act =
                    (request, responses) -> {
                        seen.add(Caller.current().certified());
                        responses.onNext(request);
                        responses.onCompleted();
                    };
            for (String names :
                    List.of(
                            "dns:till.shop,uri:spiffe://shop/till",
                            "dns:till.shop",
                            "ip:10.0.0.1")) {
                call(server, authority, authority.issue(names));
            }
        }
        assertThat(seen).containsExactly("spiffe://shop/till", "till.shop", "CN=authority-3");
    }

    private static void call(
            EchoServer server, TestAuthority authority, TestAuthority.Issued client)
            throws IOException {
        ManagedChannel channel =
                Grpc.newChannelBuilder(
                                "127.0.0.1:" + server.server.address().getPort(),
                                TlsChannelCredentials.newBuilder()
                                        .trustManager(authority.certificate().toFile())
                                        .keyManager(
                                                client.certificate().toFile(),
                                                client.key().toFile())
                                        .build())
                        .build();
        try {
            EchoServer.call(channel, "Act", new byte[1]);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void is_nobody_from_outside_elsewhere() {
        assertThat(Caller.current().address()).isEqualTo("in-process");
    }
}
