package dev.wirebrook;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An authority of a test's own, and PEM files of what it certifies, made with the JDK's keytool.
 */
public final class TestAuthority {
    private static final String PASSWORD = "changeit";
    private static final String KEYTOOL = System.getProperty("java.home") + "/bin/keytool";

    private final Path folder;
    private final String name;
    private int issued;

    /** PEM files. */
    public record Issued(Path certificate, Path key) {}

    public TestAuthority(Path folder, String name) {
        this.folder = folder;
        this.name = name;
        keytool(name, "-genkeypair", "-alias", "x", "-dname", "CN=" + name, "-keyalg", "EC");
        keytool(name, "-exportcert", "-rfc", "-alias", "x", "-file", certificate().toString());
    }

    /** Of itself, in PEM. */
    public Path certificate() {
        return folder.resolve(name + ".pem");
    }

    /**
     * @param alternativeNames as in {@code dns:localhost,ip:127.0.0.1}
     */
    public Issued issue(String alternativeNames) {
        return issue(alternativeNames, "EC");
    }

    /**
     * @param keyAlgorithm EC, RSA or Ed25519
     */
    public Issued issue(String alternativeNames, String keyAlgorithm) {
        String leaf = name + "-" + issued++;
        Path request = folder.resolve(leaf + ".csr");
        Path certificate = folder.resolve(leaf + ".pem");
        keytool(
                leaf,
                "-genkeypair",
                "-alias",
                "x",
                "-dname",
                "CN=" + leaf,
                "-keyalg",
                keyAlgorithm);
        keytool(leaf, "-certreq", "-alias", "x", "-file", request.toString());
        keytool(
                name,
                "-gencert",
                "-rfc",
                "-alias",
                "x",
                "-infile",
                request.toString(),
                "-outfile",
                certificate.toString(),
                "-ext",
                "san=" + alternativeNames);
        return new Issued(certificate, privateKey(leaf));
    }

    private Path privateKey(String leaf) {
        try (InputStream in = Files.newInputStream(store(leaf))) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            Key key = store.getKey("x", PASSWORD.toCharArray());
            String pem =
                    "-----BEGIN PRIVATE KEY-----\n"
                            + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                    .encodeToString(key.getEncoded())
                            + "\n-----END PRIVATE KEY-----\n";
            return Files.write(folder.resolve(leaf + ".key"), pem.getBytes(US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path store(String of) {
        return folder.resolve(of + ".p12");
    }

    private void keytool(String of, String... arguments) {
        List<String> command = new ArrayList<>(List.of(KEYTOOL));
        command.addAll(List.of(arguments));
        command.addAll(
                List.of(
                        "-J-XX:TieredStopAtLevel=1",
                        "-keystore",
                        store(of).toString(),
                        "-storepass",
                        PASSWORD));
        if (arguments[0].equals("-genkeypair")) {
            command.addAll(List.of("-storetype", "PKCS12", "-validity", "30", "-ext", "bc:c"));
        }
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
