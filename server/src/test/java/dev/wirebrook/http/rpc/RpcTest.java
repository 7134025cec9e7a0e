package dev.wirebrook.http.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.Caller;
import dev.wirebrook.grpc.EchoSchema;
import dev.wirebrook.grpc.EchoServer;
import dev.wirebrook.http.Doorkeeper;
import dev.wirebrook.http.WebServer;
import dev.wirebrook.http.WebServerSettings;
import dev.wirebrook.telemetry.Metrics;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls over HTTP as clients see them, on a real listener before real guards. */
@Timeout(60)
class RpcTest {
    private static final int MESSAGE_BYTES_MAX = 1 << 20;
    private static final byte[] HELLO =
            EchoSchema.message("hello".getBytes(StandardCharsets.UTF_8));
    private static final String HELLO_JSON = "{\"payload\":\"aGVsbG8=\"}";

    private final CountDownLatch held = new CountDownLatch(1);
    private final HttpClient client = HttpClient.newHttpClient();
    private EchoServer echo;
    private WebServer web;

    @BeforeEach
    void start() throws Exception {
        echo = new EchoServer();
        web =
                WebServer.start(
                        WebServerSettings.DEFAULT
                                .withAddress("127.0.0.1", 0)
                                .withOrigins(List.of("https://app.example")),
                        echo.server.loops(),
                        new RpcEndpoint(
                                echo.server.local(), "1.2.3", MESSAGE_BYTES_MAX, Doorkeeper.OPEN),
                        new Metrics(),
                        Optional.empty(),
                        echo.server.callers());
    }

    @AfterEach
    void stop() {
        held.countDown();
        client.close();
        web.close();
        echo.close();
    }

    // The Connect protocol, unary.

    @ParameterizedTest
    @ValueSource(strings = {"Echo", "Block", "Typed"})
    void answers_json_with_json(String method) throws Exception {
        HttpResponse<byte[]> response = post(method, "application/json", utf8(HELLO_JSON));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(text(response)).isEqualTo(HELLO_JSON);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Echo", "Block", "Typed"})
    void answers_protobuf_with_protobuf(String method) throws Exception {
        HttpResponse<byte[]> response = post(method, "application/proto", HELLO);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(HELLO);
        assertThat(response.headers().firstValue("content-type")).contains("application/proto");
    }

    @Test
    void runs_what_may_block_on_a_thread_of_its_own() throws Exception {
        post("Block", "application/proto", HELLO);
        assertThat(echo.blockThread).isNotNull().matches(Thread::isVirtual);
    }

    @Test
    void tells_the_method_who_calls() throws Exception {
        AtomicReference<Caller> caller = new AtomicReference<>();
        echo.act =
                (request, responses) -> {
                    caller.set(Caller.current());
                    responses.onNext(request);
                    responses.onCompleted();
                };
        post("Act", "application/proto", HELLO);
        assertThat(caller.get().address()).startsWith("127.0.0.1:");
    }

    @Test
    void gives_a_failure_its_code_in_http_and_its_details() throws Exception {
        echo.act =
                (request, responses) -> {
                    throw new FailureException(
                            new Failure.Overloaded("no room", Duration.ofMillis(1_500)));
                };
        HttpResponse<byte[]> response = post("Act", "application/json", utf8("{}"));
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("retry-after")).contains("2");
        JsonObject error = json(response);
        assertThat(error.get("code").getAsString()).isEqualTo("resource_exhausted");
        assertThat(error.get("message").getAsString()).isEqualTo("no room");
        assertThat(error.toString())
                .contains("\"type\":\"google.rpc.RetryInfo\"", "\"retryDelay\":\"1.500s\"");
    }

