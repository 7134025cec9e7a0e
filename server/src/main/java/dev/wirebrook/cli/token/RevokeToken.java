package dev.wirebrook.cli.token;

import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.Client;
import dev.wirebrook.auth.ClientsFile;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.ExitCodes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code wirebrook token revoke}. */
@Command(
        name = "revoke",
        description =
                "Revokes an API key: a running server refuses new calls with it within auth.look-every.")
final class RevokeToken implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ClientsOption clients;

    @Parameters(
            paramLabel = "ID",
            description = "The key's id: what stands between wb_ and the next _.")
    private String id = "";

    RevokeToken(CommandContext context) {
        this.context = context;
        clients = new ClientsOption(context);
    }

    @Override
    public Integer call() throws IOException {
        Path file = clients.file();
        String named = ApiKey.parse(id).map(ApiKey::id).orElse(id);
        Optional<Client.OfKey> before =
                new ClientsFile(file).revoke(named, Instant.now().truncatedTo(ChronoUnit.SECONDS));
        if (before.isEmpty()) {
            throw CommandFailure.failed(
                    "no key in " + file + " has this id",
                    "wirebrook token list names those there are");
        }
        context.terminal()
                .note(
                        before.get()
                                .revoked()
                                .map(since -> "Key %s is revoked since %s".formatted(named, since))
                                .orElse(
                                        "Key %s of %s is revoked"
                                                .formatted(
                                                        named, before.get().principal().name())));
        return ExitCodes.OK;
    }
}
