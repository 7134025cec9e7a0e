package dev.wirebrook.http.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.grpc.EchoSchema;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Requests of HTTP/1.1 that two readers might read in two ways, that lead astray, or that are many.
 */
@Timeout(60)
class HostileRequestTest {
    private static final String POST =
            "POST /test.EchoService/Echo HTTP/1.1\r\nHost: localhost\r\n";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private EchoWeb web;

    @BeforeEach
    void start() throws Exception {
        web = new EchoWeb(EchoWeb.settings(100, 10, 4 << 20));
    }

    @AfterEach
    void stop() {
        web.close();
    }

    /** All that is answered until the server closes. */
    private String answers(String request) throws IOException {
        try (Socket socket = web.connect()) {
            OutputStream out = socket.getOutputStream();
            try {
                out.write(request.getBytes(StandardCharsets.ISO_8859_1));
                return new String(
                        socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                return "reset";
            }
        }
    }

    private static int count(String answers) {
        return answers.split("HTTP/1\\.1 ", -1).length - 1;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
                "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
                "Content-Length: 2, 2\r\n\r\n{}",
                "Content-Length: -2\r\n\r\n{}",
                "Content-Length: +2\r\n\r\n{}",
                "Content-Length: 0x2\r\n\r\n{}",
                "Content-Length: 99999999999999999999\r\n\r\n{}",
                "Content-Length : 2\r\n\r\n{}",
                "Content-Length: 2\n\n{}",
                "X-Bare: a\nContent-Length: 2\r\n\r\n{}",
                "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Host: elsewhere\r\nContent-Length: 2\r\n\r\n{}",
                "X Y: z\r\nContent-Length: 2\r\n\r\n{}",
                "X-Nul: a\0b\r\nContent-Length: 2\r\n\r\n{}"
            })
    void a_head_that_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_read(String rest)
            throws Exception {
        String answers = answers(POST + JSON + rest + SMUGGLED);
        assertThat(answers).startsWith("HTTP/1.1 400").containsIgnoringCase("connection: close");
        assertThat(count(answers)).isEqualTo(1);
        web.serves();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1\r\n{}\r\n0\r\n\r\n",
                "zz\r\n{}\r\n0\r\n\r\n",
                "0x2\r\n{}\r\n0\r\n\r\n",
                "2\n{}\r\n0\r\n\r\n",
                "2;ext\n{}\r\n0\r\n\r\n",
                "ffffffffffffffff\r\n{}\r\n0\r\n\r\n",
                "80000000\r\n{}\r\n0\r\n\r\n",
                "2\r\n{}}}\r\n0\r\n\r\n"
            })
    void a_chunk_that_is_none_ends_the_connection(String chunks) throws Exception {
        assertThat(answers(POST + JSON + "Transfer-Encoding: chunked\r\n\r\n" + chunks + SMUGGLED))
                .doesNotContain("200 OK", "404");
        web.serves();
    }

    @Test
    void what_follows_an_announced_body_is_no_part_of_it() throws Exception {
        String answers = answers(POST + JSON + "Content-Length: 2\r\n\r\n{}{\"payload\":\r\n\r\n");
        assertThat(answers).startsWith("HTTP/1.1 200").contains("HTTP/1.1 400");
        assertThat(count(answers)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /../../etc/passwd HTTP/1.1",
                "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
                "GET /..;/etc/passwd HTTP/1.1",
                "GET //etc/passwd HTTP/1.1",
                "GET //localhost/etc/passwd HTTP/1.1",
                "GET /..\\..\\etc\\passwd HTTP/1.1",
                "GET /%00 HTTP/1.1",
                "GET /%c0%ae%c0%ae/etc/passwd HTTP/1.1",
                "GET /% HTTP/1.1",
                "GET /%zz HTTP/1.1",
                "GET file:///etc/passwd HTTP/1.1",
                "GET http://evil.example/etc/passwd HTTP/1.1",
                "POST http://evil.example/test.EchoService/Echo HTTP/1.1",
                "POST http://localhost@evil.example/test.EchoService/Echo HTTP/1.1",
                "OPTIONS * HTTP/1.1",
                "GET * HTTP/1.1",
                "CONNECT localhost:443 HTTP/1.1",
                "TRACE / HTTP/1.1",
                "TRACE /test.EchoService/Echo HTTP/1.1",
                "BREW /test.EchoService/Echo HTTP/1.1",
                "GET /test.EchoService/Echo HTTP/1.1",
                "GET /openapi.json/.. HTTP/1.1"
            })
    void an_odd_path_leads_nowhere(String line) throws Exception {
        String answers = answers(line + "\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answers)
                .matches("(?s)HTTP/1\\.1 4[0-9][0-9] .*")
                .doesNotContain("root:", "Exception", "\tat ");
        assertThat(count(answers)).isEqualTo(1);
    }

    @Test
    void a_nul_in_a_path_leads_nowhere() throws Exception {
        assertThat(answers("GET /\0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .matches("(?s)HTTP/1\\.1 4[0-9][0-9] .*");
    }

    @ParameterizedTest
    @CsvSource({"http://localhost, 200", "HTTP://LOCALHOST, 200", "http://elsewhere, 400"})
    void a_whole_uri_names_the_host_that_the_header_names(String from, int status)
            throws Exception {
        assertThat(
                        answers(
                                "POST "
                                        + from
                                        + "/test.EchoService/Echo HTTP/1.1\r\nHost: localhost\r\n"
                                        + "Connection: close\r\n"
                                        + JSON
                                        + "Content-Length: 2\r\n\r\n{}"))
                .startsWith("HTTP/1.1 " + status);
    }

    @Test
    void a_request_says_its_host() throws Exception {
        assertThat(answers("GET /openapi.json HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400");
    }

    @Test
    void heads_are_bounded_in_every_direction() throws Exception {
        assertThat(answers("GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 414");
        assertThat(answers(POST + "X-A: " + "b".repeat(17_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431");
        assertThat(answers(POST + "X-A: b\r\n".repeat(200) + "\r\n")).startsWith("HTTP/1.1 431");
        assertThat(answers(POST + "X-A: b\r\n" + " folded\r\n".repeat(2_000) + "\r\n"))
                .startsWith("HTTP/1.1 4");
        assertThat(
                        answers(
                                POST
                                        + JSON
                                        + "Transfer-Encoding: chunked\r\n\r\n2;"
                                        + "x".repeat(100_000)
                                        + "\r\n{}\r\n0\r\n\r\n"))
                .doesNotContain("200 OK");
        assertThat(
                        answers(
                                POST
                                        + JSON
                                        + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
                                        + "X-Trailer: b\r\n".repeat(10_000)
                                        + "\r\n"))
                .doesNotContain("200 OK");
        web.serves();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: https://evil.example",
                "Origin: null",
                "Origin: http://localhost\r\nOrigin: https://evil.example",
                "Origin: https://evil.example\r\nOrigin: http://localhost",
                "Origin: http://localhost, https://evil.example",
                "Origin: "
            })
    void a_page_of_another_origin_gets_nothing(String origin) throws Exception {
        String simple =
                POST + "Connection: close\r\n" + JSON + origin + "\r\nContent-Length: 2\r\n\r\n{}";
        String preflight =
                "OPTIONS /test.EchoService/Echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Access-Control-Request-Method: POST\r\n"
                        + origin
                        + "\r\n\r\n";
        for (String request : new String[] {simple, preflight}) {
            assertThat(answers(request))
                    .startsWith("HTTP/1.1 403")
                    .doesNotContain("access-control-allow");
        }
    }

    @Test
    void an_answer_to_head_has_no_body_even_behind_a_request_that_waited_to_be_asked_for()
            throws Exception {
        String answers =
                answers(
                        POST
                                + JSON
                                + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}"
                                + "HEAD /missing HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                + POST
                                + JSON
                                + "Connection: close\r\nContent-Length: 2\r\n\r\n{}");
        assertThat(answers)
                .matches(
                        "(?s)HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 .*\r\n\r\n\\{}"
                                + "HTTP/1.1 404 .*\r\n\r\nHTTP/1.1 200 .*\r\n\r\n\\{}");
    }

    @Test
    void what_is_left_of_a_refused_request_is_not_read_as_the_next() throws Exception {
        String answers =
                answers(
                        "POST /missing HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                                + SMUGGLED.length()
                                + "\r\n\r\n"
                                + SMUGGLED);
        assertThat(answers).startsWith("HTTP/1.1 404").containsIgnoringCase("connection: close");
        assertThat(count(answers)).isEqualTo(1);
    }

    @Test
    void a_client_of_http_1_0_gets_a_stream_without_chunks() throws Exception {
        web.echo.tail =
                (request, responses) -> {
                    responses.onNext(request);
                    responses.onCompleted();
                };
        String answer =
                answers(
                        "POST /test.EchoService/Tail HTTP/1.0\r\nHost: localhost\r\n"
                                + JSON
                                + "Content-Length: 2\r\n\r\n{}");
        assertThat(answer)
                .startsWith("HTTP/1.1 200")
                .endsWith("\r\n\r\n{}\n")
                .doesNotContainIgnoringCase("transfer-encoding");
    }

    @Test
    void what_comes_behind_a_call_stays_at_the_client_until_the_call_is_answered()
            throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        web.echo.act =
                (request, responses) -> {
                    held.await();
                    responses.onNext(request);
                    responses.onCompleted();
                };
        byte[] piece = new byte[64 << 10];
        AtomicInteger pieces = new AtomicInteger();
        try (Socket socket = web.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(act("").getBytes(StandardCharsets.US_ASCII));
            out.write(
                    (POST + JSON + "Content-Length: 67108864\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            Thread sender =
                    Thread.startVirtualThread(() -> {
                        try {
                            for (int i = 0; i < 1_024; i++) {
                                out.write(piece);
                                pieces.incrementAndGet();
                            }
                        } catch (IOException e) {
                            // Such a body is refused when it has its turn.
                        }
                    });
            // What the system's own buffers on both sides take is far less than half.
            await().during(Duration.ofMillis(500)).until(() -> pieces.get() < 512);
            web.serves();
            held.countDown();
            assertThat(socket.getInputStream().readNBytes(15))
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo("HTTP/1.1 200 OK");
            sender.join();
        } finally {
            held.countDown();
        }
        web.holdsNothing();
    }

    @Test
    void a_request_waits_until_the_answers_before_it_are_taken() throws Exception {
        byte[] large = EchoSchema.message(new byte[512 << 10]);
        AtomicInteger begun = new AtomicInteger();
        web.echo.act =
                (request, responses) -> {
                    begun.incrementAndGet();
                    responses.onNext(large);
                    responses.onCompleted();
                };
        try (Socket socket = web.connect()) {
            String last = act("Connection: close\r\n");
            socket.getOutputStream()
                    .write((act("").repeat(99) + last).getBytes(StandardCharsets.US_ASCII));
            // The system's own buffers take some of the answers.
            await().during(Duration.ofMillis(300)).until(() -> begun.get() > 0 && begun.get() < 50);
            assertThat(socket.getInputStream().readAllBytes().length)
                    .isGreaterThan(100 * large.length);
        }
        assertThat(begun).hasValue(100);
    }

    private static String act(String headers) {
        return "POST /test.EchoService/Act HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/proto\r\nContent-Length: 0\r\n"
                + headers
                + "\r\n";
    }

    @Test
    void ten_thousand_requests_at_once_are_answered_in_turn() throws Exception {
        String request = POST + JSON + "Content-Length: 2\r\n\r\n{}";
        byte[] hundred = request.repeat(100).getBytes(StandardCharsets.US_ASCII);
        try (Socket socket = web.connect()) {
            CompletableFuture<Void> sent =
                    CompletableFuture.runAsync(() -> {
                        try {
                            for (int i = 0; i < 100; i++) {
                                socket.getOutputStream().write(hundred);
                            }
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    });
            InputStream in = socket.getInputStream();
            int ends = 0;
            int matched = 0;
            byte[] end = "\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII);
            byte[] piece = new byte[64 << 10];
            while (ends < 10_000) {
                int length = in.read(piece);
                assertThat(length).as("after %d answers", ends).isPositive();
                for (int i = 0; i < length; i++) {
                    matched = piece[i] == end[matched] ? matched + 1 : piece[i] == '\r' ? 1 : 0;
                    if (matched == end.length) {
                        matched = 0;
                        ends++;
                    }
                }
            }
            sent.join();
        }
        web.serves();
        web.holdsNothing();
    }
}
