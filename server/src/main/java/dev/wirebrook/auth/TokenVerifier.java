package dev.wirebrook.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * Checks tokens (JWT, RFC 7519) by the rules of RFC 8725: the key decides on the algorithm and not
 * the token, an audience is required, an end too. The name of the key is looked at first, so that
 * garbage costs no cryptography. Thread-safe.
 */
final class TokenVerifier {
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

    private final TokenKeys keys;
    private final Optional<JWSVerifier> shared;
    private final TokenRules rules;

    /**
     * @param shared secret of 32 bytes or more for HS256; empty: no token of that kind is taken
     */
    TokenVerifier(TokenKeys keys, Optional<SecretKey> shared, TokenRules rules) {
        this.keys = keys;
        this.shared = shared.map(TokenVerifier::hs256);
        this.rules = rules;
    }

    private static JWSVerifier hs256(SecretKey secret) {
        try {
            return new MACVerifier(secret);
        } catch (JOSEException e) {
            throw new IllegalArgumentException("a secret for HS256 has 32 bytes or more", e);
        }
    }

    /**
     * @param now in milliseconds since 1970
     * @param generation of the verdict
     */
    Verdict verify(String token, long now, long generation) {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            Optional<JWSVerifier> verifier = verifierOf(jwt.getHeader());
            if (verifier.isEmpty() || !jwt.verify(verifier.get())) {
                return Verdict.invalid();
            }
            return judge(jwt.getJWTClaimsSet(), now, generation);
        } catch (ParseException | JOSEException | RuntimeException e) {
            // Whatever is wrong with a token that anybody may send is no fault of ours.
            return Verdict.invalid();
        }
    }

    private Optional<JWSVerifier> verifierOf(JWSHeader header) {
        boolean isToken =
                header.getType() == null
                        || TYPES.contains(header.getType().toString().toLowerCase(Locale.ROOT));
        if (!isToken || header.getCriticalParams() != null || !header.isBase64URLEncodePayload()) {
            return Optional.empty();
        }
        if (JWSAlgorithm.HS256.equals(header.getAlgorithm())) {
            return shared;
        }
        return header.getKeyID() == null
                ? Optional.empty()
                : keys.find(header.getKeyID(), header.getAlgorithm());
    }

    private Verdict judge(JWTClaimsSet claims, long now, long generation) throws ParseException {
        long skew = rules.clockSkew().toMillis();
        Optional<Long> expiry = millis(claims.getExpirationTime());
        String name = claims.getSubject();
        if (expiry.isEmpty()
                || name == null
                || !Principal.isName(name)
                || !isOurIssuer(claims.getIssuer())) {
            return Verdict.invalid();
        }
        if (!claims.getAudience().contains(rules.audience())) {
            return Verdict.wrongAudience();
        }
        long until = Math.min(expiry.get(), Verdict.Allowed.FOREVER - skew) + skew;
        if (now >= until) {
            return Verdict.expired(expiry.get());
        }
        Optional<Long> start = millis(claims.getNotBeforeTime());
        if (start.isPresent() && now + skew < start.get()) {
            return Verdict.notYetValid(start.get());
        }
        Optional<String> tenant = tenant(claims);
        return tenant.isPresent()
                ? new Verdict.Allowed(
                        new Principal(name, tenant.get(), scopes(claims)), until, generation)
                : Verdict.invalidTenant(rules.tenantClaim());
    }

    /**
     * The tenant, or an empty text if the token has no claim for it. Without a tenant a client may
     * do more, so a claim that is there and is not a name is not taken for none.
     *
     * @return empty when the claim is not the name of a tenant
     */
    private Optional<String> tenant(JWTClaimsSet claims) {
        if (!claims.getClaims().containsKey(rules.tenantClaim())) {
            return Optional.of("");
        }
        return claims.getClaim(rules.tenantClaim()) instanceof String text
                        && TenantName.isValid(text)
                ? Optional.of(text)
                : Optional.empty();
    }

    private static Optional<Long> millis(@Nullable Date time) {
        return Optional.ofNullable(time).map(known -> known.toInstant().toEpochMilli());
    }

    private boolean isOurIssuer(@Nullable String issuer) {
        return rules.issuer().isEmpty() || rules.issuer().equals(issuer);
    }

    /**
     * {@code scope} is a text (RFC 8693, section 4.2); {@code scp} is a list, or a text, with the
     * issuers that have it. Scopes that are no business of this server are left out.
     */
    private static Set<Scope> scopes(JWTClaimsSet claims) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        Stream.of("scope", "scp")
                .map(claims::getClaim)
                .flatMap(TokenVerifier::words)
                .forEach(word -> Scope.named(word).ifPresent(scopes::add));
        return scopes;
    }

    private static Stream<String> words(@Nullable Object claim) {
        return switch (claim) {
            case String text -> Arrays.stream(text.split(" ", -1));
            case List<?> list -> list.stream().map(String::valueOf);
            case null, default -> Stream.empty();
        };
    }
}
