package dev.wirebrook.cli;

import dev.wirebrook.app.RunningServer;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Tells scripts that a server is ready, and where. */
final class ReadyFile {
    private ReadyFile() {}

    /** Whoever sees the file sees all of it. */
    static void write(Path file, RunningServer server) throws IOException {
        String content =
                "{\"grpc\": \"%s\", \"http\": \"%s\", \"pid\": %d}%n"
                        .formatted(
                                address(server.grpcAddress()),
                                address(server.httpAddress()),
                                ProcessHandle.current().pid());
        Path absolute = file.toAbsolutePath();
        Path unfinished = absolute.resolveSibling("." + absolute.getFileName() + ".new");
        Files.writeString(unfinished, content);
        Files.move(
                unfinished,
                absolute,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** As a client on this machine would write it: the wildcard address becomes loopback. */
    static String address(InetSocketAddress bound) {
        if (bound.getAddress() == null || bound.getAddress().isAnyLocalAddress()) {
            return "127.0.0.1:" + bound.getPort();
        }
        String host = bound.getAddress().getHostAddress();
        return (bound.getAddress() instanceof Inet6Address ? "[" + host + "]" : host)
                + ":"
                + bound.getPort();
    }
}
