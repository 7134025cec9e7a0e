package dev.wirebrook.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.TestIssuer;
import dev.wirebrook.app.RunningServer;
import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys by the command line, and commands with keys. */
@Timeout(60)
class TokenCommandsIT {
    @TempDir private Path folder;

    private Path clients;

    @BeforeEach
    void name() {
        clients = folder.resolve("clients.jsonl");
    }

    private Shell shell() {
        return new Shell(folder);
    }

    private Shell.Result token(String command, String... more) {
        String[] arguments = new String[more.length + 4];
        arguments[0] = "token";
        arguments[1] = command;
        arguments[2] = "--clients";
        arguments[3] = clients.toString();
        System.arraycopy(more, 0, arguments, 4, more.length);
        return shell().run(arguments);
    }

    private String create(String... more) {
        Shell.Result made = token("create", more);
        assertThat(made.err()).startsWith("Key ");
        assertThat(made.exitCode()).isZero();
        return made.out().strip();
    }

    private static String secretOf(String key) {
        return key.substring(key.lastIndexOf('_') + 1);
    }

    // Making, listing, revoking.

    @Test
    void prints_the_key_alone_and_keeps_none_of_its_secret() throws IOException {
        Shell.Result made =
                token(
                        "create",
                        "--name",
                        "till",
                        "--scope",
                        "events:write,events:read",
                        "--tenant",
                        "acme");
        ApiKey key = ApiKey.parse(made.out().strip()).orElseThrow();
        assertThat(made.out()).isEqualTo(key.reveal() + "\n");
        assertThat(made.err()).contains(key.id(), "till").doesNotContain(secretOf(key.reveal()));
        assertThat(Files.readString(clients))
                .contains(
                        "\"name\":\"till\"",
                        "\"tenant\":\"acme\"",
                        "[\"events:write\",\"events:read\"]")
                .doesNotContain(secretOf(key.reveal()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(clients)))
                .isEqualTo("rw-------");
    }

    @Test
    void lists_keys_with_their_state() throws IOException {
        String valid = create("--name", "one", "--scope", "*", "--expires", "90d");
        String revoked = create("--name", "two", "--scope", "sql");
        create("--name", "three", "--scope", "sql", "--expires", "0s");
        Files.writeString(
                clients,
                Files.readString(clients)
                        + "{\"name\":\"four\",\"certificate\":\"spiffe://till\",\"scopes\":[]}\n");
        String id = ApiKey.parse(revoked).orElseThrow().id();
        assertThat(token("revoke", id).err()).contains("Key " + id + " of two is revoked");
        assertThat(token("revoke", id).err()).contains("is revoked since");
        Shell.Result listed = token("list", "-o", "csv");
        assertThat(listed.out().lines())
                .anyMatch(line -> line.contains(",one,") && line.contains(",valid,"))
                .anyMatch(line -> line.contains(",two,") && line.contains(",revoked,"))
                .anyMatch(line -> line.contains(",three,") && line.contains(",expired,"))
                .anyMatch(line -> line.contains(",four,") && line.contains("spiffe://till"));
        assertThat(listed.out()).doesNotContain(secretOf(valid), secretOf(revoked));
    }

