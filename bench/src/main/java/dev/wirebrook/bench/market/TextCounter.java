package dev.wirebrook.bench.market;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * NATS or Redis as their subscribers see them, counted by bytes: messages there are all of one
 * length. And a publisher that sends no more than what may be on its way, since both cut off who is
 * slow.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one writer
final class TextCounter implements Readers {
    private static final int BUFFER = 1 << 20;

    /** Messages to one subscriber that may be on their way. */
    private static final long WINDOW = 4_000;

    private static final int PUBLISHED_AT_ONCE = 100;
    private static final long PAUSE_NANOS = 50_000;

    /**
     * What an engine is told and tells.
     *
     * @param subscribers of one connection
     * @param subscribe what a connection begins with
     * @param publish one message
     * @param message as it comes to a subscriber
     */
    record Protocol(
            int connections, int subscribers, String subscribe, String publish, String message) {
        static Protocol nats(int payloadBytes) {
            StringBuilder subscribe = new StringBuilder("CONNECT {\"verbose\":false}\r\n");
            for (int i = 10; i < 35; i++) {
                subscribe.append("SUB s ").append(i).append("\r\n");
            }
            String payload = payloadBytes + "\r\n" + "x".repeat(payloadBytes) + "\r\n";
            return new Protocol(
                    4, 25, subscribe.toString(), "PUB s " + payload, "MSG s 10 " + payload);
        }

        /** Of a channel a connection hears once, however often it asks. */
        static Protocol redis(int payloadBytes) {
            String payload = "$" + payloadBytes + "\r\n" + "x".repeat(payloadBytes) + "\r\n";
            return new Protocol(
                    100,
                    1,
                    "SUBSCRIBE s\r\n",
                    "*3\r\n$7\r\nPUBLISH\r\n$1\r\ns\r\n" + payload,
                    "*3\r\n$7\r\nmessage\r\n$1\r\ns\r\n" + payload);
        }
    }

    private final Protocol protocol;
    private final List<SocketChannel> channels = new ArrayList<>();
    private final Selector selector;
    private final SocketChannel publisher;
    private volatile long received;
    private volatile boolean closed;

    TextCounter(InetSocketAddress server, Protocol protocol) throws IOException {
        this.protocol = protocol;
        selector = Selector.open();
        for (int i = 0; i < protocol.connections(); i++) {
            SocketChannel channel = SocketChannel.open(server);
            channels.add(channel);
            write(channel, protocol.subscribe());
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
        }
        publisher = SocketChannel.open(server);
        Thread.ofPlatform().name("reader").daemon().start(() -> untilClosed(this::read));
        Thread.ofPlatform().name("publisher").daemon().start(() -> untilClosed(this::publish));
        Thread.ofPlatform().name("drain").daemon().start(() -> untilClosed(this::drain));
    }

    private interface Step {
        void run() throws IOException;
    }

    private void untilClosed(Step step) {
        try {
            while (!closed) {
                step.run();
            }
        } catch (ClosedSelectorException e) {
            if (!closed) {
                throw e;
            }
        } catch (IOException e) {
            if (!closed) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(text.getBytes(US_ASCII));
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    private void read() throws IOException {
        ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
        while (!closed) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                int read;
                while ((read = ((SocketChannel) key.channel()).read(in.clear())) > 0) {
                    received += read;
                }
                if (read < 0) {
                    throw new IOException("the engine cut a subscriber off");
                }
            }
            selector.selectedKeys().clear();
        }
    }

    private void publish() throws IOException {
        ByteBuffer many =
                ByteBuffer.wrap(protocol.publish().repeat(PUBLISHED_AT_ONCE).getBytes(US_ASCII));
        long subscribers = (long) protocol.connections() * protocol.subscribers();
        for (long published = 0; !closed; ) {
            if (published - messages() / subscribers > WINDOW) {
                LockSupport.parkNanos(PAUSE_NANOS);
                continue;
            }
            many.clear();
            while (many.hasRemaining()) {
                publisher.write(many);
            }
            published += PUBLISHED_AT_ONCE;
        }
    }

    /** What the engine answers a publisher. */
    private void drain() throws IOException {
        if (publisher.read(ByteBuffer.allocate(BUFFER)) < 0) {
            throw new IOException("the engine cut the publisher off");
        }
    }

    @Override
    public long messages() {
        return received / protocol.message().length();
    }

    @Override
    public long updates() {
        return messages();
    }

    @Override
    public long bytes() {
        return received;
    }

    @Override
    public void close() {
        closed = true;
        try {
            for (SocketChannel channel : channels) {
                channel.close();
            }
            publisher.close();
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
