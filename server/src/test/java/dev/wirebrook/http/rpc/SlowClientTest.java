package dev.wirebrook.http.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.TestAuthority;
import dev.wirebrook.grpc.EchoSchema;
import dev.wirebrook.tls.ServerTls;
import dev.wirebrook.tls.TlsFiles;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do little, and for as long as they may, on a listener that waits two seconds. */
@Timeout(60)
class SlowClientTest {
    private static final int CONNECTIONS_MAX = 50;
    private static final Duration LONGEST = Duration.ofSeconds(6);
    private static final String HEAD =
            "POST /test.EchoService/Echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    private EchoWeb web;

    @BeforeEach
    void start() throws Exception {
        web = new EchoWeb(EchoWeb.settings(CONNECTIONS_MAX, 10, 4 << 20));
    }

    @AfterEach
    void stop() {
        web.close();
    }

    /** Sends a byte now and then until the server closes; how long that took. */
    private static Duration trickle(Socket socket, String text) throws Exception {
        long start = System.nanoTime();
        socket.setSoTimeout(50);
        for (int i = 0; i < text.length(); i++) {
            try {
                socket.getOutputStream().write(text.charAt(i));
                if (socket.getInputStream().read() < 0) {
                    break;
                }
            } catch (java.net.SocketTimeoutException e) {
                // Nothing is said yet.
            } catch (IOException e) {
                break;
            }
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void a_head_of_one_byte_at_a_time_does_not_keep_its_connection() throws Exception {
        try (Socket slow = web.connect()) {
            assertThat(trickle(slow, HEAD + "X-Slow: " + "y".repeat(1_000))).isLessThan(LONGEST);
        }
        web.serves();
    }

    @Test
    void a_body_of_one_byte_at_a_time_does_not_keep_its_connection() throws Exception {
        try (Socket slow = web.connect()) {
            slow.getOutputStream()
                    .write(
                            (HEAD + "Content-Length: 1000\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(trickle(slow, " ".repeat(1_000))).isLessThan(LONGEST);
        }
        web.serves();
        web.holdsNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20})
    void who_does_not_take_its_answers_loses_its_connection(int requests) throws Exception {
        byte[] large = EchoSchema.message(new byte[1_000_000]);
        byte[] head =
                "POST /test.EchoService/Echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/proto\r\nContent-Length: %d\r\n\r\n"
                        .formatted(large.length)
                        .getBytes(StandardCharsets.US_ASCII);
        try (Socket slow = web.connect()) {
            slow.setReceiveBufferSize(4 << 10);
            try {
                for (int i = 0; i < requests; i++) {
                    slow.getOutputStream().write(head);
                    slow.getOutputStream().write(large);
                }
            } catch (IOException e) {
                // The server has had enough.
            }
            // The normal client's connection is the other one.
            web.serves();
            await().until(() -> {
                web.serves();
                return web.metric("wirebrook_http_connections") == 1;
            });
        }
        web.holdsNothing();
    }

    @Test
    void connections_that_say_nothing_make_room_again() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS_MAX; i++) {
                idle.add(web.connect());
            }
            await().until(() -> web.metric("wirebrook_http_connections") == CONNECTIONS_MAX);
            try (Socket refused = web.connect()) {
                assertThat(refused.getInputStream().read()).isEqualTo(-1);
            }
            await().until(() -> web.metric("wirebrook_http_connections") == 0);
            web.serves();
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void a_handshake_that_does_not_end_does_not_keep_its_connection(@TempDir Path folder)
            throws Exception {
        TestAuthority authority = new TestAuthority(folder, "authority");
        TestAuthority.Issued own = authority.issue("ip:127.0.0.1");
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
                ServerTls tls =
                        ServerTls.open(
                                new TlsFiles(own.certificate(), own.key(), Optional.empty()),
                                Duration.ofHours(1),
                                timer);
                EchoWeb secured = new EchoWeb(EchoWeb.settings(10, 10, 4 << 20), Optional.of(tls));
                Socket silent = secured.connect();
                Socket begun = secured.connect()) {
            // The head of a ClientHello that goes on.
            begun.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc});
            await().until(() -> secured.metric("wirebrook_http_connections") == 2);
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            assertThat(begun.getInputStream().readAllBytes()).hasSizeLessThan(100);
            await().until(() -> secured.metric("wirebrook_http_connections") == 0);
        }
    }
}
