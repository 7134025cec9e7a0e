package dev.wirebrook.auth;

import java.time.Duration;

/**
 * What a token (JWT) has to say besides its signature.
 *
 * @param issuer in {@code iss}; empty: any
 * @param audience in {@code aud}
 * @param clockSkew how far clocks may be apart; not negative
 * @param tenantClaim the claim that names the tenant; not blank
 */
public record TokenRules(String issuer, String audience, Duration clockSkew, String tenantClaim) {
    public TokenRules {
        if (audience.isEmpty()) {
            throw new IllegalArgumentException(
                    "without an audience, tokens for other servers would do");
        }
        if (tenantClaim.isBlank()) {
            throw new IllegalArgumentException(
                    "without the name of a claim for the tenant, no token would have a tenant");
        }
        if (clockSkew.isNegative()) {
            throw new IllegalArgumentException("clockSkew is not negative, not " + clockSkew);
        }
    }
}
