package dev.wirebrook.bench.market;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A {@link FanOutServer} in a process of its own, with the options that servers here run with. */
record StartedServer(Process process, InetSocketAddress address) implements AutoCloseable {
    private static final List<String> OPTIONS =
            List.of(
                    "-Xmx1g",
                    "-XX:+UseParallelGC",
                    "-XX:+UseCompactObjectHeaders",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow");

    static StartedServer of(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.addAll(OPTIONS);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(FanOutServer.class.getName());
        command.addAll(arguments);
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String line =
                new BufferedReader(
                                new InputStreamReader(
                                        process.getInputStream(), StandardCharsets.UTF_8))
                        .readLine();
        if (line == null) {
            throw new IOException("the server did not start");
        }
        return new StartedServer(process, Addresses.of(line.substring(line.indexOf(' ') + 1)));
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
