package dev.wirebrook.tls;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What listeners present and whom they trust, by files that are read again when they change: new
 * connections get the new certificate, old ones go on. Files that cannot be used, such as a new
 * certificate whose key is still on its way, change nothing; a warning says so once. Thread-safe.
 */
public final class ServerTls implements AutoCloseable {
    /** TLS 1.3 and 1.2, as RFC 9325 (BCP 195) recommends. */
    public static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    /** Forward secrecy and authenticated encryption only: those of RFC 9325, section 4.2. */
    public static final List<String> CIPHERS =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private static final System.Logger LOG = System.getLogger(ServerTls.class.getName());

    private final TlsFiles files;
    private final ReloadingKeys keys;
    private final @Nullable ReloadingTrust clients;
    private final Future<?> watch;

    // for the watching thread only
    private TlsIdentity.Contents contents;
    private String warned = "";

    // read by any thread
    private volatile Instant expiry;

    private ServerTls(TlsFiles files, Duration lookEvery, ScheduledExecutorService timer)
            throws IOException {
        this.files = files;
        contents = TlsIdentity.Contents.read(files);
        TlsIdentity identity = TlsIdentity.of(contents, files);
        keys = new ReloadingKeys(identity.keys());
        clients = identity.clients().map(ReloadingTrust::new).orElse(null);
        expiry = identity.expiry();
        watch =
                timer.scheduleWithFixedDelay(
                        this::look,
                        lookEvery.toMillis(),
                        lookEvery.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /**
     * Reads the files, and looks at them again and again until {@link #close}.
     *
     * @throws IOException that says which file is wrong, and what it should be
     */
    public static ServerTls open(TlsFiles files, Duration lookEvery, ScheduledExecutorService timer)
            throws IOException {
        return new ServerTls(files, lookEvery, timer);
    }

    private void look() {
        String problem = "";
        try {
            TlsIdentity.Contents now = TlsIdentity.Contents.read(files);
            if (!now.isSame(contents)) {
                change(TlsIdentity.of(now, files));
                contents = now;
            }
        } catch (IOException e) {
            problem = String.valueOf(e.getMessage());
        }
        if (!problem.isEmpty() && !problem.equals(warned)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "TLS goes on with the certificate of before, which ends {0}: {1}",
                    expiry,
                    problem);
        }
        warned = problem;
    }

    private void change(TlsIdentity next) {
        keys.change(next.keys());
        if (clients != null) {
            next.clients().ifPresent(clients::change);
        }
        expiry = next.expiry();
        LOG.log(System.Logger.Level.INFO, "TLS has a new certificate, which ends {0}", expiry);
    }

    public X509ExtendedKeyManager keys() {
        return keys;
    }

    /** Whom clients have to be certified by; empty when they are not asked for a certificate. */
    public Optional<X509ExtendedTrustManager> clients() {
        return Optional.ofNullable(clients);
    }

    /** When the certificate that is presented ends. */
    public Instant expiry() {
        return expiry;
    }

    @Override
    public void close() {
        watch.cancel(false);
    }
}
