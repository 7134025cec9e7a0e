package dev.wirebrook.http.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.grpc.EchoSchema;
import dev.wirebrook.grpc.RawHttp2;
import dev.wirebrook.grpc.RawHttp2.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do wrong with HTTP/2 on the web listener, and what the others notice of it. */
@Timeout(60)
class HostileHttp2Test {
    private static final int CONNECTIONS_MAX = 100;
    private static final int STREAMS_MAX = 10;
    private static final int PROTOCOL_ERROR = 1;
    private static final byte[] NO_WINDOW = ByteBuffer.allocate(6).putShort((short) 4).array();
    private static final byte[] ECHO =
            RawHttp2.postBlock("/test.EchoService/Echo", "application/proto");
    private static final byte[] ACT =
            RawHttp2.postBlock("/test.EchoService/Act", "application/proto");

    private final CountDownLatch held = new CountDownLatch(1);
    private EchoWeb web;

    /** Sends until the server closes the connection. */
    private interface Flood {
        void send(RawHttp2 client, int index) throws IOException;
    }

    @BeforeEach
    void start() throws Exception {
        web = new EchoWeb(EchoWeb.settings(CONNECTIONS_MAX, STREAMS_MAX, 4 << 20));
        web.echo.act = (request, responses) -> held.await();
    }

    @AfterEach
    void stop() {
        held.countDown();
        web.close();
    }

    private static boolean isClosedBy(RawHttp2 client, int count, Flood flood) throws IOException {
        try {
            for (int i = 0; i < count; i++) {
                flood.send(client, i);
            }
        } catch (IOException e) {
            // The server may have closed it already.
        }
        return client.closedByServer();
    }

    private static int errorOf(RawHttp2 client) throws IOException {
        return client.next(frame -> frame.type() == RawHttp2.GOAWAY).orElseThrow().errorCode();
    }

    private static byte[] number(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    private static void post(RawHttp2 client, int stream, byte[] block, byte[] body)
            throws IOException {
        client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, block);
        client.data(stream, body, true);
    }

