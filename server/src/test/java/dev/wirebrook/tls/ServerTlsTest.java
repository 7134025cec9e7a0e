package dev.wirebrook.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.LogCollector;
import dev.wirebrook.TestAuthority;
import dev.wirebrook.TestAuthority.Issued;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTlsTest {
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    @TempDir private static Path certified;
    private static TestAuthority authority;
    private static Issued first;
    private static Issued next;

    @TempDir private Path folder;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    /** Once, for each certificate takes keytool seconds. */
    @BeforeAll
    static void certify() {
        authority = new TestAuthority(certified, "authority");
        first = authority.issue("dns:localhost");
        next = authority.issue("dns:localhost");
    }

    @AfterEach
    void close() {
        timer.shutdownNow();
    }

    private ServerTls open(Path certificate, Path key) throws IOException {
        return ServerTls.open(new TlsFiles(certificate, key, Optional.empty()), LOOK_EVERY, timer);
    }

    private static String subject(ServerTls tls, String keyType) {
        String alias = Objects.requireNonNull(tls.keys().chooseServerAlias(keyType, null, null));
        assertThat(tls.keys().getPrivateKey(alias)).isNotNull();
        X509Certificate[] chain = Objects.requireNonNull(tls.keys().getCertificateChain(alias));
        return chain[0].getSubjectX500Principal().getName();
    }

    @Test
    void presents_what_is_in_the_files() throws IOException {
        Issued rsa = authority.issue("dns:localhost", "RSA");
        try (ServerTls tls = open(rsa.certificate(), rsa.key())) {
            assertThat(subject(tls, "RSA")).startsWith("CN=authority-");
        }
        try (ServerTls tls = open(first.certificate(), first.key())) {
            assertThat(subject(tls, "EC")).isEqualTo("CN=authority-0");
            assertThat(tls.expiry()).isAfter("2026-01-01T00:00:00Z");
            assertThat(tls.clients()).isEmpty();
        }
    }

    @Test
    void names_the_file_that_is_wrong_and_says_what_it_should_be() throws IOException {
        Issued issued = first;
        Issued other = next;
        assertThatThrownBy(() -> open(folder.resolve("none.pem"), issued.key()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("there is no file " + folder.resolve("none.pem"));
        assertThatThrownBy(() -> open(issued.certificate(), other.key()))
                .hasMessageContaining(
                        other.key() + " is not the private key of the certificate in");
        assertThatThrownBy(() -> open(issued.certificate(), issued.certificate()))
                .hasMessageContaining("openssl pkcs8 -topk8");
        assertThatThrownBy(() -> open(issued.key(), issued.key()))
                .hasMessageContaining(issued.key() + " holds no certificate");
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        assertThatThrownBy(() -> open(empty, issued.key()))
                .hasMessageContaining(empty + " holds no certificate");
    }

    @Test
    void says_nothing_of_a_key_that_it_cannot_read() throws IOException {
        String pem = Files.readString(first.key()).replaceFirst("(?m)^M", "A");
        Path damaged = Files.writeString(folder.resolve("damaged.key"), pem);
        assertThatThrownBy(() -> open(first.certificate(), damaged))
                .hasMessageContaining("is not the private key")
                .hasNoCause();
    }

    @Test
    void takes_up_new_files_and_keeps_the_old_while_the_new_do_not_fit() throws IOException {
        Path certificate = Files.copy(first.certificate(), folder.resolve("tls.crt"));
        Path key = Files.copy(first.key(), folder.resolve("tls.key"));
        LogCollector log = new LogCollector(ServerTls.class.getName());
        try (log;
                ServerTls tls = open(certificate, key)) {
            String alias = Objects.requireNonNull(tls.keys().chooseServerAlias("EC", null, null));
            Files.copy(next.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
            await().until(() ->
                    log.messages().stream()
                            .anyMatch(line -> line.contains("is not the private key")));
            assertThat(subject(tls, "EC")).isEqualTo("CN=authority-0");

            Files.copy(next.key(), key, StandardCopyOption.REPLACE_EXISTING);
            await().until(() -> subject(tls, "EC").equals("CN=authority-1"));
            assertThat(tls.keys().getCertificateChain(alias))
                    .as("for a handshake under way")
                    .extracting(each -> each.getSubjectX500Principal().getName())
                    .containsExactly("CN=authority-0");
        }
        assertThat(log.messages()).as("each told once").hasSize(2);
    }
}
