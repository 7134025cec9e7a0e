package dev.wirebrook.auth;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The public keys of a JWKS (RFC 7517) that tokens are checked by. A key is good for the algorithms
 * of its type alone, whatever a token says of itself (RFC 8725, section 3.1). Keys for other
 * purposes, and of other types, are left out. Immutable.
 */
final class TokenKeys {
    static final TokenKeys NONE = new TokenKeys(Map.of());

    private static final int RSA_BITS_MIN = 2_048;

    private final Map<String, TokenKey> keysById;

    /** A key, and what it is good for. */
    private record TokenKey(Set<JWSAlgorithm> algorithms, JWSVerifier verifier) {}

    private TokenKeys(Map<String, TokenKey> keysById) {
        this.keysById = Map.copyOf(keysById);
    }

    /** The check of a key by its name, unless the key is not for that algorithm. */
    Optional<JWSVerifier> find(String id, JWSAlgorithm algorithm) {
        TokenKey key = keysById.get(id);
        return key != null && key.algorithms().contains(algorithm)
                ? Optional.of(key.verifier())
                : Optional.empty();
    }

    /**
     * @param file only to name it in errors
     * @throws IOException that says where in the file something is wrong, and what
     */
    static TokenKeys parse(Path file, byte[] content) throws IOException {
        Map<String, TokenKey> keys = new HashMap<>();
        int number = 0;
        for (JsonElement element : elements(file, content)) {
            number++;
            String place = file + " key " + number;
            try {
                JWK jwk = JWK.parse(element.toString());
                Optional<TokenKey> key = usable(jwk);
                if (key.isPresent()) {
                    if (jwk.getKeyID() == null || jwk.getKeyID().isEmpty()) {
                        throw new IOException(place + " has no kid, by which tokens name it");
                    }
                    if (keys.put(jwk.getKeyID(), key.get()) != null) {
                        throw new IOException(
                                place + " has the kid of an earlier one; give each its own");
                    }
                }
            } catch (ParseException | JOSEException | GeneralSecurityException e) {
                // Its message may quote the key.
                throw new IOException(
                        place
                                + " is no key that can be used (RFC 7517); RSA takes 2048 bits or more",
                        e);
            }
        }
        if (keys.isEmpty()) {
            throw new IOException(
                    file
                            + " holds no key that signs tokens: RSA of 2048 bits or more, EC P-256,"
                            + " or Ed25519");
        }
        return new TokenKeys(keys);
    }

    private static JsonArray elements(Path file, byte[] content) throws IOException {
        String text = new String(content, StandardCharsets.UTF_8);
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            try {
                if (JsonParser.parseReader(reader) instanceof JsonObject set
                        && set.get("keys") instanceof JsonArray keys) {
                    return keys;
                }
            } catch (JsonParseException e) {
                throw new IOException("%s line %d is no JSON".formatted(file, line(reader)), e);
            }
        }
        throw new IOException(file + " is no JWKS: an object of JSON with a list \"keys\"");
    }

    /** The reader tells its line in words only. */
    private static int line(JsonReader reader) {
        String place = reader.toString().replaceFirst("^.* at line (\\d+) .*$", "$1");
        return place.chars().allMatch(Character::isDigit) ? Integer.parseInt(place) : 1;
    }

    private static Optional<TokenKey> usable(JWK jwk)
            throws JOSEException, GeneralSecurityException {
        if (KeyUse.ENCRYPTION.equals(jwk.getKeyUse())) {
            return Optional.empty();
        }
        return switch (jwk) {
            case RSAKey rsa when rsa.size() < RSA_BITS_MIN ->
                    throw new GeneralSecurityException("too short a key");
            case RSAKey rsa ->
                    key(jwk, Set.of(JWSAlgorithm.RS256), new RSASSAVerifier(rsa.toRSAPublicKey()));
            case ECKey ec when Curve.P_256.equals(ec.getCurve()) ->
                    key(jwk, Set.of(JWSAlgorithm.ES256), new ECDSAVerifier(ec.toECPublicKey()));
            case OctetKeyPair pair when Curve.Ed25519.equals(pair.getCurve()) ->
                    key(jwk, Ed25519Verifier.ALGORITHMS, new Ed25519Verifier(pair.getDecodedX()));
            default -> Optional.empty();
        };
    }

    private static Optional<TokenKey> key(
            JWK jwk, Set<JWSAlgorithm> ofItsType, JWSVerifier verifier) {
        if (jwk.getAlgorithm() == null) {
            return Optional.of(new TokenKey(ofItsType, verifier));
        }
        JWSAlgorithm own = JWSAlgorithm.parse(jwk.getAlgorithm().getName());
        return ofItsType.contains(own)
                ? Optional.of(new TokenKey(Set.of(own), verifier))
                : Optional.empty();
    }
}
