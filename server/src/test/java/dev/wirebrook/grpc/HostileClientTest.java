package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.LogCollector;
import dev.wirebrook.grpc.GrpcServerSettings.CallLimits;
import dev.wirebrook.grpc.GrpcServerSettings.ConnectionLimits;
import dev.wirebrook.grpc.GrpcServerSettings.KeepAlive;
import dev.wirebrook.grpc.RawHttp2.Frame;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do wrong, and what the others notice of it. */
class HostileClientTest {
    private static final int MESSAGE_BYTES_MAX = 512 << 10;
    private static final int UNFINISHED_BYTES_MAX = 2 * MESSAGE_BYTES_MAX;
    private static final String ECHO = "test.EchoService/Echo";

    private EchoServer server;

    @BeforeEach
    void start() throws Exception {
        server =
                new EchoServer(
                        GrpcServerSettings.DEFAULT
                                .withEventLoops(1)
                                .withCalls(
                                        CallLimits.DEFAULT
                                                .withMessageBytesMax(MESSAGE_BYTES_MAX)
                                                .withMetadataBytesMax(8 << 10)
                                                .withUnfinishedBytesMax(UNFINISHED_BYTES_MAX))
                                .withConnections(
                                        ConnectionLimits.DEFAULT
                                                .withCallsPerConnectionMax(10)
                                                .withResets(100, Duration.ofSeconds(30))
                                                .withHandshakeTimeout(Duration.ofSeconds(1)))
                                .withKeepAlive(
                                        new KeepAlive(
                                                Duration.ofMinutes(1),
                                                Duration.ofSeconds(10),
                                                Duration.ofSeconds(5),
                                                true)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RawHttp2 connect() throws IOException {
        return new RawHttp2(server.server.address());
    }

    private void serves() {
        assertThat(server.call("Echo", new byte[7])).hasSize(7);
    }

    private void holdsNothing() {
        await().untilAsserted(() ->
                assertThat(server.scrape())
                        .contains("wirebrook_grpc_open_calls{method=\"%s\"} 0.0".formatted(ECHO))
                        .contains("wirebrook_grpc_unfinished_bytes 0.0"));
    }

    @Test
    void random_bytes_end_their_connection_only() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            byte[] noise = new byte[1 + random.nextInt(4_000)];
            random.nextBytes(noise);
            try (RawHttp2 client = connect()) {
                client.raw(noise);
            }
        }
        for (int i = 0; i < 50; i++) {
            byte[] noise = new byte[1 + random.nextInt(4_000)];
            random.nextBytes(noise);
            try (RawHttp2 client = connect().handshake()) {
                client.raw(noise);
            }
        }
        assertThat(server.call("Echo", new byte[7])).as("seed %d", seed).hasSize(7);
        holdsNothing();
    }

    @Test
    void a_call_cut_off_at_any_byte_leaves_nothing_behind() throws Exception {
        byte[] message = RawHttp2.message(50_000, 30_000);
        for (int cut : new int[] {0, 1, 4, 5, 6, 1_000, 30_005}) {
            try (RawHttp2 client = connect().handshake()) {
                client.headers(1, ECHO);
                client.data(1, Arrays.copyOf(message, cut), false);
            }
        }
        serves();
        holdsNothing();
    }

    @Test
    void a_message_that_ends_before_its_length_is_refused() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.headers(1, ECHO);
            client.data(1, RawHttp2.message(100, 50), true);
            assertThat(client.next(frame -> frame.stream() == 1)).isPresent();
        }
        serves();
        holdsNothing();
    }

    @Test
    void what_clients_do_wrong_does_not_fill_the_log() throws Exception {
        try (LogCollector logged = new LogCollector("io");
                RawHttp2 client = connect().handshake()) {
            client.headers(1, ECHO);
            client.data(1, RawHttp2.message(100, 50), true);
            client.headers(3, ECHO);
            client.data(3, new byte[] {(byte) 0xff, 0, 0, 0, 0, 0}, true);
            client.headers(5, ECHO);
            client.data(5, RawHttp2.message(-1, 100), true);
            for (int i = 0; i < 3; i++) {
                assertThat(
                                client.next(frame ->
                                        frame.stream() > 0
                                                && (frame.flags() & RawHttp2.END_STREAM) != 0))
                        .isPresent();
            }
            client.frame(42, 0, 77, new byte[10]);
            client.frame(RawHttp2.DATA, 0, 99, new byte[10]);
            client.closedByServer();
            assertThat(logged.records()).isEmpty();
        }
        serves();
    }

    @Test
    void a_connection_that_says_nothing_is_closed() throws Exception {
        try (RawHttp2 client = connect()) {
            assertThat(client.closedByServer()).isTrue();
        }
    }

    @Test
    void a_client_of_one_byte_at_a_time_does_not_slow_another() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (RawHttp2 slow = connect().handshake()) {
            slow.headers(1, ECHO);
            byte[] message = RawHttp2.message(10_000, 10_000);
            CompletableFuture<Void> trickle =
                    CompletableFuture.runAsync(() -> {
                        for (int i = 0; !done.get(); i++) {
                            try {
                                slow.data(1, new byte[] {message[i]}, false);
                                Thread.sleep(20);
                            } catch (IOException | InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        }
                    });
            for (int i = 0; i < 200; i++) {
                serves();
            }
            long[] nanos = new long[300];
            for (int i = 0; i < nanos.length; i++) {
                long start = System.nanoTime();
                serves();
                nanos[i] = System.nanoTime() - start;
            }
            done.set(true);
            trickle.join();
            Arrays.sort(nanos);
            assertThat(Duration.ofNanos(nanos[nanos.length / 2]))
                    .as("median beside a slow client on the same event loop")
                    .isLessThan(Duration.ofMillis(20));
        }
    }

    @Test
    void a_client_that_pings_too_often_is_sent_away() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            // One is fine, two more are forgiven.
            for (int i = 0; i < 4; i++) {
                client.frame(RawHttp2.PING, 0, 0, new byte[8]);
            }
            Frame goAway = client.next(frame -> frame.type() == RawHttp2.GOAWAY).orElseThrow();
            assertThat(goAway.errorCode()).isEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
            assertThat(client.closedByServer()).isTrue();
        }
        serves();
    }

    @Test
    void calls_above_the_limit_of_a_connection_are_refused() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            for (int i = 0; i < 11; i++) {
                client.headers(1 + 2 * i, "test.EchoService/Chat");
            }
            Frame reset = client.next(frame -> frame.type() == RawHttp2.RST_STREAM).orElseThrow();
            assertThat(reset.stream()).isEqualTo(21);
            assertThat(reset.errorCode()).isEqualTo(RawHttp2.REFUSED_STREAM);
        }
        serves();
    }

    @Test
    void a_rapid_reset_ends_the_connection() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            try {
                for (int i = 0; i < 2_000; i++) {
                    client.headers(1 + 2 * i, ECHO);
                    client.frame(
                            RawHttp2.RST_STREAM,
                            0,
                            1 + 2 * i,
                            new byte[] {0, 0, 0, RawHttp2.CANCEL});
                }
            } catch (IOException e) {
                // The server may have closed it already.
            }
            assertThat(client.closedByServer()).isTrue();
        }
        serves();
        holdsNothing();
    }

    /** CVE-2025-8671: the client has its streams reset by the server. */
    @ParameterizedTest
    @ValueSource(ints = {0, Integer.MAX_VALUE})
    void making_the_server_reset_ends_the_connection(int increment) throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            try {
                for (int i = 0; i < 2_000; i++) {
                    client.headers(1 + 2 * i, "test.EchoService/Chat");
                    client.frame(
                            RawHttp2.WINDOW_UPDATE,
                            0,
                            1 + 2 * i,
                            ByteBuffer.allocate(4).putInt(increment).array());
                }
            } catch (IOException e) {
                // The server may have closed it already.
            }
            assertThat(client.closedByServer()).isTrue();
        }
        serves();
        holdsNothing();
    }

    @Test
    void a_flood_of_settings_that_nobody_hears_the_answers_of_ends_nobody_elses_calls()
            throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            for (int i = 0; i < 20_000; i++) {
                client.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]);
                if (i % 1_000 == 0) {
                    serves();
                }
            }
        } catch (IOException e) {
            // The server may have closed it.
        }
        serves();
        holdsNothing();
    }

    @Test
    void data_frames_without_data_leave_nothing_behind() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.headers(1, ECHO);
            for (int i = 0; i < 20_000; i++) {
                client.frame(RawHttp2.DATA, 0, 1, new byte[0]);
            }
            serves();
        } catch (IOException e) {
            // The server may have closed it.
        }
        serves();
        holdsNothing();
    }

    @Test
    void a_header_named_again_and_again_is_counted_each_time() throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.writeBytes(RawHttp2.headerBlock(ECHO));
        RawHttp2.indexed(bomb, "x-bomb", "y".repeat(4_000));
        for (int i = 0; i < 10_000; i++) {
            bomb.write(0x80 | 62);
        }
        try (RawHttp2 client = connect().handshake()) {
            client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, bomb.toByteArray());
            assertThat(client.closedByServer()).isTrue();
        }
        serves();
        holdsNothing();
    }

    @Test
    void answers_that_are_never_taken_are_no_more_than_the_calls_of_a_connection()
            throws Exception {
        byte[] noWindow = ByteBuffer.allocate(6).putShort((short) 4).array();
        try (RawHttp2 client = connect().handshake(noWindow)) {
            for (int i = 0; i <= 10; i++) {
                client.headers(1 + 2 * i, ECHO);
                client.data(1 + 2 * i, RawHttp2.message(5_000, 5_000), true);
            }
            Frame reset = client.next(frame -> frame.type() == RawHttp2.RST_STREAM).orElseThrow();
            assertThat(reset.stream()).isEqualTo(21);
            assertThat(reset.errorCode()).isEqualTo(RawHttp2.REFUSED_STREAM);
            serves();
        }
        serves();
        holdsNothing();
    }

    private static byte[] gzip(int length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zipped = new GZIPOutputStream(bytes)) {
            zipped.write(new byte[length]);
        }
        return bytes.toByteArray();
    }

    /** The status of a call of a method whose one message is this. */
    private String compressed(String method, byte[] message) throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.headers(1, "test.EchoService/" + method, "grpc-encoding", "gzip");
            byte[] framed =
                    ByteBuffer.allocate(5 + message.length)
                            .put((byte) 1)
                            .putInt(message.length)
                            .put(message)
                            .array();
            client.data(1, framed, true);
            while (true) {
                Frame frame = client.next(next -> next.type() == RawHttp2.HEADERS).orElseThrow();
                CharSequence status = client.decode(frame).get("grpc-status");
                if (status != null) {
                    return status.toString();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Echo", "Block", "Tail", "Chat"})
    void a_message_that_grows_a_thousandfold_is_too_long(String method) throws Exception {
        assertThat(compressed(method, gzip(64 << 20))).isEqualTo("8");
        serves();
        holdsNothing();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Echo", "Block", "Typed", "Tail", "Chat"})
    void so_many_compressed_members_that_reading_them_may_overflow_the_stack_harm_nobody(
            String method) throws Exception {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        byte[] member = gzip(0);
        for (int i = 0; i < 25_000; i++) {
            members.writeBytes(member);
        }
        try (LogCollector logged = new LogCollector("io.grpc")) {
            // Once the JDK's reader is compiled it takes so little stack that it may come through:
            // the message is an empty one then. Refused or read, it is no fault of the server's.
            assertThat(compressed(method, members.toByteArray())).isIn("3", "0");
            assertThat(logged.records()).isEmpty();
        }
        serves();
        holdsNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void pieces_of_headers_without_end_end_the_connection(int bytes) throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.headerBlock(ECHO));
            try {
                for (int i = 0; i < 20_000; i++) {
                    client.frame(RawHttp2.CONTINUATION, 0, 1, new byte[bytes]);
                }
            } catch (IOException e) {
                // The server may have closed it already.
            }
            assertThat(client.closedByServer()).isTrue();
        }
        serves();
    }

    @Test
    void headers_without_end_end_the_connection() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.headerBlock(ECHO));
            java.io.ByteArrayOutputStream more = new java.io.ByteArrayOutputStream();
            RawHttp2.literal(more, "x-more", "y".repeat(1_000));
            try {
                for (int i = 0; i < 10_000; i++) {
                    client.frame(RawHttp2.CONTINUATION, 0, 1, more.toByteArray());
                }
            } catch (IOException e) {
                // The server may have closed it already.
            }
            assertThat(client.closedByServer()).isTrue();
        }
        serves();
    }

    @Test
    void metadata_beyond_what_the_transport_takes_costs_its_call() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.headers(1, ECHO, "x-large", "y".repeat(9_000));
            Frame first = client.next(frame -> frame.stream() == 1).orElseThrow();
            assertThat(client.decode(first).status()).hasToString("431");
            client.headers(3, ECHO);
            client.data(3, RawHttp2.message(3, 3), true);
            assertThat(client.next(frame -> frame.stream() == 3)).isPresent();
        }
        serves();
    }

    @Test
    void metadata_far_beyond_costs_its_connection() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.headers(1, ECHO, "x-large", "y".repeat(15_000));
            assertThat(client.closedByServer()).isTrue();
        }
        serves();
    }

    /** Each frame is kept by objects that are hundreds of times as large. */
    @Test
    void gives_up_an_unfinished_message_of_very_many_frames() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.headers(1, ECHO);
            client.data(1, RawHttp2.message(MESSAGE_BYTES_MAX, 1), false);
            client.frames(10_000, RawHttp2.DATA, 0, 1, new byte[1]);
            Frame givenUp = client.next(frame -> frame.type() == RawHttp2.HEADERS).orElseThrow();
            assertThat(client.decode(givenUp).get("grpc-status")).hasToString("8");
            serves();
        }
        holdsNothing();
    }

    @Test
    void takes_a_message_that_is_alone_although_its_frames_take_more_than_all_may()
            throws Exception {
        int frames = UNFINISHED_BYTES_MAX / 256 + 100;
        try (RawHttp2 client = connect().handshake()) {
            client.headers(1, ECHO);
            client.data(1, RawHttp2.message(MESSAGE_BYTES_MAX, 0), false);
            client.frames(frames, RawHttp2.DATA, 0, 1, new byte[1]);
            await().until(() -> unfinishedBytes() > UNFINISHED_BYTES_MAX);
            client.data(1, new byte[MESSAGE_BYTES_MAX - frames], true);
            Frame answer = client.next(frame -> frame.type() == RawHttp2.HEADERS).orElseThrow();
            assertThat(client.decode(answer).status()).hasToString("200");
        }
        holdsNothing();
    }

    @Test
    void counts_the_buffers_that_an_unfinished_message_came_in_and_not_its_bytes_alone()
            throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.headers(1, ECHO);
            client.data(1, RawHttp2.message(MESSAGE_BYTES_MAX, 200_000), false);
            await().until(() -> unfinishedBytes() >= 200_000);
            // The server has learnt to read much at once from this client.
            for (int i = 0; i < 5; i++) {
                long before = unfinishedBytes();
                client.data(1, new byte[1], false);
                await().until(() -> unfinishedBytes() > before + 4_000);
            }
        }
        holdsNothing();
    }

    private long unfinishedBytes() {
        String name = "wirebrook_grpc_unfinished_bytes ";
        return server.scrape()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void gives_up_the_unfinished_message_that_takes_the_longest_when_there_are_too_many()
            throws Exception {
        int frames = 12;
        byte[] frame = new byte[16_384];
        try (RawHttp2 client = connect().handshake()) {
            Deque<Long> held = new ArrayDeque<>(); // by each that is under way, the oldest first
            List<Integer> expected = new ArrayList<>();
            List<Frame> answers = new ArrayList<>();
            int stream = -1;
            for (int i = 0; i < 9; i++) {
                stream += 2;
                client.headers(stream, ECHO);
                client.data(stream, RawHttp2.message(MESSAGE_BYTES_MAX, 0), false);
                for (int sent = 0; sent < frames; sent++) {
                    long before = unfinishedBytes();
                    client.data(stream, frame, false);
                    await().pollInterval(Duration.ofMillis(1))
                            .until(() -> unfinishedBytes() != before);
                    awaitRead(client, answers);
                    long after = unfinishedBytes();
                    assertThat(after).isLessThanOrEqualTo(UNFINISHED_BYTES_MAX);
                    if (after < before) {
                        expected.add(1 + 2 * expected.size());
                        assertThat(after + held.remove())
                                .as("what was held before it was given up")
                                .isGreaterThan(UNFINISHED_BYTES_MAX);
                    }
                }
                held.add(unfinishedBytes() - held.stream().mapToLong(Long::longValue).sum());
            }
            assertThat(expected).hasSizeGreaterThan(3);
            client.data(stream, new byte[MESSAGE_BYTES_MAX - frames * frame.length], true);
            while (answers.size() <= expected.size()) {
                answers.add(client.next(next -> next.type() == RawHttp2.HEADERS).orElseThrow());
            }
            for (int i = 0; i < expected.size(); i++) {
                assertThat(answers.get(i).stream()).isEqualTo(expected.get(i));
                Http2Headers trailers = client.decode(answers.get(i));
                assertThat(trailers.get("grpc-status")).hasToString("8");
                assertThat(trailers.get("grpc-retry-pushback-ms")).hasToString("1000");
            }
            assertThat(answers.getLast().stream()).isEqualTo(stream);
            assertThat(client.decode(answers.getLast()).status()).hasToString("200");
            assertThat(server.scrape())
                    .contains(
                            "wirebrook_grpc_unfinished_given_up_total %d.0"
                                    .formatted(expected.size()));
            serves();
        }
        holdsNothing();
    }

    /** Returns when the server has read all that this client sent. */
    private static void awaitRead(RawHttp2 client, List<Frame> answers) throws IOException {
        client.frame(RawHttp2.SETTINGS, 0, 0, new byte[0]);
        client.next(frame -> {
            if (frame.type() == RawHttp2.HEADERS) {
                answers.add(frame);
            }
            return frame.type() == RawHttp2.SETTINGS && frame.flags() == RawHttp2.ACK;
        });
    }

    @Test
    void a_message_too_long_is_not_kept_when_its_client_goes_on_sending() throws Exception {
        try (RawHttp2 client = connect().handshake()) {
            client.headers(1, ECHO);
            client.raw(new byte[0]);
            try {
                client.data(1, RawHttp2.message(500 << 20, 900 << 10), false);
            } catch (IOException e) {
                // The server may have closed it already.
            }
            Frame refused = client.next(frame -> frame.type() == RawHttp2.HEADERS).orElseThrow();
            assertThat(client.decode(refused).get("grpc-status")).hasToString("8");
            holdsNothing();
        }
        serves();
    }
}