    @Test
    void refuses_what_makes_no_key_and_says_what_does() {
        Shell.Result scope = token("create", "--name", "till", "--scope", "event:write");
        assertThat(scope.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(scope.err()).contains("event:write");
        for (Scope known : Scope.values()) {
            assertThat(scope.err()).contains(known.text());
        }
        assertThat(token("create", "--name", "till", "--scope", "sql", "--expires", "soon").err())
                .contains("--expires", "as in 15s");
        assertThat(token("create", "--name", " ", "--scope", "sql").err()).contains("--name");
        assertThat(token("create", "--name", "till", "--scope", "sql", "--tenant", "acme").err())
                .contains("--scope: sql is about all tenants", "without --tenant");
        assertThat(clients).doesNotExist();
        Shell.Result where = shell().run("token", "create", "--name", "till", "--scope", "sql");
        assertThat(where.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(where.err()).contains("--clients FILE");
        Shell.Result none = token("list");
        assertThat(none.err()).contains(clients + ": there is no such file");
    }

    @Test
    void a_tenant_that_is_not_a_name_makes_no_key() {
        for (String tenant :
                new String[] {"", " ", "acme.", ".acme", "a..b", "ac me", "webhook/shop"}) {
            Shell.Result refused =
                    token(
                            "create",
                            "--name",
                            "till",
                            "--scope",
                            "events:write",
                            "--tenant",
                            tenant);
            assertThat(refused.exitCode()).isEqualTo(ExitCodes.USAGE);
            assertThat(refused.err())
                    .contains("--tenant is not a valid name of a tenant; expected", "acme.eu")
                    .contains("Leave the option out");
        }
        for (String scope : new String[] {"", ","}) {
            assertThat(token("create", "--name", "till", "--scope", scope).exitCode())
                    .isEqualTo(ExitCodes.USAGE);
        }
        assertThat(token("create", "--name", "\u00a0", "--scope", "sql").exitCode())
                .isEqualTo(ExitCodes.USAGE);
        assertThat(clients).doesNotExist();
    }

    @Test
    void warns_when_a_tenant_shares_its_events_with_another() {
        assertThat(createTenant("acme.eu")).doesNotContain("Warning");
        assertThat(createTenant("acme.eu")).doesNotContain("Warning");
        assertThat(createTenant("acme-us")).doesNotContain("Warning");
        assertThat(createTenant("ac")).doesNotContain("Warning");
        assertThat(createTenant("acme"))
                .contains(
                        "Warning: tenant acme sends and reads the events of the existing tenant acme.eu")
                .doesNotContain("acme-us");
        assertThat(createTenant("acme.eu.north"))
                .contains("tenant acme sends and reads the events of the new tenant acme.eu.north")
                .contains("tenant acme.eu sends and reads")
                .contains("acme-eu-north");
        assertThat(shell().run("token", "create", "--help").out())
                .containsPattern("acme\\s+sends\\s+and\\s+reads\\s+the\\s+events\\s+of\\s+acme.eu");
    }

    private String createTenant(String tenant) {
        Shell.Result made =
                token("create", "--name", "till", "--scope", "events:write", "--tenant", tenant);
        assertThat(made.exitCode()).isZero();
        assertThat(ApiKey.parse(made.out().strip())).isPresent();
        return made.err();
    }

    @Test
    void revokes_only_what_is_there() {
        create("--name", "till", "--scope", "sql");
        Shell.Result none = token("revoke", "nobody");
        assertThat(none.exitCode()).isEqualTo(ExitCodes.FAILED);
        assertThat(none.err()).contains("wirebrook token list");
    }

    @Test
    void the_help_names_every_scope() {
        String help = shell().run("token", "create", "--help").out();
        for (Scope scope : Scope.values()) {
            assertThat(help).contains(scope.text());
        }
    }

    // Looking.

    @Test
    void shows_a_token_without_its_signature() {
        TestIssuer issuer = new TestIssuer("one", TestIssuer.Kind.EdDSA);
        String token = issuer.token(_ -> {});
        Shell.Result shown = shell().input(token + "\n").run("token", "inspect");
        assertThat(shown.exitCode()).isZero();
        assertThat(shown.out())
                .contains("\"alg\": \"EdDSA\"", "\"sub\": \"till\"")
                .containsPattern("exp \\S+Z, in [45]m")
                .doesNotContain(token.substring(token.lastIndexOf('.') + 1));
        String old =
                issuer.token(claims ->
                        claims.addProperty("exp", Instant.now().getEpochSecond() - 3_600));
        assertThat(shell().run("token", "inspect", old).out())
                .containsPattern("exp \\S+Z, 1h.* ago");
    }

    @Test
    void says_whether_a_server_would_take_it() throws IOException {
        TestIssuer issuer = new TestIssuer("one", TestIssuer.Kind.EdDSA);
        String jwks =
                Files.writeString(folder.resolve("jwks.json"), TestIssuer.jwks(issuer)).toString();
        String token = issuer.token(_ -> {});
        Shell.Result good =
                shell().run(
                                "token",
                                "inspect",
                                token,
                                "--jwks",
                                jwks,
                                "--audience",
                                TestIssuer.AUDIENCE);
        assertThat(good.err()).isEmpty();
        assertThat(good.out()).contains("good: it is till, with scopes *");
        Shell.Result other =
                shell().run("token", "inspect", token, "--jwks", jwks, "--audience", "other");
        assertThat(other.exitCode()).isEqualTo(ExitCodes.FAILED);
        assertThat(other.err()).contains("another audience");
        Shell.Result half = shell().run("token", "inspect", token, "--jwks", jwks);
        assertThat(half.exitCode()).isEqualTo(ExitCodes.USAGE);

        String tenant = issuer.token(claims -> claims.addProperty("org", ""));
        Shell.Result empty =
                shell().run(
                                "token",
                                "inspect",
                                tenant,
                                "--jwks",
                                jwks,
                                "--audience",
                                TestIssuer.AUDIENCE,
                                "--tenant-claim",
                                "org");
        assertThat(empty.exitCode()).isEqualTo(ExitCodes.FAILED);
        assertThat(empty.err()).contains("claim \"org\" is not a valid name of a tenant");

        String key = create("--name", "till", "--scope", "events:read", "--tenant", "acme");
        Shell.Result known = token("inspect", key);
        assertThat(known.out())
                .contains("good: it is till of acme, with scopes events:read")
                .doesNotContain(secretOf(key));
        String id = ApiKey.parse(key).orElseThrow().id();
        assertThat(token("revoke", id).exitCode()).isZero();
        Shell.Result gone = token("inspect", key);
        assertThat(gone.exitCode()).isEqualTo(ExitCodes.FAILED);
        assertThat(gone.err()).contains("revoked").doesNotContain(secretOf(key));
    }

    @Test
    void does_not_quote_what_it_cannot_read() {
        Shell.Result garbage = shell().run("token", "inspect", "hunter2.hunter2.hunter2");
        assertThat(garbage.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(garbage.err()).contains("neither an API key nor a token");
        assertThat(garbage.err() + garbage.out()).doesNotContain("hunter2");
    }

    // Calling.

    @Test
    void commands_send_a_token_and_say_what_to_do_without() throws IOException {
        String key = create("--name", "till", "--scope", "admin:read");
        try (RunningServer server =
                Shell.startServer(
                        folder.resolve("data"),
                        0,
                        Map.of("auth.clients", clients.toString(), "auth.look-every", "20ms"))) {
            String target = "127.0.0.1:" + server.grpcAddress().getPort();
            Shell.Result none = shell().run("status", "--server", target);
            assertThat(none.exitCode()).isEqualTo(64 + 16);
            assertThat(none.err()).contains("needs a token", "--token-file", "token create");
            Path file = Files.writeString(folder.resolve("key"), key + "\n");
            for (Shell.Result known :
                    new Shell.Result[] {
                        shell().run("status", "--server", target, "--token", key),
                        shell().run("status", "--server", target, "--token-file", file.toString()),
                        shell().with("WIREBROOK_TOKEN", key).run("status", "--server", target)
                    }) {
                assertThat(known.err()).isEmpty();
                assertThat(known.out()).startsWith("SERVING");
            }
            Shell.Result denied =
                    shell().run("sql", "--server", target, "--token", key, "select 1");
            assertThat(denied.exitCode()).isEqualTo(64 + 7);
            assertThat(denied.err())
                    .contains("scope sql", "token create --scope")
                    .doesNotContain(secretOf(key));
            assertThat(shell().run("health", "--server", target).exitCode()).isZero();
            assertThat(token("revoke", ApiKey.parse(key).orElseThrow().id()).exitCode()).isZero();
            await().untilAsserted(() ->
                    assertThat(shell().run("status", "--server", target, "--token", key).err())
                            .contains("revoked"));
        }
    }

    @Test
    void refuses_tokens_that_are_none_or_would_be_read_on_the_way() throws IOException {
        Shell.Result clear =
                shell().run("status", "--server", "events.example:8017", "--token", "t");
        assertThat(clear.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(clear.err()).contains("in clear text");
        Path file = Files.writeString(folder.resolve("key"), "hunter 2");
        Shell.Result none = shell().run("status", "--token-file", file.toString());
        assertThat(none.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(none.err()).contains("characters that no token has").doesNotContain("hunter");
        assertThat(shell().run("status", "--token", "t", "--token-file", file.toString()).err())
                .contains("give one");
        assertThat(shell().run("status", "--token-file", folder + "/none").err())
                .contains("there is no such file");
    }
}
