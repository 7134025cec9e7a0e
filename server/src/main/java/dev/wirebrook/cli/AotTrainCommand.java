package dev.wirebrook.cli;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.app.RunningServer;
import dev.wirebrook.app.SettingsLoader;
import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import dev.wirebrook.client.EventBatch;
import dev.wirebrook.client.IngestOptions;
import dev.wirebrook.client.IngestSession;
import dev.wirebrook.client.WirebrookClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code wirebrook aot-train}: does once what servers and commands do first, so that the launcher's
 * AOT cache holds the classes and profiles for it. Not for people.
 */
@Command(name = "aot-train", hidden = true, description = "Trains the AOT cache of the launcher.")
final class AotTrainCommand implements Callable<Integer> {
    private static final int CALLS = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final CommandContext context;

    AotTrainCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, InterruptedException, InvalidSettingsException {
        Path directory = Files.createTempDirectory("wirebrook-aot");
        try (RunningServer server =
                context.serverLauncher()
                        .start(
                                SettingsLoader.load(
                                        Profile.DEVELOPMENT,
                                        Optional.empty(),
                                        new Environment(Map.of()),
                                        Map.of(
                                                "data-dir",
                                                directory.toString(),
                                                "grpc.port",
                                                "0",
                                                "http.port",
                                                "0")))) {
            String grpc = ReadyFile.address(server.grpcAddress());
            try (WirebrookClient client = WirebrookClient.builder().target(grpc).build()) {
                useEvents(client);
            }
            useProbes("http://" + ReadyFile.address(server.httpAddress()));
            useCommands(grpc);
        } finally {
            delete(directory);
        }
        return ExitCodes.OK;
    }

    private static void useEvents(WirebrookClient client) throws InterruptedException {
        for (int i = 0; i < CALLS; i++) {
            client.events().dispatch(batch(i));
        }
        try (IngestSession session =
                client.ingest(IngestOptions.DEFAULT.withDuplicatesReported())) {
            for (int i = 0; i < CALLS; i++) {
                var _ = session.send(EventBatch.of(batch(CALLS + i)));
            }
            session.awaitAnswers();
        }
        client.admin().awaitStored(0, PATIENCE);
        client.admin().status();
    }

    private static void useProbes(String address) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (String path : List.of("/livez", "/readyz?verbose", "/metrics", "/heartbeat/")) {
                http.send(
                        HttpRequest.newBuilder(URI.create(address + path)).build(),
                        HttpResponse.BodyHandlers.discarding());
            }
        }
    }

    private void useCommands(String grpc) {
        WirebrookCommandLine commands = new WirebrookCommandLine(context);
        commands.run("version");
        commands.run("health", "--server", grpc);
        commands.run(
                "sql", "select event_type, count(*) from events group by all", "--server", grpc);
    }

    private static Events batch(int number) {
        return Events.newBuilder()
                .setHeader(Header.newBuilder().setUserId(7).setSessionId("train"))
                .addEvents(
                        Event.newBuilder()
                                .setId("train-" + number)
                                .setTimestamp("2026-01-02T03:04:05Z")
                                .setAddToCartEvent(
                                        AddToCartEvent.newBuilder()
                                                .setProductId("A1")
                                                .setPrice(1.5)))
                .build();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
