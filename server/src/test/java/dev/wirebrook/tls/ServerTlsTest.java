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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTlsTest {
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    @TempDir private Path folder;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private TestAuthority authority;

    @BeforeEach
    void makeAuthority() {
        authority = new TestAuthority(folder, "authority");
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

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA"})
    void presents_what_is_in_the_files(String algorithm) throws IOException {
        Issued issued = authority.issue("dns:localhost", algorithm);
        try (ServerTls tls = open(issued.certificate(), issued.key())) {
            assertThat(subject(tls, algorithm)).isEqualTo("CN=authority-0");
            assertThat(tls.expiry()).isAfter("2026-01-01T00:00:00Z");
            assertThat(tls.clients()).isEmpty();
        }
    }

    @Test
    void names_the_file_that_is_wrong_and_says_what_it_should_be() throws IOException {
        Issued issued = authority.issue("dns:localhost");
        Issued other = authority.issue("dns:localhost", "RSA");
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
        Issued issued = authority.issue("dns:localhost");
        String pem = Files.readString(issued.key());
        Files.writeString(issued.key(), pem.replaceFirst("(?m)^M", "A"));
        assertThatThrownBy(() -> open(issued.certificate(), issued.key()))
                .hasMessageContaining("is not the private key")
                .hasNoCause();
    }

    @Test
    void takes_up_new_files_and_keeps_the_old_while_the_new_do_not_fit() throws IOException {
        Issued first = authority.issue("dns:localhost");
        Issued next = authority.issue("dns:localhost");
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
