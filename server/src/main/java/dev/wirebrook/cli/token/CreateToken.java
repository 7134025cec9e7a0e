package dev.wirebrook.cli.token;

import dev.wirebrook.app.config.Durations;
import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.Client;
import dev.wirebrook.auth.Clients;
import dev.wirebrook.auth.ClientsFile;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.auth.TenantName;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.ExitCodes;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wirebrook token create}. */
@Command(
        name = "create",
        description = {
            "Makes an API key, adds it to the file of clients, and prints it this once.",
            "A running server takes it within auth.look-every. Only a hash of the key is kept."
        })
final class CreateToken implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ClientsOption clients;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            description = "Who is to use it.")
    private String name = "";

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            required = true,
            split = ",",
            description =
                    "What it may do: events:write, events:read, market:read, market:publish, admin:read, admin:write, sql, reflection, or * for all. Several: separated by commas, or the option again.")
    private List<String> scopes = List.of();

    @Option(
            names = "--tenant",
            paramLabel = "TENANT",
            description =
                    "For whom its calls are: its events' clientId is TENANT or begins with 'TENANT.', and it sees no others (default: none). Letters, digits, '-' and '_', with single dots between them. A dot makes a tenant below another: acme sends and reads the events of acme.eu too, so give tenants that have nothing to do with each other names like acme and acme-eu.")
    private @Nullable String tenant;

    @Option(
            names = "--expires",
            paramLabel = "DURATION",
            description = "After which it ends, such as 90d (default: never).")
    private @Nullable String expires;

    CreateToken(CommandContext context) {
        this.context = context;
        clients = new ClientsOption(context);
    }

    @Override
    public Integer call() throws IOException {
        Path file = clients.file();
        Set<Scope> known = scopes();
        String ofTenant = tenant();
        if (!Principal.isName(name)) {
            throw CommandFailure.usage(
                    "--name is empty, or has characters that cannot be seen", "");
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Optional<Instant> end = end(now);
        ApiKey key = ApiKey.random(new SecureRandom());
        ClientsFile clientsFile = new ClientsFile(file);
        clientsFile.append(
                new Client.OfKey(
                        new Principal(name, ofTenant, known),
                        key.id(),
                        key.digest(),
                        now,
                        end,
                        Optional.empty()));
        warnOfOverlap(ofTenant, clientsFile.read());
        context.terminal()
                .note(
                        "Key %s of %s is in %s, %s. It is shown this once:"
                                .formatted(
                                        key.id(),
                                        name,
                                        file,
                                        end.map(time -> "until " + time).orElse("without an end")));
        context.terminal().out().println(key.reveal());
        return ExitCodes.OK;
    }

    /** The tenant; empty when the option was not given. */
    private String tenant() {
        if (tenant == null) {
            return "";
        }
        if (!TenantName.isValid(tenant)) {
            throw CommandFailure.usage(
                    "--tenant is not a valid name of a tenant; expected " + TenantName.EXPECTED,
                    "Leave the option out for a client without a tenant.");
        }
        return tenant;
    }

    /** Names the other tenants of the file whose events this one shares, because of its name. */
    private void warnOfOverlap(String ofTenant, Clients all) {
        if (ofTenant.isEmpty()) {
            return;
        }
        Set<String> others = new TreeSet<>();
        all.all().forEach(client -> others.add(client.principal().tenant()));
        others.stream()
                .filter(other -> TenantName.isAbove(ofTenant, other))
                .forEach(other ->
                        warnOfOverlap(
                                ofTenant,
                                "the existing tenant " + other,
                                "a name that no other tenant has before a dot"));
        others.stream()
                .filter(other -> !other.isEmpty() && TenantName.isAbove(other, ofTenant))
                .forEach(other ->
                        warnOfOverlap(
                                other,
                                "the new tenant " + ofTenant,
                                "a name without the dot, such as " + ofTenant.replace('.', '-')));
    }

    private void warnOfOverlap(String upper, String lower, String instead) {
        context.terminal()
                .note(
                        "Warning: tenant %s sends and reads the events of %s too, because client ids that begin with \"%s.\" are its own. If that is not intended, revoke this key and choose %s."
                                .formatted(upper, lower, upper, instead));
    }

    private Set<Scope> scopes() {
        try {
            Set<Scope> known = EnumSet.noneOf(Scope.class);
            scopes.forEach(text -> known.add(Scope.known(text)));
            Optional<Scope> ofAll =
                    known.stream().filter(scope -> !scope.isForTenants()).findFirst();
            if (known.isEmpty()) {
                throw new IllegalArgumentException("is empty; expected at least one scope");
            }
            if (tenant != null && ofAll.isPresent()) {
                throw new IllegalArgumentException(
                        "%s is about all tenants: make another key for it, without --tenant"
                                .formatted(ofAll.get().text()));
            }
            return known;
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("--scope: " + e.getMessage(), "");
        }
    }

    private Optional<Instant> end(Instant now) {
        try {
            return Optional.ofNullable(expires).map(text -> now.plus(Durations.parse(text)));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("--expires: " + e.getMessage(), "");
        }
    }
}
