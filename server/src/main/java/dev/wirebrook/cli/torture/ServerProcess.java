package dev.wirebrook.cli.torture;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, on the same program as this one. */
final class ServerProcess implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final String grpcAddress;
    private final String httpAddress;

    private ServerProcess(Process process, JsonObject ready) {
        this.process = process;
        grpcAddress = ready.get("grpc").getAsString();
        httpAddress = ready.get("http").getAsString();
    }

    /**
     * Starts a server and waits until it is ready.
     *
     * @param directory holds its data, its ready file and its log
     * @param grpcPort 0: any
     */
    static ServerProcess start(Path directory, int grpcPort, List<String> options)
            throws IOException, InterruptedException {
        return start(directory, grpcPort, List.of(), options);
    }

    /**
     * Starts a server and waits until it is ready.
     *
     * @param jvmOptions beside those of this process; a later one of two counts
     */
    static ServerProcess start(
            Path directory, int grpcPort, List<String> jvmOptions, List<String> options)
            throws IOException, InterruptedException {
        Path readyFile = directory.resolve("ready.json");
        Files.deleteIfExists(readyFile);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(jvmOptions);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), "dev.wirebrook.Main", "dev"));
        command.addAll(List.of("--data-dir", directory.resolve("data").toString()));
        command.addAll(List.of("--grpc-port", Integer.toString(grpcPort), "--http-port", "0"));
        command.addAll(List.of("--ready-file", readyFile.toString()));
        command.addAll(options);
        Path log = directory.resolve("server.log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        try {
            return new ServerProcess(process, awaitReady(process, readyFile, log));
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static JsonObject awaitReady(Process process, Path readyFile, Path log)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_PATIENCE.toNanos();
        while (!Files.exists(readyFile) || Files.size(readyFile) == 0) {
            if (process.waitFor(10, TimeUnit.MILLISECONDS)) {
                throw new IOException(
                        "the server ended with exit code "
                                + process.exitValue()
                                + "; its log is "
                                + log);
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "the server was not ready within "
                                + START_PATIENCE
                                + "; its log is "
                                + log);
            }
        }
        return JsonParser.parseString(Files.readString(readyFile)).getAsJsonObject();
    }

    String grpcAddress() {
        return grpcAddress;
    }

    String httpAddress() {
        return httpAddress;
    }

    int grpcPort() {
        return Integer.parseInt(grpcAddress.substring(grpcAddress.lastIndexOf(':') + 1));
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it without a warning, as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /**
     * Asks it to end, as SIGTERM does.
     *
     * @return its exit code
     */
    int terminate() throws InterruptedException {
        process.destroy();
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
