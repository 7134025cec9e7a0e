package dev.wirebrook.app;

import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.Profile;
import dev.wirebrook.client.WirebrookClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A whole server in this process, on free ports, and a client to it. */
final class TestNode implements AutoCloseable {
    private final Node node;
    private final WirebrookClient client;

    private TestNode(Node node) {
        this.node = node;
        this.client = newClient();
    }

    /**
     * @param settings beside the defaults of development
     */
    static TestNode start(Path dataDir, Map<String, String> settings) {
        return start(dataDir, settings, Map.of());
    }

    /**
     * @param environment variables
     */
    static TestNode start(
            Path dataDir, Map<String, String> settings, Map<String, String> environment) {
        Map<String, String> flags = new HashMap<>(settings);
        flags.put("data-dir", dataDir.toString());
        flags.put("grpc.port", "0");
        flags.put("http.port", "0");
        try {
            return new TestNode(
                    Node.start(
                            SettingsLoader.load(
                                    Profile.DEVELOPMENT,
                                    Optional.empty(),
                                    new Environment(environment),
                                    flags)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    WirebrookClient newClient() {
        return WirebrookClient.builder().target(target()).retries(false).build();
    }

    Node node() {
        return node;
    }

    WirebrookClient client() {
        return client;
    }

    String target() {
        return "127.0.0.1:" + node.grpcAddress().getPort();
    }

    String http() {
        return "http://127.0.0.1:" + node.httpAddress().getPort();
    }

    /**
     * The value of a series of /metrics now; 0 when it is not there.
     *
     * @param series with its labels, such as {@code calls_total{code="OK"}}
     */
    double metric(String series) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(http() + "/metrics")).build(),
                            BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(series + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        client.close();
        node.close();
    }
}
