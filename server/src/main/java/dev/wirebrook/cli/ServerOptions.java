package dev.wirebrook.cli;

import dev.wirebrook.app.config.Environment;
import dev.wirebrook.client.WirebrookClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which server a command talks to. */
public final class ServerOptions {
    private static final String FLAG = "--server";
    private static final String DEFAULT = "localhost:8017";

    private final CommandContext context;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = FLAG,
            paramLabel = "HOST:PORT",
            description =
                    "The server's gRPC address (default: WIREBROOK_SERVER, else localhost:8017).")
    private @Nullable String server;

    @Option(
            names = "--tls",
            description = "Speaks TLS with a server whose certificate Java's authorities know.")
    private boolean tls;

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = "Speaks TLS with a server that the authorities in this PEM file know.")
    private @Nullable Path authorities;

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = "Certificate to present, in PEM; with --key.")
    private @Nullable Path certificate;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "Its private key: PEM, PKCS #8, not encrypted.")
    private @Nullable Path key;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description =
                    "API key or token (JWT) to send (default: WIREBROOK_TOKEN, else none). Others on this machine can see it here.")
    private @Nullable String token;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "File with the token to send.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--token-in-clear-text",
            description = "Sends the token without TLS to other machines too.")
    private boolean tokenInClearText;

    public ServerOptions(CommandContext context) {
        this.context = context;
    }

    /** Where the calls go. */
    public String target() {
        return server != null
                ? server
                : context.environment().find(Environment.SERVER).orElse(DEFAULT);
    }

    /** A client that fails at once when the server cannot be reached. */
    public WirebrookClient connect() {
        try {
            return builder().build();
        } catch (IllegalArgumentException e) {
            throw refusal(String.valueOf(e.getMessage()));
        }
    }

    /** For commands that set more than the address. */
    public WirebrookClient.Builder builder() {
        WirebrookClient.Builder builder = WirebrookClient.builder().target(target());
        if (tls) {
            builder.tls();
        }
        if (authorities != null) {
            builder.trust(authorities);
        }
        if (certificate != null && key != null) {
            builder.identity(certificate, key);
        } else if (certificate != null || key != null) {
            throw refusal("--cert and --key go together: give both");
        }
        if (tokenInClearText) {
            builder.tokenInClearText();
        }
        try {
            token().ifPresent(builder::token);
        } catch (IllegalArgumentException e) {
            throw refusal(String.valueOf(e.getMessage()));
        }
        return builder;
    }

    private Optional<String> token() {
        if (token != null && tokenFile != null) {
            throw refusal("--token and --token-file are two tokens: give one");
        }
        if (tokenFile == null) {
            return Optional.ofNullable(token)
                    .or(() -> context.environment().find(Environment.TOKEN));
        }
        try {
            return Optional.of(Files.readString(tokenFile).strip());
        } catch (IOException e) {
            throw refusal("--token-file " + FileFailures.describe(e));
        }
    }

    private ParameterException refusal(String message) {
        return new ParameterException(Objects.requireNonNull(command).commandLine(), message);
    }

    /** The address that a command was to talk to, when it was to talk to any. */
    static Optional<String> targetOf(CommandSpec command) {
        OptionSpec option = command.findOption(FLAG);
        return option != null && option.userObject() instanceof java.lang.reflect.Field
                ? command.mixins().values().stream()
                        .map(CommandSpec::userObject)
                        .filter(ServerOptions.class::isInstance)
                        .map(options -> ((ServerOptions) options).target())
                        .findFirst()
                : Optional.empty();
    }
}
