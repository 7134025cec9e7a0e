package dev.wirebrook.grpc;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** An HTTP/2 client that says exactly what the test wants (RFC 9113), however wrong. */
public final class RawHttp2 implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;
    public static final int ACK = 1;
    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;
    public static final int REFUSED_STREAM = 7;
    public static final int CANCEL = 8;
    public static final int ENHANCE_YOUR_CALM = 11;

    @SuppressWarnings("ArrayRecordComponent") // read once
    public record Frame(int type, int flags, int stream, byte[] payload) {
        /** The error code of a RST_STREAM, or of a GOAWAY. */
        public int errorCode() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }
    }

    private final Socket socket;
    private final OutputStream out;
    private final Trickle trickle;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder headersDecoder = new DefaultHttp2HeadersDecoder();

    public RawHttp2(InetSocketAddress address) throws IOException {
        this(address, 0);
    }

    /**
     * @param receiveBytes that its side of the connection takes before they are read; 0: as many as
     *     is usual
     */
    public RawHttp2(InetSocketAddress address, int receiveBytes) throws IOException {
        socket = new Socket();
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.connect(new InetSocketAddress(address.getAddress(), address.getPort()));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(10_000);
        out = socket.getOutputStream();
        trickle = new Trickle(socket.getInputStream());
        in = new DataInputStream(trickle);
    }

    /** Reads byte by byte from now on, with this long before each; zero: as fast as it can. */
    public void trickle(Duration pause) {
        trickle.pause = pause;
    }

    private static final class Trickle extends FilterInputStream {
        volatile Duration pause = Duration.ZERO;

        Trickle(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            await();
            return super.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            await();
            return super.read(into, offset, pause.isZero() ? length : Math.min(1, length));
        }

        private void await() {
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public RawHttp2 handshake() throws IOException {
        return handshake(new byte[0]);
    }

    /**
     * @param settings the payload of the client's first SETTINGS
     */
    public RawHttp2 handshake(byte[] settings) throws IOException {
        raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(SETTINGS, 0, 0, settings);
        next(frame -> frame.type() == SETTINGS);
        frame(SETTINGS, ACK, 0, new byte[0]);
        return this;
    }

    public void raw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    public void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        frames(1, type, flags, stream, payload);
    }

    /** In one write: a server that has had enough of them closes before a second one is made. */
    public void frames(int count, int type, int flags, int stream, byte[] payload)
            throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
        frame.putInt((payload.length << 8) | type).put((byte) flags).putInt(stream).put(payload);
        ByteBuffer all = ByteBuffer.allocate(count * frame.capacity());
        for (int i = 0; i < count; i++) {
            all.put(frame.array());
        }
        raw(all.array());
    }

    /** Begins a call. */
    public void headers(int stream, String method, String... further) throws IOException {
        frame(HEADERS, END_HEADERS, stream, headerBlock(method, further));
    }

    public static byte[] headerBlock(String method, String... further) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(postBlock("/" + method, "application/grpc"));
        literal(block, "te", "trailers");
        for (int i = 0; i < further.length; i += 2) {
            literal(block, further[i], further[i + 1]);
        }
        return block.toByteArray();
    }

    /** What begins a POST. */
    public static byte[] postBlock(String path, String contentType) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        literal(block, ":method", "POST");
        literal(block, ":scheme", "http");
        literal(block, ":path", path);
        literal(block, ":authority", "localhost");
        literal(block, "content-type", contentType);
        return block.toByteArray();
    }

    /** HPACK (RFC 7541 6.2.1): literal that goes into the table, new name, no Huffman code. */
    public static void indexed(ByteArrayOutputStream block, String name, String value) {
        block.write(0x40);
        string(block, name);
        string(block, value);
    }

    /** HPACK (RFC 7541 6.2.2): literal without indexing, new name, no Huffman code. */
    public static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        string(block, name);
        string(block, value);
    }

    private static void string(ByteArrayOutputStream block, String text) {
        int length = text.length();
        if (length < 127) {
            block.write(length);
        } else {
            block.write(127);
            int rest = length - 127;
            while (rest >= 128) {
                block.write((rest & 127) | 128);
                rest >>= 7;
            }
            block.write(rest);
        }
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A gRPC message's prefix and as much of it as is given. */
    public static byte[] message(int length, int bytesGiven) {
        return ByteBuffer.allocate(5 + bytesGiven).put((byte) 0).putInt(length).array();
    }

    /** Sends data in frames of 16 KiB. */
    public void data(int stream, byte[] data, boolean end) throws IOException {
        int at = 0;
        while (data.length - at > 16_384) {
            frame(DATA, 0, stream, java.util.Arrays.copyOfRange(data, at, at + 16_384));
            at += 16_384;
        }
        frame(
                DATA,
                end ? END_STREAM : 0,
                stream,
                java.util.Arrays.copyOfRange(data, at, data.length));
    }

    /** The next frame of this kind, or empty when the server closes before. */
    public Optional<Frame> next(Predicate<Frame> wanted) throws IOException {
        while (true) {
            Frame frame;
            try {
                frame = read();
            } catch (EOFException | SocketException e) {
                return Optional.empty();
            }
            if (wanted.test(frame)) {
                return Optional.of(frame);
            }
        }
    }

    /** The header block of a frame. */
    public Http2Headers decode(Frame frame) throws Http2Exception {
        return headersDecoder.decodeHeaders(
                frame.stream(), Unpooled.wrappedBuffer(frame.payload()));
    }

    private Frame read() throws IOException {
        int lengthAndType = in.readInt();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = new byte[lengthAndType >>> 8];
        in.readFully(payload);
        return new Frame(lengthAndType & 0xff, flags, stream, payload);
    }

    /** Whether the server closes the connection, with or without saying something before. */
    public boolean closedByServer() throws IOException {
        return next(_ -> false).isEmpty();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