    @Test
    void says_what_is_wrong_with_json() throws Exception {
        HttpResponse<byte[]> response =
                post("Echo", "application/json", utf8("{\"payloat\":\"aGVsbG8=\"}"));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).get("code").getAsString()).isEqualTo("invalid_argument");
        assertThat(json(response).get("message").getAsString()).contains("payloat");
    }

    @Test
    void says_which_methods_there_are() throws Exception {
        HttpResponse<byte[]> response = post("Missing", "application/json", utf8("{}"));
        assertThat(response.statusCode()).isEqualTo(501);
        assertThat(json(response).get("message").getAsString()).contains("test.EchoService");
    }

    @Test
    void says_which_types_of_bodies_there_are() throws Exception {
        HttpResponse<byte[]> response = post("Echo", "text/plain", utf8("{}"));
        assertThat(response.statusCode()).isEqualTo(415);
        assertThat(text(response)).contains("application/json");
    }

    @Test
    void takes_no_stream_of_requests() throws Exception {
        HttpResponse<byte[]> response = post("Chat", "application/json", utf8("{}"));
        assertThat(response.statusCode()).isEqualTo(501);
        assertThat(text(response)).contains("call it with gRPC");
    }

    @Test
    void reads_gzip_and_answers_with_it() throws Exception {
        byte[] large = EchoSchema.message(new byte[100_000]);
        HttpResponse<byte[]> response =
                send(
                        request("Echo", "application/proto")
                                .header("content-encoding", "gzip")
                                .header("accept-encoding", "gzip")
                                .POST(BodyPublishers.ofByteArray(gzip(large))));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-encoding")).contains("gzip");
        try (InputStream plain = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            assertThat(plain.readAllBytes()).isEqualTo(large);
        }
    }

    @Test
    void refuses_what_is_small_only_while_it_is_compressed() throws Exception {
        byte[] bomb = gzip(new byte[64 << 20]);
        assertThat(bomb.length).isLessThan(MESSAGE_BYTES_MAX);
        HttpResponse<byte[]> response =
                send(
                        request("Echo", "application/proto")
                                .header("content-encoding", "gzip")
                                .POST(BodyPublishers.ofByteArray(bomb)));
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(text(response)).contains("longer than 1048576 bytes");
    }

    @Test
    void refuses_a_body_that_is_too_long() throws Exception {
        HttpResponse<byte[]> response =
                post("Echo", "application/proto", new byte[MESSAGE_BYTES_MAX + 1]);
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(text(response)).contains("longer than 1048576 bytes");
    }

    // Deadlines and clients that leave.

    @ParameterizedTest
    @CsvSource({"grpc-timeout, 100m", "connect-timeout-ms, 100"})
    void ends_a_call_whose_time_is_up(String header, String value) throws Exception {
        AtomicBoolean cancelled = new AtomicBoolean();
        echo.act =
                (request, responses) -> {
                    Context.current().addListener(_ -> cancelled.set(true), Runnable::run);
                    held.await();
                };
        HttpResponse<byte[]> response =
                send(
                        request("Act", "application/json")
                                .header(header, value)
                                .POST(BodyPublishers.ofString("{}")));
        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(json(response).get("message").getAsString())
                .isEqualTo("the call took longer than the time that its client gave it");
        await().untilTrue(cancelled);
    }

    @ParameterizedTest
    @CsvSource({"grpc-timeout, 1", "grpc-timeout, 123456789m", "connect-timeout-ms, -1"})
    void says_what_a_timeout_looks_like(String header, String value) throws Exception {
        HttpResponse<byte[]> response =
                send(
                        request("Echo", "application/json")
                                .header(header, value)
                                .POST(BodyPublishers.ofString("{}")));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(text(response)).contains(header, "digits");
    }

    @Test
    void cancels_the_call_of_a_client_that_goes_away() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean cancelled = new AtomicBoolean();
        echo.act =
                (request, responses) -> {
                    Context.current().addListener(_ -> cancelled.set(true), Runnable::run);
                    begun.countDown();
                    held.await();
                };
        try (Socket socket = open("Act", "application/json", "{}")) {
            begun.await();
            assertThat(socket.isConnected()).isTrue();
            assertThat(cancelled).isFalse();
        }
        await().untilTrue(cancelled);
    }

    // What the standards say of requests that are odd.

    @Test
    void names_unimplemented_as_connect_does() throws Exception {
        for (String method : List.of("Missing", "Absent", "Chat")) {
            HttpResponse<byte[]> response = post(method, "application/json", utf8("{}"));
            assertThat(response.statusCode()).isEqualTo(501);
            assertThat(json(response).get("code").getAsString()).isEqualTo("unimplemented");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/proto", "application/connect+json"})
    void refuses_other_versions_of_the_connect_protocol(String type) throws Exception {
        HttpResponse<byte[]> response =
                send(
                        request("Echo", type)
                                .header("connect-protocol-version", "9")
                                .POST(BodyPublishers.ofByteArray(new byte[0])));
        assertThat(text(response)).contains("invalid_argument", "connect-protocol-version");
        HttpResponse<byte[]> known =
                send(
                        request("Echo", "application/json")
                                .header("connect-protocol-version", "1")
                                .POST(BodyPublishers.ofString(HELLO_JSON)));
        assertThat(known.statusCode()).isEqualTo(200);
    }

    @Test
    void takes_x_gzip_for_gzip_and_names_it_where_another_coding_came() throws Exception {
        HttpResponse<byte[]> old =
                send(
                        request("Echo", "application/json")
                                .header("content-encoding", "x-gzip")
                                .POST(BodyPublishers.ofByteArray(gzip(utf8(HELLO_JSON)))));
        assertThat(text(old)).isEqualTo(HELLO_JSON);
        HttpResponse<byte[]> deflate =
                send(
                        request("Echo", "application/json")
                                .header("content-encoding", "deflate")
                                .POST(BodyPublishers.ofString(HELLO_JSON)));
        assertThat(deflate.statusCode()).isEqualTo(501);
        assertThat(deflate.headers().firstValue("accept-encoding")).contains("gzip");
        assertThat(json(deflate).get("code").getAsString()).isEqualTo("unimplemented");
    }

    @Test
    void passes_over_a_byte_order_mark() throws Exception {
        HttpResponse<byte[]> response =
                post("Echo", "application/json", utf8("\ufeff" + HELLO_JSON));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(text(response)).isEqualTo(HELLO_JSON);
    }

    // Streams of responses.

    @Test
    void gives_every_response_a_line() throws Exception {
        echo.tail =
                (request, responses) -> {
                    responses.onNext(request);
                    responses.onNext(HELLO);
                    responses.onCompleted();
                };
        HttpResponse<byte[]> response = post("Tail", "application/json", utf8("{}"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("application/x-ndjson");
        assertThat(text(response)).isEqualTo("{}\n" + HELLO_JSON + "\n");
    }

    @Test
    void gives_every_response_an_event_and_the_end_one_of_its_own() throws Exception {
        echo.tail =
                (request, responses) -> {
                    responses.onNext(HELLO);
                    responses.onCompleted();
                };
        HttpResponse<byte[]> response =
                send(
                        request("Tail", "application/json")
                                .header("accept", "text/event-stream")
                                .POST(BodyPublishers.ofString("{}")));
        assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
        assertThat(text(response))
                .isEqualTo(
                        "data: "
                                + HELLO_JSON
                                + "\n\nevent: status\ndata:"
                                + " {\"code\":0,\"message\":\"\",\"details\":[]}\n\n");
    }

    @Test
    void gives_an_early_failure_a_status_of_its_own() throws Exception {
        echo.tail =
                (request, responses) -> {
                    throw new FailureException(Failure.InvalidRequest.of("from", "is wrong"));
                };
        HttpResponse<byte[]> response = post("Tail", "application/json", utf8("{}"));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).get("code").getAsInt()).isEqualTo(3);
    }

    @Test
    void cuts_lines_off_behind_a_late_failure_so_that_nobody_takes_them_for_whole()
            throws Exception {
        echo.tail =
                (request, responses) -> {
                    responses.onNext(HELLO);
                    throw new FailureException(new Failure.DataLoss("gone"));
                };
        try (Socket socket = open("Tail", "application/json", "{}")) {
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).contains(HELLO_JSON, "{\"error\":{\"code\":15");
            assertThat(answer).doesNotContain("\r\n0\r\n");
        }
    }

    @Test
    void ends_with_a_status_when_a_response_has_no_form_in_json() throws Exception {
        byte[] cutOff = {0x0a, 0x05};
        echo.act =
                (request, responses) -> {
                    responses.onNext(cutOff);
                    responses.onCompleted();
                };
        HttpResponse<byte[]> unary = post("Act", "application/json", utf8("{}"));
        assertThat(unary.statusCode()).isEqualTo(500);
        assertThat(json(unary).get("code").getAsString()).isEqualTo("internal");
        echo.tail =
                (request, responses) -> {
                    responses.onNext(HELLO);
                    responses.onNext(cutOff);
                    responses.onCompleted();
                };
        try (Socket socket = open("Tail", "application/json", "{}")) {
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).contains(HELLO_JSON, "{\"error\":{\"code\":13");
        }
        echo.tail =
                (request, responses) -> {
                    responses.onNext(cutOff);
                    responses.onCompleted();
                };
        assertThat(post("Tail", "application/json", utf8("{}")).statusCode()).isEqualTo(500);
    }

    @Test
    void says_soon_that_a_quiet_stream_has_begun() throws Exception {
        echo.tail =
                (request, responses) -> {
                    responses.onNext(HELLO);
                    held.await();
                };
        try (Socket socket = open("Tail", "application/json", "{}")) {
            byte[] head = new byte[15];
            assertThat(socket.getInputStream().readNBytes(head, 0, 15)).isEqualTo(15);
            assertThat(new String(head, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void makes_the_method_wait_for_a_client_that_does_not_read() throws Exception {
        byte[] large = EchoSchema.message(new byte[32 << 10]);
        AtomicInteger sent = new AtomicInteger();
        echo.tail =
                (request, responses) -> {
                    ServerCallStreamObserver<byte[]> call =
                            (ServerCallStreamObserver<byte[]>) responses;
                    call.setOnReadyHandler(() -> {
                        while (call.isReady() && sent.get() < 2_000) {
                            sent.incrementAndGet();
                            call.onNext(large);
                        }
                        if (sent.get() == 2_000) {
                            sent.incrementAndGet();
                            call.onCompleted();
                        }
                    });
                };
        try (Socket socket = open("Tail", "application/connect+proto", frame(0, new byte[0]))) {
            await().during(Duration.ofMillis(300))
                    .until(() -> sent.get() > 0 && sent.get() < 1_000);
            byte[] answer = socket.getInputStream().readNBytes(2_000 * large.length);
            assertThat(answer.length).isEqualTo(2_000 * large.length);
        }
        assertThat(sent).hasValue(2_001);
    }

    @Test
    void cancels_the_stream_of_a_client_that_goes_away() throws Exception {
        AtomicBoolean cancelled = new AtomicBoolean();
        echo.tail =
                (request, responses) -> {
                    ((ServerCallStreamObserver<byte[]>) responses)
                            .setOnCancelHandler(() -> cancelled.set(true));
                    responses.onNext(HELLO);
                };
        try (Socket socket = open("Tail", "application/json", "{}")) {
            assertThat(socket.getInputStream().read()).isPositive();
            assertThat(cancelled).isFalse();
        }
        await().untilTrue(cancelled);
    }

    @Test
    void ends_streams_when_the_node_leaves_and_says_so() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        echo.tail =
                (request, responses) -> {
                    responses.onNext(HELLO);
                    begun.countDown();
                };
        try (Socket socket = open("Tail", "application/json", "{}")) {
            begun.await();
            assertThat(echo.server.drain(Duration.ofSeconds(20))).isTrue();
            assertThat(socket.getInputStream().readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .contains(HELLO_JSON, "{\"error\":{\"code\":14", "open the stream again");
        }
        HttpResponse<byte[]> late = post("Echo", "application/json", utf8("{}"));
        assertThat(late.statusCode()).isEqualTo(503);
        assertThat(text(late)).contains("ask another");
    }

    @Test
    void speaks_the_streams_of_the_connect_protocol() throws Exception {
        echo.tail =
                (request, responses) -> {
                    responses.onNext(request);
                    responses.onCompleted();
                };
        HttpResponse<byte[]> response =
                post("Tail", "application/connect+json", frame(0, utf8(HELLO_JSON)));
        assertThat(response.body())
                .isEqualTo(joined(frame(0, utf8(HELLO_JSON)), frame(2, utf8("{\"metadata\":{}}"))));
        echo.tail =
                (request, responses) -> {
                    throw new FailureException(new Failure.Unimplemented("not yet"));
                };
        HttpResponse<byte[]> failed = post("Tail", "application/connect+proto", frame(0, HELLO));
        assertThat(failed.statusCode()).isEqualTo(200);
        assertThat(text(failed)).contains("\"error\":{\"code\":\"unimplemented\"");
    }

    // gRPC-Web.

    @Test
    void speaks_grpc_web() throws Exception {
        HttpResponse<byte[]> response = post("Echo", "application/grpc-web+proto", frame(0, HELLO));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo(joined(frame(0, HELLO), frame(0x80, utf8("grpc-status: 0\r\n"))));
    }

    @Test
    void speaks_grpc_web_in_text() throws Exception {
        byte[] request = frame(0, HELLO);
        // In two pieces, each with its own padding.
        String text =
                Base64.getEncoder().encodeToString(Arrays.copyOf(request, 4))
                        + Base64.getEncoder()
                                .encodeToString(Arrays.copyOfRange(request, 4, request.length));
        HttpResponse<byte[]> response = post("Echo", "application/grpc-web-text", utf8(text));
        assertThat(response.headers().firstValue("content-type"))
                .contains("application/grpc-web-text+proto");
        assertThat(text(response))
                .isEqualTo(
                        Base64.getEncoder().encodeToString(frame(0, HELLO))
                                + Base64.getEncoder()
                                        .encodeToString(frame(0x80, utf8("grpc-status: 0\r\n"))));
    }

    @Test
    void gives_failures_of_grpc_web_their_trailers() throws Exception {
        echo.act =
                (request, responses) -> {
                    throw new FailureException(
                            new Failure.NotFound("nothing là\nhere", "thing", "x"));
                };
        HttpResponse<byte[]> response = post("Act", "application/grpc-web+proto", frame(0, HELLO));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(text(response))
                .contains(
                        "grpc-status: 5\r\n",
                        "grpc-message: nothing l%C3%A0%0Ahere\r\n",
                        "grpc-status-details-bin: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000", "0000000005aa", "00ffffffff", "8000000000"})
    void refuses_broken_frames(String hex) throws Exception {
        byte[] body = java.util.HexFormat.of().parseHex(hex);
        HttpResponse<byte[]> response = post("Echo", "application/grpc-web+proto", body);
        assertThat(text(response)).contains("grpc-status: 3\r\n", "frame");
    }

    @Test
    void passes_metadata_on_both_ways_and_keeps_its_own() throws Exception {
        HttpResponse<byte[]> response =
                send(
                        request("Echo", "application/json")
                                .header("x-some-bin", "AAEC")
                                .header("x-other-bin", "!")
                                .POST(BodyPublishers.ofString("{}")));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(text(response)).contains("x-other-bin", "base64");
    }

    // Pages of other origins.

    @Test
    void lets_pages_of_named_origins_call_and_see_what_gRPC_Web_needs() throws Exception {
        String origin = "Origin: https://app.example";
        String preflight =
                raw(
                        "OPTIONS",
                        origin,
                        "Access-Control-Request-Method: POST",
                        "Access-Control-Request-Headers: x-grpc-web,authorization");
        assertThat(preflight)
                .startsWith("HTTP/1.1 204")
                .contains("access-control-allow-origin: https://app.example")
                .contains("access-control-allow-headers: x-grpc-web,authorization")
                .contains("vary: origin");
        assertThat(raw("POST", origin, "Content-Type: application/json"))
                .startsWith("HTTP/1.1 200")
                .contains("access-control-expose-headers: grpc-status, grpc-message");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example",
                "http://app.example",
                "null",
                "https://app.example.evil"
            })
    void refuses_pages_of_other_origins(String origin) throws Exception {
        for (String method : List.of("OPTIONS", "POST")) {
            assertThat(
                            raw(
                                    method,
                                    "Origin: " + origin,
                                    "Access-Control-Request-Method: POST",
                                    "Content-Type: application/json"))
                    .startsWith("HTTP/1.1 403")
                    .doesNotContain("access-control-allow-origin");
        }
    }

    // The tools of these tests.

    private HttpRequest.Builder request(String method, String contentType) {
        return HttpRequest.newBuilder(
                        URI.create(
                                "http://127.0.0.1:%d/test.EchoService/%s"
                                        .formatted(web.address().getPort(), method)))
                .header("content-type", contentType);
    }

    private HttpResponse<byte[]> post(String method, String contentType, byte[] body)
            throws Exception {
        return send(request(method, contentType).POST(BodyPublishers.ofByteArray(body)));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private Socket open(String method, String contentType, String body) throws IOException {
        return open(method, contentType, utf8(body));
    }

    /** A connection on which the request is under way, and its answer unread. */
    private Socket open(String method, String contentType, byte[] body) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), web.address().getPort());
        socket.setSoTimeout(20_000);
        String head =
                "POST /test.EchoService/%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                        .formatted(method, contentType, body.length);
        socket.getOutputStream().write(joined(utf8(head), body));
        return socket;
    }

    /** The whole answer to a request without a body, as it stands on the wire. */
    private String raw(String method, String... headers) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), web.address().getPort())) {
            socket.setSoTimeout(20_000);
            String request =
                    "%s /test.EchoService/Echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n\r\n"
                            .formatted(method, String.join("\r\n", headers));
            socket.getOutputStream().write(utf8(request));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] frame(int flags, byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) flags)
                .putInt(message.length)
                .put(message)
                .array();
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zipped = new GZIPOutputStream(bytes)) {
            zipped.write(plain);
        }
        return bytes.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static JsonObject json(HttpResponse<byte[]> response) {
        return JsonParser.parseString(text(response)).getAsJsonObject();
    }
}
