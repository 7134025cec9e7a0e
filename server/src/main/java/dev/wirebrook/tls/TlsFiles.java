package dev.wirebrook.tls;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a listener's certificates are. All files are PEM.
 *
 * @param certificate the server's, followed by those between it and its authority
 * @param key its private key, in PKCS #8 and not encrypted
 * @param clientAuthorities who signs clients' certificates; clients are asked for one when it is
 *     given
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientAuthorities) {}
