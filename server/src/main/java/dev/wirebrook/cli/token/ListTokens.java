package dev.wirebrook.cli.token;

import dev.wirebrook.auth.Client;
import dev.wirebrook.auth.ClientsFile;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.cli.output.RowWriter.Column;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code wirebrook token list}. */
@Command(name = "list", description = "Lists the keys and certificates in the file of clients.")
final class ListTokens implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ClientsOption clients;
    @Mixin private final OutputOptions output = new OutputOptions();

    ListTokens(CommandContext context) {
        this.context = context;
        clients = new ClientsOption(context);
    }

    @Override
    public Integer call() throws IOException {
        RowWriter writer = output.writer(context.terminal());
        writer.columns(
                List.of(
                        Column.text("id"),
                        Column.text("name"),
                        Column.text("tenant"),
                        Column.text("scopes"),
                        Column.text("state"),
                        Column.text("created"),
                        Column.text("expires"),
                        Column.text("certificate")));
        Instant now = Instant.now();
        for (Client client : new ClientsFile(clients.file()).read().all()) {
            Principal principal = client.principal();
            switch (client) {
                case Client.OfKey key ->
                        writer.row(
                                key.id(),
                                principal.name(),
                                principal.tenant(),
                                scopes(principal),
                                state(key, now),
                                key.created().toString(),
                                key.expires().map(Instant::toString).orElse(""),
                                "");
                case Client.OfCertificate certified ->
                        writer.row(
                                "",
                                principal.name(),
                                principal.tenant(),
                                scopes(principal),
                                "valid",
                                "",
                                "",
                                certified.certificate());
            }
        }
        writer.end();
        return ExitCodes.OK;
    }

    static String scopes(Principal principal) {
        return principal.scopes().stream().map(Scope::text).collect(Collectors.joining(","));
    }

    static String state(Client.OfKey key, Instant now) {
        if (key.revoked().isPresent()) {
            return "revoked";
        }
        return key.expires().isPresent() && !now.isBefore(key.expires().get())
                ? "expired"
                : "valid";
    }
}
