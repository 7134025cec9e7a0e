package dev.wirebrook.cli.token;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.wirebrook.app.config.Durations;
import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.AuthSources;
import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.TokenRules;
import dev.wirebrook.auth.Verdict;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.failure.Failure;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wirebrook token inspect}. */
@Command(
        name = "inspect",
        description = {
            "Shows what an API key or a token (JWT) says, without its secret part.",
            "With --clients, or --jwks and --audience, also whether a server would take it. Exit code 1: it would not."
        })
final class InspectToken implements Callable<Integer> {
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(30);
    private static final List<String> TIMES = List.of("iat", "nbf", "exp");
    private static final int INPUT_BYTES_MAX = 1 << 20;

    private final CommandContext context;

    @Mixin private final ClientsOption clients;

    @Option(
            names = "--jwks",
            paramLabel = "FILE",
            description = "Keys to check a token's signature by, as in auth.jwks.")
    private @Nullable Path jwks;

    @Option(
            names = "--audience",
            paramLabel = "NAME",
            description = "What it has to name in its aud, as in auth.audience.")
    private String audience = "";

    @Option(
            names = "--issuer",
            paramLabel = "NAME",
            description = "What it has to have as its iss, as in auth.issuer (default: anything).")
    private String issuer = "";

    @Option(
            names = "--tenant-claim",
            paramLabel = "NAME",
            defaultValue = "tenant",
            description =
                    "The claim that names the tenant, as in auth.tenant-claim (default: tenant).")
    private String tenantClaim = "tenant";

    @Parameters(
            paramLabel = "TOKEN",
            arity = "0..1",
            description = "The key or token (default: what comes in on standard input).")
    private @Nullable String token;

    InspectToken(CommandContext context) {
        this.context = context;
        clients = new ClientsOption(context);
    }

    @Override
    public Integer call() throws IOException {
        String text = token == null ? read() : token.strip();
        Optional<ApiKey> key = ApiKey.parse(text);
        if (key.isPresent()) {
            out().println("API key " + key.get().id());
            return clients.find().isEmpty()
                    ? ExitCodes.OK
                    : judge(
                            text,
                            new AuthSources(
                                    clients.find(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    Optional.empty()));
        }
        show(text);
        if (jwks == null) {
            return ExitCodes.OK;
        }
        if (audience.isEmpty()) {
            throw CommandFailure.usage("--jwks needs --audience", "Give what auth.audience is.");
        }
        if (tenantClaim.isBlank()) {
            throw CommandFailure.usage(
                    "--tenant-claim is empty", "Give what auth.tenant-claim is, or leave it out.");
        }
        return judge(
                text,
                new AuthSources(
                        Optional.empty(),
                        Optional.of(jwks),
                        Optional.empty(),
                        Optional.of(new TokenRules(issuer, audience, CLOCK_SKEW, tenantClaim))));
    }

    private PrintStream out() {
        return context.terminal().out();
    }

    private String read() throws IOException {
        return new String(
                        context.terminal().in().readNBytes(INPUT_BYTES_MAX), StandardCharsets.UTF_8)
                .strip();
    }

    private void show(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            throw notAToken();
        }
        JsonObject claims = decoded(parts[1]);
        var pretty = new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
        out().println("header " + pretty.toJson(decoded(parts[0])));
        out().println("claims " + pretty.toJson(claims));
        TIMES.forEach(name -> showTime(name, claims.get(name)));
    }

    private static JsonObject decoded(String part) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            if (JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8))
                    instanceof JsonObject object) {
                return object;
            }
        } catch (IllegalArgumentException | JsonParseException e) {
            // Its message may quote the token.
        }
        throw notAToken();
    }

    private static CommandFailure notAToken() {
        return CommandFailure.usage(
                "this is neither an API key nor a token (JWT)",
                "A key begins with wb_; a token has three parts with a point between each.");
    }

    private void showTime(String name, @Nullable JsonElement seconds) {
        if (!(seconds instanceof JsonPrimitive number && number.isNumber())) {
            return;
        }
        try {
            Instant time = Instant.ofEpochSecond(number.getAsLong());
            Duration away =
                    Duration.between(Instant.now(), time).abs().truncatedTo(ChronoUnit.SECONDS);
            out().println(
                            "%s %s, %s"
                                    .formatted(
                                            name,
                                            time,
                                            time.isBefore(Instant.now())
                                                    ? Durations.format(away) + " ago"
                                                    : "in " + Durations.format(away)));
        } catch (DateTimeException | NumberFormatException e) {
            out().println(name + " is no time");
        }
    }

    private int judge(String text, AuthSources sources) throws IOException {
        try (Authenticator authenticator = Authenticator.once(sources, InstantSource.system())) {
            return switch (authenticator.authenticate(Optional.of("Bearer " + text), "")) {
                case Verdict.Allowed allowed -> {
                    Principal principal = allowed.principal();
                    out().println(
                                    "good: it is %s%s, with scopes %s"
                                            .formatted(
                                                    principal.name(),
                                                    principal.tenant().isEmpty()
                                                            ? ""
                                                            : " of " + principal.tenant(),
                                                    ListTokens.scopes(principal)));
                    yield ExitCodes.OK;
                }
                case Verdict.Refused(Failure.Unauthenticated failure) ->
                        throw CommandFailure.failed(failure.message(), "");
            };
        }
    }
}