    private static byte[] block(String... headers) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < headers.length; i += 2) {
            RawHttp2.literal(block, headers[i], headers[i + 1]);
        }
        return block.toByteArray();
    }

    /** RFC 9113, 8.3.1: a request has :method, :scheme and a :path that is not empty. */
    @Test
    void a_request_without_a_pseudo_header_is_reset_at_once() throws Exception {
        byte[][] malformed = {
            block(":scheme", "http", ":path", "/livez", ":authority", "localhost"),
            block(":method", "GET", ":path", "/livez", ":authority", "localhost"),
            block(":method", "GET", ":scheme", "http", ":authority", "localhost"),
            block(":method", "GET", ":scheme", "http", ":path", "", ":authority", "localhost"),
            block(":method", "CONNECT"),
            block("accept", "*/*")
        };
        for (int flags : new int[] {RawHttp2.END_HEADERS, RawHttp2.END_HEADERS | 1}) {
            for (byte[] request : malformed) {
                try (RawHttp2 client = web.http2().handshake()) {
                    client.frame(RawHttp2.HEADERS, flags, 1, request);
                    Frame reset =
                            client.next(frame ->
                                            frame.type() == RawHttp2.RST_STREAM
                                                    || frame.type() == RawHttp2.HEADERS)
                                    .orElseThrow();
                    assertThat(reset.type()).isEqualTo(RawHttp2.RST_STREAM);
                    assertThat(reset.errorCode()).isEqualTo(PROTOCOL_ERROR);
                    // The connection goes on.
                    post(client, 3, ECHO, new byte[0]);
                    assertThat(
                                    client
                                            .next(frame -> frame.type() == RawHttp2.HEADERS)
                                            .orElseThrow()
                                            .stream())
                            .isEqualTo(3);
                }
            }
        }
        web.serves();
        web.holdsNothing();
    }

    @Test
    void connections_that_only_stay_open_give_way_to_others() throws Exception {
        List<AutoCloseable> idle = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS_MAX; i++) {
                idle.add(i % 2 == 0 ? web.connect() : web.http2().handshake());
            }
            await().until(() -> web.metric("wirebrook_http_connections") >= CONNECTIONS_MAX);
            for (int i = 0; i < 50; i++) {
                try (RawHttp2 client = web.http2().handshake()) {
                    post(client, 1, ECHO, new byte[0]);
                    assertThat(client.next(frame -> frame.type() == RawHttp2.HEADERS))
                            .as("client %d", i)
                            .isPresent();
                }
                idle.add(web.connect());
            }
            web.serves();
        } finally {
            for (AutoCloseable connection : idle) {
                connection.close();
            }
        }
        web.holdsNothing();
    }

    @Test
    void a_connection_with_a_request_in_progress_does_not_give_way() throws Exception {
        List<RawHttp2> busy = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS_MAX; i++) {
                RawHttp2 client = web.http2().handshake();
                busy.add(client);
                post(client, 1, ACT, new byte[0]);
            }
            await().until(() -> web.echo.localCallsOpen() == CONNECTIONS_MAX);
            try (Socket refused = web.connect()) {
                assertThat(refused.getInputStream().read()).isEqualTo(-1);
            } catch (SocketException e) {
                assertThat(e).hasMessageContaining("reset");
            }
            assertThat(web.echo.localCallsOpen()).isEqualTo(CONNECTIONS_MAX);
        } finally {
            for (RawHttp2 client : busy) {
                client.close();
            }
        }
        web.serves();
    }

    @Test
    void an_open_stream_of_requests_is_unimplemented_at_once() throws Exception {
        for (String type :
                new String[] {
                    "application/json", "application/connect+proto", "application/grpc-web+proto"
                }) {
            try (RawHttp2 client = web.http2().handshake()) {
                client.frame(
                        RawHttp2.HEADERS,
                        RawHttp2.END_HEADERS,
                        1,
                        RawHttp2.postBlock("/test.EchoService/Chat", type));
                Frame answer =
                        client.next(frame ->
                                        frame.stream() == 1
                                                && frame.type() != RawHttp2.WINDOW_UPDATE)
                                .orElseThrow();
                assertThat(answer.type()).as(type).isEqualTo(RawHttp2.HEADERS);
                Frame body =
                        client.next(frame -> frame.stream() == 1 && frame.type() == RawHttp2.DATA)
                                .orElseThrow();
                assertThat(new String(body.payload(), StandardCharsets.UTF_8))
                        .as(type)
                        .contains("call it with gRPC");
            }
        }
    }

    @Test
    void a_rapid_reset_ends_the_connection() throws Exception {
        try (RawHttp2 client = web.http2().handshake()) {
            assertThat(
                            isClosedBy(
                                    client,
                                    2_000,
                                    (to, i) -> {
                                        post(to, 1 + 2 * i, ACT, new byte[0]);
                                        to.frame(
                                                RawHttp2.RST_STREAM,
                                                0,
                                                1 + 2 * i,
                                                number(RawHttp2.CANCEL));
                                    }))
                    .isTrue();
        }
        web.serves();
        web.holdsNothing();
    }

    /** CVE-2025-8671: the client has its streams reset by the server. */
    @ParameterizedTest
    @ValueSource(ints = {0, Integer.MAX_VALUE})
    void making_the_server_reset_ends_the_connection(int increment) throws Exception {
        try (RawHttp2 client = web.http2().handshake()) {
            assertThat(
                            isClosedBy(
                                    client,
                                    2_000,
                                    (to, i) -> {
                                        post(to, 1 + 2 * i, ACT, new byte[0]);
                                        to.frame(
                                                RawHttp2.WINDOW_UPDATE,
                                                0,
                                                1 + 2 * i,
                                                number(increment));
                                    }))
                    .isTrue();
        }
        web.serves();
        web.holdsNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000})
    void headers_without_end_end_the_connection(int bytes) throws Exception {
        ByteArrayOutputStream more = new ByteArrayOutputStream();
        if (bytes > 1) {
            RawHttp2.literal(more, "x-more", "y".repeat(bytes));
        } else {
            more.writeBytes(new byte[bytes]);
        }
        try (RawHttp2 client = web.http2().handshake()) {
            client.frame(RawHttp2.HEADERS, 0, 1, ECHO);
            assertThat(
                            isClosedBy(
                                    client,
                                    10_000,
                                    (to, _) ->
                                            to.frame(
                                                    RawHttp2.CONTINUATION,
                                                    0,
                                                    1,
                                                    more.toByteArray())))
                    .isTrue();
        }
        web.serves();
    }

    @Test
    void a_flood_of_settings_ends_the_connection() throws Exception {
        try (RawHttp2 client = web.http2().handshake()) {
            assertThat(
                            isClosedBy(
                                    client,
                                    5_000,
                                    (to, _) -> to.frame(RawHttp2.SETTINGS, 0, 0, new byte[0])))
                    .isTrue();
        }
        web.serves();
    }

    @Test
    void a_flood_of_pings_ends_the_connection_even_beside_a_call() throws Exception {
        try (RawHttp2 client = web.http2().handshake()) {
            post(client, 1, ACT, new byte[0]);
            await().until(() -> web.echo.localCallsOpen() == 1);
            assertThat(
                            isClosedBy(
                                    client,
                                    5_000,
                                    (to, _) -> to.frame(RawHttp2.PING, 0, 0, new byte[8])))
                    .isTrue();
        }
        web.serves();
        web.holdsNothing();
    }

    @Test
    void who_pings_too_often_hears_why_it_is_sent_away() throws Exception {
        try (RawHttp2 client = web.http2().handshake()) {
            client.frames(250, RawHttp2.PING, 0, 0, new byte[8]);
            assertThat(errorOf(client)).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
        }
    }

    @Test
    void a_ping_now_and_then_is_answered() throws Exception {
        try (RawHttp2 client = web.http2().handshake()) {
            for (int i = 0; i < 100; i++) {
                client.frame(RawHttp2.PING, 0, 0, new byte[8]);
                assertThat(client.next(frame -> frame.type() == RawHttp2.PING)).isPresent();
            }
        }
    }

    @Test
    void data_frames_without_data_end_the_connection() throws Exception {
        try (RawHttp2 client = web.http2().handshake()) {
            client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, ECHO);
            client.frames(10, RawHttp2.DATA, 0, 1, new byte[0]);
            assertThat(errorOf(client)).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
            assertThat(client.closedByServer()).isTrue();
        }
        web.serves();
        web.holdsNothing();
    }

    @Test
    void priorities_of_streams_that_are_not_there_slow_nobody() throws Exception {
        try (RawHttp2 client = web.http2().handshake()) {
            for (int i = 0; i < 20_000; i++) {
                client.frame(RawHttp2.PRIORITY, 0, 1 + 2 * i, new byte[5]);
            }
            web.serves();
            assertThat(client.closedByServer()).as("closed when it is quiet").isTrue();
        }
    }

    @Test
    void a_header_named_again_and_again_is_counted_each_time() throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.writeBytes(ECHO);
        RawHttp2.indexed(bomb, "x-bomb", "y".repeat(4_000));
        for (int i = 0; i < 10_000; i++) {
            bomb.write(0x80 | 62);
        }
        try (RawHttp2 client = web.http2().handshake()) {
            client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, bomb.toByteArray());
            assertThat(client.closedByServer()).isTrue();
        }
        web.serves();
        web.holdsNothing();
    }

    @Test
    void a_head_beyond_its_limit_costs_its_request() throws Exception {
        ByteArrayOutputStream large = new ByteArrayOutputStream();
        large.writeBytes(ECHO);
        RawHttp2.literal(large, "x-large", "y".repeat(14_000));
        RawHttp2.literal(large, "x-larger", "y".repeat(2_200));
        try (RawHttp2 client = web.http2().handshake()) {
            client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, large.toByteArray());
            Frame first = client.next(frame -> frame.stream() == 1).orElseThrow();
            assertThat(client.decode(first).status()).hasToString("431");
            post(client, 3, ECHO, new byte[0]);
            Frame second = client.next(frame -> frame.stream() == 3).orElseThrow();
            assertThat(client.decode(second).status()).hasToString("200");
        }
        web.serves();
    }

    @Test
    void streams_whose_answers_are_never_taken_are_reset() throws Exception {
        byte[] large = EchoSchema.message(new byte[30 << 10]);
        try (RawHttp2 client = web.http2().handshake(NO_WINDOW)) {
            for (int i = 0; i < STREAMS_MAX; i++) {
                post(client, 1 + 2 * i, ECHO, large);
            }
            web.serves();
            Set<Integer> reset = new HashSet<>();
            while (reset.size() < STREAMS_MAX) {
                Frame frame = client.next(next -> next.type() == RawHttp2.RST_STREAM).orElseThrow();
                reset.add(frame.stream());
            }
            assertThat(client.closedByServer()).as("closed when it is quiet").isTrue();
        }
        web.serves();
        web.holdsNothing();
    }

    @Test
    void more_streams_than_there_may_be_are_refused() throws Exception {
        try (RawHttp2 client = web.http2().handshake(NO_WINDOW)) {
            for (int i = 0; i <= STREAMS_MAX; i++) {
                post(client, 1 + 2 * i, ACT, new byte[0]);
            }
            Frame refused = client.next(frame -> frame.type() == RawHttp2.RST_STREAM).orElseThrow();
            assertThat(refused.stream()).isEqualTo(1 + 2 * STREAMS_MAX);
            assertThat(refused.errorCode()).isEqualTo(RawHttp2.REFUSED_STREAM);
        }
        web.serves();
        web.holdsNothing();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"P", "PRI * HTTP/2.0\r", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM"})
    void a_preface_that_does_not_end_ends_the_connection(String part) throws Exception {
        try (RawHttp2 client = web.http2()) {
            client.raw(part.getBytes(StandardCharsets.US_ASCII));
            web.serves();
            assertThat(client.closedByServer()).isTrue();
        }
    }
}
