package dev.wirebrook.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.grpc.EchoServer;
import dev.wirebrook.grpc.GrpcServerSettings;
import dev.wirebrook.telemetry.Metrics;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What endpoints and clients do to the event loop that they share. */
@Timeout(60)
class EndpointFaultTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String POST =
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab";

    private EchoServer echo;
    private volatile Endpoint endpoint = exchange -> exchange.send(Answer.text(200, "fine"));
    private WebServer server;

    @BeforeEach
    void start() throws Exception {
        echo = new EchoServer(GrpcServerSettings.DEFAULT.withEventLoops(1));
        server =
                WebServer.start(
                        WebServerSettings.DEFAULT
                                .withAddress("127.0.0.1", 0)
                                .withRequestTimeout(Duration.ofSeconds(2)),
                        echo.server.loops(),
                        exchange -> endpoint.answer(exchange),
                        new Metrics(),
                        Optional.empty(),
                        echo.server.callers());
    }

    @AfterEach
    void stop() {
        server.close();
        echo.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String status(Socket socket) throws IOException {
        byte[] line = socket.getInputStream().readNBytes(12);
        return new String(line, StandardCharsets.US_ASCII);
    }

    private void serves() throws IOException {
        endpoint = exchange -> exchange.send(Answer.text(200, "fine"));
        try (Socket socket = connect()) {
            send(socket, GET);
            assertThat(status(socket)).isEqualTo("HTTP/1.1 200");
        }
    }

    @Test
    void an_endpoint_that_throws_is_answered_for() throws Exception {
        endpoint =
                _ -> {
                    throw new IllegalStateException("a fault of the test");
                };
        try (Socket socket = connect()) {
            send(socket, GET);
            assertThat(status(socket)).isEqualTo("HTTP/1.1 500");
        }
        serves();
    }

    @Test
    void a_reader_of_a_body_that_throws_is_answered_for() throws Exception {
        AtomicBoolean gone = new AtomicBoolean();
        endpoint =
                exchange -> {
                    exchange.onGone(() -> gone.set(true));
                    exchange.body(
                            10,
                            _ -> {
                                throw new IllegalStateException("a fault of the test");
                            });
                };
        try (Socket socket = connect()) {
            send(socket, POST);
            assertThat(status(socket)).isEqualTo("HTTP/1.1 500");
        }
        assertThat(gone).isTrue();
        serves();
    }

    @Test
    void an_answer_that_had_begun_is_cut_off() throws Exception {
        endpoint =
                exchange -> {
                    exchange.begin(200, Map.of());
                    exchange.write(new byte[] {'a'});
                    throw new IllegalStateException("a fault of the test");
                };
        try (Socket socket = connect()) {
            send(socket, GET);
            assertThat(
                            new String(
                                    socket.getInputStream().readAllBytes(),
                                    StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("1\r\na\r\n");
        }
        serves();
    }

    @Test
    void answers_nobody_takes_are_not_made() throws Exception {
        AtomicInteger answered = new AtomicInteger();
        Answer large = Answer.text(200, "a".repeat(1 << 20));
        endpoint =
                exchange -> {
                    answered.incrementAndGet();
                    exchange.send(large);
                };
        try (Socket socket = connect()) {
            send(socket, GET.repeat(2_000));
            await().until(() -> answered.get() > 0);
            // What the sockets take, and one more; then the client is too slow.
            assertThat(socket.getInputStream().skip(1)).isEqualTo(1);
            await().during(Duration.ofMillis(500)).until(() -> answered.get() < 50);
        }
        serves();
    }

    @Test
    void what_was_put_off_goes_with_its_client() throws Exception {
        AtomicReference<WeakReference<Object>> kept = new AtomicReference<>();
        CountDownLatch asked = new CountDownLatch(1);
        endpoint =
                exchange -> {
                    Object mine = new Object();
                    kept.set(new WeakReference<>(mine));
                    exchange.after(Duration.ofHours(1), () -> kept.set(new WeakReference<>(mine)));
                    asked.countDown();
                };
        try (Socket socket = connect()) {
            send(socket, GET);
            asked.await();
        }
        serves();
        await().untilAsserted(() -> {
            System.gc();
            assertThat(kept.get().get()).isNull();
        });
    }
}
