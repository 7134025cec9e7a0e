package dev.wirebrook.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.grpc.EchoServer;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that are posted, as they stand on the wire. */
class PostsTest {
    private static final int BYTES_MAX = 10;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private EchoServer echo;
    private final Metrics metrics = new Metrics();
    private WebServer server;

    @BeforeEach
    void start() throws Exception {
        echo = new EchoServer();
        server =
                WebServer.start(
                        WebServerSettings.DEFAULT
                                .withAddress("127.0.0.1", 0)
                                .withRequestTimeout(Duration.ofSeconds(2)),
                        echo.server.loops(),
                        WebFront.of(
                                new Health(() -> Instant.EPOCH),
                                metrics,
                                new NoRotation(),
                                Map.of("/in/", this::receive),
                                exchange -> exchange.send(Answer.text(404, "nothing")),
                                Doorkeeper.OPEN,
                                threads),
                        metrics,
                        Optional.empty(),
                        echo.server.callers());
    }

    @AfterEach
    void stop() {
        server.close();
        threads.close();
        echo.close();
    }

    private static final class NoRotation implements Rotation {
        @Override
        public boolean beats() {
            return true;
        }

        @Override
        public boolean beat(boolean wished) {
            return wished;
        }
    }

    private Answer receive(PostRequest request) throws IOException, InterruptedException {
        try {
            Optional<byte[]> body = request.body().read(BYTES_MAX);
            String text =
                    body.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("too long");
            received.add(request.path() + " " + text);
            return Answer.text(body.isPresent() ? 200 : 413, "heard");
        } catch (IOException e) {
            received.add("gone");
            throw e;
        }
    }

    private String raw(String headers, String body) throws IOException {
        return raw(headers, body, false);
    }

    /**
     * @param leaves whether the client is gone behind the body
     */
    private String raw(String headers, String body, boolean leaves) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(15_000);
            String request =
                    "POST /in/a%20b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + headers
                            + "\r\n\r\n"
                            + body;
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            if (leaves) {
                socket.shutdownOutput();
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void hands_on_the_body_whole() throws Exception {
        assertThat(raw("Content-Length: 5", "hello"))
                .startsWith("HTTP/1.1 200")
                .endsWith("heard\n");
        assertThat(raw("Transfer-Encoding: chunked", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
        assertThat(raw("Content-Length: 10", "0123456789")).startsWith("HTTP/1.1 200");
        assertThat(received)
                .containsExactly("/in/a b hello", "/in/a b hello", "/in/a b 0123456789");
    }

    @Test
    void reads_no_more_than_it_is_told_and_still_answers() throws Exception {
        assertThat(raw("Content-Length: 11", "01234567890")).startsWith("HTTP/1.1 413");
        assertThat(raw("Content-Length: 2000000", "x".repeat(2_000_000)))
                .startsWith("HTTP/1.1 413");
        assertThat(received).containsOnly("/in/a b too long");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 9",
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: chunked\r\nX-Chunk: ffffffffffff"
            })
    void never_takes_a_part_of_a_body_for_the_whole(String headers) throws Exception {
        boolean huge = headers.contains("X-Chunk");
        String body =
                huge
                        ? "ffffffffffff\r\nhello\r\n"
                        : headers.contains("chunked") ? "9\r\nhello" : "hello";
        assertThat(raw(headers, body, true)).doesNotContain("200");
        await().untilAsserted(() -> assertThat(received).containsExactly("gone"));
    }
}
