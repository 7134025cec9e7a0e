package dev.wirebrook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.TestAuthority;
import dev.wirebrook.TestAuthority.Issued;
import dev.wirebrook.app.RunningServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees whose command and server do not speak the same. */
@Timeout(60)
class TlsCommandsIT {
    @TempDir private Path folder;

    private Shell.Result status(RunningServer server, String... more) {
        String[] arguments = new String[more.length + 1];
        arguments[0] = "status";
        System.arraycopy(more, 0, arguments, 1, more.length);
        return new Shell(folder)
                .with("WIREBROOK_SERVER", "localhost:" + server.grpcAddress().getPort())
                .run(arguments);
    }

    @Test
    void says_what_a_server_with_tls_wants() {
        TestAuthority authority = new TestAuthority(folder, "authority");
        Issued own = authority.issue("dns:localhost");
        Issued till = authority.issue("dns:till");
        String ca = authority.certificate().toString();
        String certificate = till.certificate().toString();
        String key = till.key().toString();
        try (RunningServer server =
                Shell.startServer(
                        folder.resolve("data"),
                        0,
                        Map.of(
                                "tls.certificate", own.certificate().toString(),
                                "tls.key", own.key().toString(),
                                "tls.client-authorities", ca))) {
            assertThat(status(server).err()).contains("closed the connection", "--cacert");
            assertThat(status(server, "--tls").err())
                    .contains("signed by nobody known here", "--cacert FILE");
            assertThat(status(server, "--cacert", ca).err()).contains("--cert and --key");
            Shell.Result half = status(server, "--cacert", ca, "--cert", certificate);
            assertThat(half.exitCode()).isEqualTo(ExitCodes.USAGE);
            assertThat(half.err()).contains("--cert and --key go together");
            assertThat(status(server, "--cacert", key).err()).contains("holds no certificate");
            Shell.Result whole =
                    status(server, "--cacert", ca, "--cert", certificate, "--key", key);
            assertThat(whole.err()).isEmpty();
            assertThat(whole.out()).startsWith("SERVING");
        }
    }

    @Test
    void says_that_a_server_has_no_tls_or_another_name() {
        TestAuthority authority = new TestAuthority(folder, "authority");
        Issued other = authority.issue("dns:events.example");
        String ca = authority.certificate().toString();
        try (RunningServer plain = Shell.startServer(folder.resolve("plain"), 0)) {
            assertThat(status(plain, "--cacert", ca).err()).contains("speaks plain text");
        }
        try (RunningServer server =
                Shell.startServer(
                        folder.resolve("data"),
                        0,
                        Map.of(
                                "tls.certificate", other.certificate().toString(),
                                "tls.key", other.key().toString()))) {
            assertThat(status(server, "--cacert", ca).err()).contains("is for another name");
        }
    }
}
