package dev.wirebrook.auth;

import java.time.Instant;
import java.util.Optional;

/** One line of the file of clients. */
public sealed interface Client {
    /** Who it is and what it may do. */
    Principal principal();

    /**
     * Known by an API key.
     *
     * @param id of the key
     * @param sha256 of the key's secret
     * @param expires from when on it is refused; empty: never
     * @param revoked since when it is refused; empty: it is not
     */
    record OfKey(
            Principal principal,
            String id,
            Digest sha256,
            Instant created,
            Optional<Instant> expires,
            Optional<Instant> revoked)
            implements Client {}

    /**
     * Known by the certificate that its connection presents.
     *
     * @param certificate its first URI, else its first DNS name, else its subject
     */
    record OfCertificate(Principal principal, String certificate) implements Client {}
}
