package dev.wirebrook.http.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.LogCollector;
import dev.wirebrook.grpc.EchoSchema;
import dev.wirebrook.grpc.RawHttp2;
import io.grpc.stub.ServerCallStreamObserver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Clients that go away at every moment of a request, and that nothing of them stays. */
@Timeout(90)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoneClientTest {
    private static final byte[] LARGE = EchoSchema.message(new byte[64 << 10]);
    private static final int SUBSCRIPTIONS_OPEN = 1_000;
    private static final int SUBSCRIPTIONS = 10_000;

    private final Level levelBefore = ResourceLeakDetector.getLevel();
    private LogCollector leaks;
    private CountDownLatch held;
    private EchoWeb web;

    @BeforeAll
    void watch() {
        ResourceLeakDetector.setLevel(Level.PARANOID);
        leaks = new LogCollector(ResourceLeakDetector.class.getName());
    }

    @AfterAll
    void unwatch() {
        leaks.close();
        ResourceLeakDetector.setLevel(levelBefore);
    }

    @BeforeEach
    void start() throws Exception {
        held = new CountDownLatch(1);
        web = new EchoWeb(EchoWeb.settings(2_000, 100, 16 << 20));
        web.echo.act = (request, responses) -> held.await();
    }

    @AfterEach
    void stop() {
        held.countDown();
        web.close();
    }

    /** The detector speaks up when it tracks the next buffer after a collection. */
    private void nothingLeaked() {
        for (int i = 0; i < 5; i++) {
            System.gc();
            List<ByteBuf> tracked = new ArrayList<>();
            for (int j = 0; j < 100; j++) {
                tracked.add(ByteBufAllocator.DEFAULT.buffer(16));
            }
            tracked.forEach(ByteBuf::release);
        }
        assertThat(leaks.messages()).isEmpty();
    }

    private static byte[] request(String method, String type, byte[] body, String more) {
        byte[] head =
                "POST /test.EchoService/%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n"
                        .formatted(method, type, more, body.length)
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] whole = java.util.Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        return whole;
    }

    @Test
    void who_goes_during_the_head_or_the_body_leaves_nothing() throws Exception {
        byte[] whole = request("Act", "application/proto", LARGE, "");
        for (int i = 0; i < 60; i++) {
            try (Socket socket = web.connect()) {
                socket.setSoLinger(i % 2 == 0, 0);
                socket.getOutputStream().write(whole, 0, 1 + i * (whole.length - 2) / 60);
            }
        }
        web.serves();
        web.holdsNothing();
        nothingLeaked();
    }

    @Test
    void who_goes_during_the_call_leaves_nothing() throws Exception {
        byte[] whole = request("Act", "application/proto", LARGE, "");
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Socket socket = web.connect();
            sockets.add(socket);
            socket.getOutputStream().write(whole);
            // A further request that waits for its turn.
            socket.getOutputStream().write(whole);
        }
        await().until(() -> web.echo.localCallsOpen() == 50);
        for (Socket socket : sockets) {
            socket.close();
        }
        web.serves();
        web.holdsNothing();
        nothingLeaked();
    }

    @Test
    void who_goes_during_a_streamed_answer_leaves_nothing() throws Exception {
        web.echo.tail =
                (request, responses) -> {
                    ServerCallStreamObserver<byte[]> call =
                            (ServerCallStreamObserver<byte[]>) responses;
                    call.setOnReadyHandler(() -> {
                        while (call.isReady()) {
                            call.onNext(LARGE);
                        }
                    });
                };
        byte[] whole =
                request("Tail", "application/json", "{}".getBytes(StandardCharsets.US_ASCII), "");
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Socket socket = web.connect();
            sockets.add(socket);
            socket.getOutputStream().write(whole);
            assertThat(socket.getInputStream().readNBytes(1_000)).hasSize(1_000);
        }
        assertThat(web.echo.localCallsOpen()).isEqualTo(20);
        for (Socket socket : sockets) {
            socket.close();
        }
        web.serves();
        web.holdsNothing();
        nothingLeaked();
    }

    @Test
    void streams_that_are_reset_at_every_moment_leave_nothing() throws Exception {
        byte[] block = RawHttp2.postBlock("/test.EchoService/Act", "application/proto");
        try (RawHttp2 client = web.http2().handshake()) {
            for (int i = 0; i < 60; i++) {
                int stream = 1 + 2 * i;
                client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, block);
                if (i % 3 > 0) {
                    client.data(stream, new byte[500], i % 3 == 2);
                }
                client.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, RawHttp2.CANCEL});
            }
            web.serves();
            web.holdsNothing();
            for (int i = 60; i < 90; i++) {
                int stream = 1 + 2 * i;
                client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, block);
                client.data(stream, new byte[500], i % 2 == 0);
            }
            await().until(() -> web.echo.localCallsOpen() == 15);
        }
        web.serves();
        web.holdsNothing();
        nothingLeaked();
    }

    @Test
    void a_response_that_cannot_be_written_ends_its_call() throws Exception {
        web.echo.tail = (request, responses) -> responses.onNext(new byte[] {(byte) 0xff});
        try (Socket socket = web.connect()) {
            socket.getOutputStream()
                    .write(
                            request(
                                    "Tail",
                                    "application/json",
                                    "{}".getBytes(StandardCharsets.US_ASCII),
                                    ""));
            assertThat(socket.getInputStream().readAllBytes())
                    .asString(StandardCharsets.US_ASCII)
                    .doesNotContain("\r\n0\r\n");
            web.holdsNothing();
        }
    }

    @Test
    void ten_thousand_subscriptions_come_and_go() throws Exception {
        AtomicInteger cancelled = new AtomicInteger();
        byte[] hello = EchoSchema.message(new byte[3]);
        web.echo.tail =
                (request, responses) -> {
                    ((ServerCallStreamObserver<byte[]>) responses)
                            .setOnCancelHandler(cancelled::incrementAndGet);
                    responses.onNext(hello);
                };
        byte[] subscribe =
                request(
                        "Tail",
                        "application/json",
                        "{}".getBytes(StandardCharsets.US_ASCII),
                        "Accept: text/event-stream\r\n");
        for (int wave = 0; wave < SUBSCRIPTIONS / SUBSCRIPTIONS_OPEN; wave++) {
            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < SUBSCRIPTIONS_OPEN; i++) {
                Socket socket = web.connect();
                // No port waits for a while after each.
                socket.setSoLinger(true, 0);
                socket.getOutputStream().write(subscribe);
                open.add(socket);
            }
            for (Socket socket : open) {
                assertThat(socket.getInputStream().readNBytes(15))
                        .asString(StandardCharsets.US_ASCII)
                        .isEqualTo("HTTP/1.1 200 OK");
            }
            assertThat(web.echo.localCallsOpen()).isEqualTo(SUBSCRIPTIONS_OPEN);
            web.serves();
            for (Socket socket : open) {
                socket.close();
            }
            web.holdsNothing();
        }
        assertThat(cancelled).hasValue(SUBSCRIPTIONS);
        await().until(() -> web.metric("wirebrook_http_connections") <= 1);
        nothingLeaked();
    }
}
