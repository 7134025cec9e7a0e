package dev.wirebrook.auth;

import java.nio.file.Path;
import java.util.Optional;
import javax.crypto.SecretKey;

/**
 * By what clients are known.
 *
 * @param clients file of API keys and certificates
 * @param jwks file of the keys that tokens are signed with
 * @param shared secret for tokens of HS256, 32 bytes or more
 * @param rules for tokens; there when jwks or shared is
 */
public record AuthSources(
        Optional<Path> clients,
        Optional<Path> jwks,
        Optional<SecretKey> shared,
        Optional<TokenRules> rules) {
    public AuthSources {
        if (rules.isEmpty() && (jwks.isPresent() || shared.isPresent())) {
            throw new IllegalArgumentException("keys for tokens come with rules for them");
        }
    }
}
