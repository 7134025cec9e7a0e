package dev.wirebrook.bench.market;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Streams of gRPC read as cheaply as can be: frames of HTTP/2 (RFC 9113) are walked and the updates
 * in them counted, nothing is copied, parsed or kept. So a server can be driven to what it can do,
 * rather than to what a client can.
 */
final class GrpcByteCounter implements Readers {
    private final List<Connection> connections = new ArrayList<>();

    /**
     * @param path of the method
     * @param request the one message that each stream begins with
     */
    GrpcByteCounter(
            InetSocketAddress server, int connections, int streams, String path, byte[] request)
            throws IOException {
        for (int i = 0; i < connections; i++) {
            Connection connection = new Connection(server, streams, path, request);
            this.connections.add(connection);
            Thread.ofPlatform().name("reader-" + i).daemon().start(connection);
        }
    }

    @Override
    public long messages() {
        return connections.stream().mapToLong(connection -> connection.messages).sum();
    }

    @Override
    public long updates() {
        return connections.stream().mapToLong(connection -> connection.updates).sum();
    }

    @Override
    public long bytes() {
        return connections.stream().mapToLong(connection -> connection.bytes).sum();
    }

    @Override
    public void close() {
        connections.forEach(Connection::close);
    }

    /** One connection, read by one thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    private static final class Connection implements Runnable {
        private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        private static final int FRAME_HEADER = 9;
        private static final int BUFFER = 1 << 20;

        private static final int DATA = 0;
        private static final int HEADERS = 1;
        private static final int RST_STREAM = 3;
        private static final int SETTINGS = 4;
        private static final int PING = 6;
        private static final int GOAWAY = 7;
        private static final int WINDOW_UPDATE = 8;

        private static final int ACK = 1;
        private static final int END_STREAM = 1;
        private static final int END_HEADERS = 4;

        private static final int INITIAL_WINDOW_SIZE = 4;
        private static final int WINDOW_MAX = Integer.MAX_VALUE;
        private static final int WINDOW_AT_FIRST = 65_535;

        private final SocketChannel channel;
        private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
        private final Stream[] streams;
        private long unacknowledged;
        private volatile long messages;
        private volatile long updates;
        private volatile long bytes;
        private long messagesSeen;
        private long updatesSeen;
        private long bytesSeen;
        private volatile boolean closed;

        Connection(InetSocketAddress server, int streams, String path, byte[] request)
                throws IOException {
            channel = SocketChannel.open(server);
            this.streams = new Stream[streams];
            ByteArrayOutputStream bytesOut = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytesOut);
            out.write(PREFACE.getBytes(US_ASCII));
            frame(out, 6, SETTINGS, 0, 0);
            out.writeShort(INITIAL_WINDOW_SIZE);
            out.writeInt(WINDOW_MAX);
            frame(out, 4, WINDOW_UPDATE, 0, 0);
            out.writeInt(WINDOW_MAX - WINDOW_AT_FIRST);
            byte[] headers = headers(path, server.toString());
            for (int i = 0; i < streams; i++) {
                this.streams[i] = new Stream();
                int id = 2 * i + 1;
                frame(out, headers.length, HEADERS, END_HEADERS, id);
                out.write(headers);
                frame(out, 5 + request.length, DATA, END_STREAM, id);
                out.writeByte(0);
                out.writeInt(request.length);
                out.write(request);
            }
            write(ByteBuffer.wrap(bytesOut.toByteArray()));
        }

        private static void frame(DataOutputStream out, int length, int type, int flags, int stream)
                throws IOException {
            out.writeByte(length >> 16);
            out.writeShort(length);
            out.writeByte(type);
            out.writeByte(flags);
            out.writeInt(stream);
        }

        /** HPACK (RFC 7541): names from the static table, values as they are. */
        private static byte[] headers(String path, String authority) throws IOException {
            ByteArrayOutputStream bytesOut = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytesOut);
            out.writeByte(0x83); // :method POST
            out.writeByte(0x86); // :scheme http
            out.writeByte(0x04); // :path
            text(out, path);
            out.writeByte(0x01); // :authority
            text(out, authority.substring(authority.indexOf('/') + 1));
            out.writeShort(0x0f10); // content-type
            text(out, "application/grpc");
            out.writeByte(0);
            text(out, "te");
            text(out, "trailers");
            return bytesOut.toByteArray();
        }

        private static void text(DataOutputStream out, String text) throws IOException {
            if (text.length() >= 0x7f) {
                throw new IllegalArgumentException("longer than one byte can tell");
            }
            out.writeByte(text.length());
            out.write(text.getBytes(US_ASCII));
        }

        private void write(ByteBuffer out) throws IOException {
            while (out.hasRemaining()) {
                channel.write(out);
            }
        }

        @Override
        public void run() {
            try {
                while (channel.read(in) >= 0) {
                    in.flip();
                    while (wholeFrame()) {
                        takeFrame();
                    }
                    in.compact();
                    messages = messagesSeen;
                    updates = updatesSeen;
                    bytes = bytesSeen;
                }
                throw new EOFException("the server ended a connection");
            } catch (ClosedChannelException e) {
                if (!closed) {
                    throw new UncheckedIOException(e);
                }
            } catch (IOException e) {
                if (!closed) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        private boolean wholeFrame() {
            return in.remaining() >= FRAME_HEADER
                    && in.remaining() >= FRAME_HEADER + (in.getInt(in.position()) >>> 8);
        }

        private void takeFrame() throws IOException {
            int length = in.getInt(in.position()) >>> 8;
            int type = in.get(in.position() + 3);
            int flags = in.get(in.position() + 4);
            int stream = in.getInt(in.position() + 5);
            int end = in.position() + FRAME_HEADER + length;
            in.position(in.position() + FRAME_HEADER);
            switch (type) {
                case DATA -> {
                    streams[stream / 2].take(end);
                    consumed(stream, length);
                }
                case SETTINGS -> {
                    if ((flags & ACK) == 0) {
                        control(SETTINGS, ACK, new byte[0]);
                    }
                }
                case PING -> {
                    if ((flags & ACK) == 0) {
                        byte[] opaque = new byte[8];
                        in.get(opaque);
                        control(PING, ACK, opaque);
                    }
                }
                case RST_STREAM, GOAWAY ->
                        throw new IOException("the server ends a stream or a connection");
                case HEADERS -> {
                    if ((flags & END_STREAM) != 0) {
                        throw new IOException("the server ended stream " + stream);
                    }
                }
                default -> {}
            }
            in.position(end);
        }

        private void control(int type, int flags, byte[] payload) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            DataOutputStream frame = new DataOutputStream(out);
            frame(frame, payload.length, type, flags, 0);
            frame.write(payload);
            write(ByteBuffer.wrap(out.toByteArray()));
        }

        /** Gives windows back long before they are used up. */
        private void consumed(int stream, int length) throws IOException {
            Stream of = streams[stream / 2];
            of.unacknowledged += length;
            unacknowledged += length;
            if (of.unacknowledged > WINDOW_MAX / 2) {
                windowUpdate(stream, of.unacknowledged);
                of.unacknowledged = 0;
            }
            if (unacknowledged > WINDOW_MAX / 2) {
                windowUpdate(0, unacknowledged);
                unacknowledged = 0;
            }
        }

        private void windowUpdate(int stream, long bytesTaken) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            DataOutputStream frame = new DataOutputStream(out);
            frame(frame, 4, WINDOW_UPDATE, 0, stream);
            frame.writeInt((int) bytesTaken);
            write(ByteBuffer.wrap(out.toByteArray()));
        }

        void close() {
            closed = true;
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** A stream's messages, which frames cut anywhere. */
        private final class Stream {
            private static final int PREFIX = 5;
            private static final int UPDATES_TAG = 1 << 3 | 2;

            private long unacknowledged;

            /** Of the prefix: bytes that came. */
            private int prefixed;

            private int length;

            /** Bytes of the message that did not come yet. */
            private int left;

            /** Bytes of a field that did not come yet. */
            private int skip;

            private boolean afterTag;
            private int fieldLength;
            private int shift;

            void take(int end) {
                int position = in.position();
                while (position < end) {
                    if (left == 0) {
                        int next = in.get(position++) & 0xff;
                        length = prefixed == 0 ? 0 : length << 8 | next;
                        if (++prefixed == PREFIX) {
                            prefixed = 0;
                            left = length;
                            messagesSeen++;
                            bytesSeen += length;
                        }
                    } else if (skip > 0) {
                        int skipped = Math.min(skip, end - position);
                        position += skipped;
                        skip -= skipped;
                        left -= skipped;
                    } else {
                        field(in.get(position++) & 0xff);
                        left--;
                    }
                }
            }

            /** Fields of responses all have a length, and numbers below 16. */
            private void field(int next) {
                if (!afterTag) {
                    if (next == UPDATES_TAG) {
                        updatesSeen++;
                    }
                    afterTag = true;
                    fieldLength = 0;
                    shift = 0;
                    return;
                }
                fieldLength |= (next & 0x7f) << shift;
                shift += 7;
                if ((next & 0x80) == 0) {
                    afterTag = false;
                    skip = fieldLength;
                }
            }
        }
    }
}
