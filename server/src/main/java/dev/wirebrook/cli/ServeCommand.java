package dev.wirebrook.cli;

import dev.wirebrook.app.RunningServer;
import dev.wirebrook.app.ServerSettings;
import dev.wirebrook.app.SettingsCatalog;
import dev.wirebrook.app.SettingsLoader;
import dev.wirebrook.app.Version;
import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingProblem;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** {@code wirebrook dev} and {@code wirebrook serve}. */
@Command
final class ServeCommand implements Callable<Integer> {
    /** The settings that the help shows; the others are flags too. */
    private static final Set<String> SHOWN =
            Set.of(
                    "data-dir",
                    "insecure",
                    "grpc.host",
                    "grpc.port",
                    "http.host",
                    "http.port",
                    "events.schema");

    private final Profile profile;
    private final CommandContext context;
    private final CommandSpec spec;
    private final Map<String, OptionSpec> optionByKey = new LinkedHashMap<>();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML file with settings (default: WIREBROOK_CONFIG, else none).")
    private @Nullable Path config;

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description =
                    "Once the server is ready, written with {\"grpc\": \"host:port\", \"http\": \"host:port\", \"pid\": n}.")
    private @Nullable Path readyFile;

    private ServeCommand(Profile profile, CommandContext context) {
        this.profile = profile;
        this.context = context;
        this.spec = CommandSpec.forAnnotatedObject(this);
    }

    static CommandSpec specification(Profile profile, CommandContext context) {
        ServeCommand command = new ServeCommand(profile, context);
        command.describe();
        SettingsCatalog.ALL.stream()
                .filter(setting -> !setting.isNamed())
                .forEach(command::addOption);
        return command.spec;
    }

    private void describe() {
        String name =
                switch (profile) {
                    case DEVELOPMENT -> "dev";
                    case PRODUCTION -> "serve";
                };
        String description =
                switch (profile) {
                    case DEVELOPMENT ->
                            "Starts a server on this machine, with small files and quick exits. Needs nothing else.";
                    case PRODUCTION ->
                            "Starts a server for production: settings from flags, WIREBROOK_* and a YAML file.";
                };
        spec.name(name);
        spec.usageMessage()
                .description(description)
                .footer(
                        "",
                        "Every setting is a flag: the key with - for ., such as --journal-segment-bytes=64MiB.",
                        "'wirebrook config doc' lists them all.");
    }

    private void addOption(Setting<?> setting) {
        OptionSpec.Builder option =
                OptionSpec.builder(setting.flags().toArray(String[]::new))
                        .type(String.class)
                        .paramLabel("VALUE")
                        .hidden(!SHOWN.contains(setting.key()))
                        .description(
                                setting.doc().replace("%", "%%")
                                        + " Default: "
                                        + (setting.defaultFor(profile).isEmpty()
                                                ? "none."
                                                : setting.defaultFor(profile) + "."));
        if (setting.type().description().equals("true or false")) {
            option.arity("0..1").fallbackValue("true");
        } else {
            option.arity("1");
        }
        OptionSpec built = option.build();
        spec.addOption(built);
        optionByKey.put(setting.key(), built);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ServerSettings settings = settings();
        if (readyFile != null) {
            Files.deleteIfExists(readyFile);
        }
        try (RunningServer server = context.serverLauncher().start(settings)) {
            if (readyFile != null) {
                ReadyFile.write(readyFile, server);
            }
            printBanner(settings, server);
            server.awaitStopped();
        }
        return ExitCodes.OK;
    }

    private ServerSettings settings() {
        Map<String, String> flags = new LinkedHashMap<>();
        optionByKey.forEach((key, option) -> {
            String text = option.getValue();
            if (text != null) {
                flags.put(key, text);
            }
        });
        Optional<Path> file =
                Optional.ofNullable(config)
                        .or(() -> context.environment().find(Environment.CONFIG).map(Path::of));
        try {
            return SettingsLoader.load(profile, file, context.environment(), flags);
        } catch (InvalidSettingsException e) {
            throw refused(e);
        }
    }

    /** What every command says of settings that cannot be used. */
    static CommandFailure refused(InvalidSettingsException e) {
        List<SettingProblem> problems = e.problems();
        return CommandFailure.usage(
                problems.size() == 1
                        ? problems.getFirst().toString()
                        : problems.size()
                                + " problems with the settings\n"
                                + problems.stream()
                                        .map(problem -> "  " + problem)
                                        .collect(Collectors.joining("\n")),
                "All settings: wirebrook config doc");
    }

    private void printBanner(ServerSettings settings, RunningServer server) {
        PrintStream out = context.terminal().out();
        out.println(
                context.terminal().bold("Wirebrook " + Version.current())
                        + " is ready ("
                        + spec.name()
                        + ")");
        out.println("  gRPC  " + ReadyFile.address(server.grpcAddress()));
        out.println(
                "  HTTP  "
                        + (settings.tls().isPresent() ? "https://" : "http://")
                        + ReadyFile.address(server.httpAddress()));
        out.println("  data  " + settings.dataDir().toAbsolutePath().normalize());
        if (profile == Profile.DEVELOPMENT) {
            out.println("  try   wirebrook send AddToCartEvent productId=A1 price=9.99 quantity=2");
            out.println("        wirebrook sql \"select * from events\"");
        }
        out.println("Ctrl-C stops it.");
        out.flush();
    }
}
