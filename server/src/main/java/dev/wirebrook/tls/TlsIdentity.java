package dev.wirebrook.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What the files held at one time.
 *
 * @param keys presents the certificate
 * @param clients checks those of clients; empty when they are not asked for one
 * @param expiry when the server's certificate ends
 */
record TlsIdentity(
        X509ExtendedKeyManager keys, Optional<X509ExtendedTrustManager> clients, Instant expiry) {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
    private static final String ALIAS = "server";
    private static final char[] NO_PASSWORD = {};

    /** The bytes of all files. */
    @SuppressWarnings("ArrayRecordComponent") // compared by their content below
    record Contents(byte[] certificate, byte[] key, Optional<byte[]> clientAuthorities) {
        static Contents read(TlsFiles files) throws IOException {
            return new Contents(
                    bytes(files.certificate()),
                    bytes(files.key()),
                    files.clientAuthorities().isPresent()
                            ? Optional.of(bytes(files.clientAuthorities().get()))
                            : Optional.empty());
        }

        private static byte[] bytes(Path file) throws IOException {
            try {
                return Files.readAllBytes(file);
            } catch (NoSuchFileException e) {
                throw new IOException("there is no file " + file, e);
            }
        }

        boolean isSame(Contents other) {
            return Arrays.equals(certificate, other.certificate)
                    && Arrays.equals(key, other.key)
                    && Arrays.equals(
                            clientAuthorities.orElse(null), other.clientAuthorities.orElse(null));
        }
    }

    /**
     * @param files only to name them in errors
     * @throws IOException that says which file is wrong, and what it should be; nothing of a key
     */
    static TlsIdentity of(Contents contents, TlsFiles files) throws IOException {
        X509Certificate[] chain = certificates(contents.certificate(), files.certificate());
        PrivateKey key = key(contents.key(), chain[0], files);
        try {
            KeyStore store = empty();
            store.setKeyEntry(ALIAS, key, NO_PASSWORD, chain);
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(store, NO_PASSWORD);
            Optional<X509ExtendedTrustManager> clients = Optional.empty();
            if (contents.clientAuthorities().isPresent()) {
                clients =
                        Optional.of(
                                trust(
                                        certificates(
                                                contents.clientAuthorities().get(),
                                                files.clientAuthorities().orElseThrow())));
            }
            return new TlsIdentity(only(keys), clients, chain[0].getNotAfter().toInstant());
        } catch (GeneralSecurityException e) {
            throw new IOException(files.certificate() + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static X509Certificate[] certificates(byte[] pem, Path file) throws IOException {
        try {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(pem));
            if (found.isEmpty()) {
                throw new IOException(
                        file + " holds no certificate; it should begin with BEGIN CERTIFICATE");
            }
            return found.toArray(X509Certificate[]::new);
        } catch (CertificateException e) {
            throw new IOException(
                    file + " holds no certificate in PEM that can be read: " + e.getMessage(), e);
        }
    }

    private static PrivateKey key(byte[] pem, X509Certificate certificate, TlsFiles files)
            throws IOException {
        Matcher matcher = KEY.matcher(new String(pem, StandardCharsets.US_ASCII));
        if (!matcher.find()) {
            throw new IOException(
                    files.key()
                            + " holds no private key in PKCS #8; make one with"
                            + " openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW");
        }
        String algorithm = certificate.getPublicKey().getAlgorithm();
        try {
            PrivateKey key =
                    KeyFactory.getInstance(algorithm)
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(
                                            Base64.getMimeDecoder().decode(matcher.group(1))));
            if (!belongs(key, certificate)) {
                throw mismatch(files);
            }
            return key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Its message may quote the key.
            throw mismatch(files);
        }
    }

    private static IOException mismatch(TlsFiles files) {
        return new IOException(
                "%s is not the private key of the certificate in %s"
                        .formatted(files.key(), files.certificate()));
    }

    private static boolean belongs(PrivateKey key, X509Certificate certificate)
            throws GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        byte[] message = "wirebrook".getBytes(StandardCharsets.US_ASCII);
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(message);
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(certificate.getPublicKey());
        verifier.update(message);
        return verifier.verify(signer.sign());
    }

    private static X509ExtendedTrustManager trust(X509Certificate[] authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        for (int i = 0; i < authorities.length; i++) {
            store.setCertificateEntry("authority" + i, authorities[i]);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("this Java checks no certificates of X.509");
    }

    private static X509ExtendedKeyManager only(KeyManagerFactory factory)
            throws GeneralSecurityException {
        for (KeyManager manager : factory.getKeyManagers()) {
            if (manager instanceof X509ExtendedKeyManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("this Java presents no certificates of X.509");
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }
}
