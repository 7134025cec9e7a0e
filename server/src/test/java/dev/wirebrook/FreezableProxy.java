package dev.wirebrook;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A way to a server on this machine on which connections can fall silent without being closed. */
public final class FreezableProxy implements AutoCloseable {
    private final ServerSocket door;
    private final int targetPort;
    private final List<Way> ways = new CopyOnWriteArrayList<>();

    private static final class Way {
        final Socket client;
        final Socket server;
        final CountDownLatch end = new CountDownLatch(1);
        volatile boolean frozen;
        volatile boolean mute;

        Way(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void pump(Socket from, Socket to, boolean answers) {
            byte[] buffer = new byte[8 << 10];
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (frozen || (mute && answers)) {
                        end.await();
                        return;
                    }
                    out.write(buffer, 0, read);
                }
            } catch (IOException | InterruptedException e) {
                // One end is gone; the other goes with it.
            }
        }
    }

    public FreezableProxy(int targetPort) {
        this.targetPort = targetPort;
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                Way way = new Way(client, new Socket(InetAddress.getLoopbackAddress(), targetPort));
                ways.add(way);
                Thread.ofVirtual().start(() -> way.pump(way.client, way.server, false));
                Thread.ofVirtual().start(() -> way.pump(way.server, way.client, true));
            } catch (IOException e) {
                // The door was closed, or the server is away.
            }
        }
    }

    public int port() {
        return door.getLocalPort();
    }

    /** From now on nothing passes on the connections that there are; new ones are not held up. */
    public void freeze() {
        ways.forEach(way -> way.frozen = true);
    }

    /** From now on nothing passes on the connection that was opened last. */
    public void freezeLast() {
        ways.getLast().frozen = true;
    }

    /** From now on the server's answers are lost on the connections that there are. */
    public void mute() {
        ways.forEach(way -> way.mute = true);
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ways.forEach(way -> way.end.countDown());
    }
}
