package dev.wirebrook;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * An issuer of tokens, with one key, made by the JDK alone: it can also sign what no library would.
 */
public final class TestIssuer {
    public static final String ISSUER = "https://id.example";
    public static final String AUDIENCE = "wirebrook";

    /** What it signs with. */
    public enum Kind {
        RS256("SHA256withRSA"),
        ES256("SHA256withECDSAinP1363Format"),
        EdDSA("Ed25519");

        private final String signature;

        Kind(String signature) {
            this.signature = signature;
        }
    }

    private final String keyId;
    private final Kind kind;
    private final KeyPair pair;

    public TestIssuer(String keyId, Kind kind) {
        this.keyId = keyId;
        this.kind = kind;
        pair = pair(kind);
    }

    private static KeyPair pair(Kind kind) {
        try {
            KeyPairGenerator generator =
                    KeyPairGenerator.getInstance(
                            switch (kind) {
                                case RS256 -> "RSA";
                                case ES256 -> "EC";
                                case EdDSA -> "Ed25519";
                            });
            switch (kind) {
                case RS256 -> generator.initialize(2_048);
                case ES256 -> generator.initialize(new ECGenParameterSpec("secp256r1"));
                case EdDSA -> {}
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The public key, as its bytes in X.509. */
    public byte[] publicKey() {
        return pair.getPublic().getEncoded();
    }

    /** The public key, for a JWKS. */
    public JsonObject jwk() {
        JsonObject jwk = new JsonObject();
        jwk.addProperty("kid", keyId);
        switch (pair.getPublic()) {
            case RSAPublicKey rsa -> {
                jwk.addProperty("kty", "RSA");
                jwk.addProperty("n", base64(unsigned(rsa.getModulus(), 256)));
                jwk.addProperty("e", base64(rsa.getPublicExponent().toByteArray()));
            }
            case ECPublicKey ec -> {
                jwk.addProperty("kty", "EC");
                jwk.addProperty("crv", "P-256");
                jwk.addProperty("x", base64(unsigned(ec.getW().getAffineX(), 32)));
                jwk.addProperty("y", base64(unsigned(ec.getW().getAffineY(), 32)));
            }
            default -> {
                byte[] encoded = publicKey();
                jwk.addProperty("kty", "OKP");
                jwk.addProperty("crv", "Ed25519");
                jwk.addProperty(
                        "x",
                        base64(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)));
            }
        }
        return jwk;
    }

    /** The keys of these issuers. */
    public static String jwks(TestIssuer... issuers) {
        JsonArray keys = new JsonArray();
        Arrays.stream(issuers).map(TestIssuer::jwk).forEach(keys::add);
        JsonObject set = new JsonObject();
        set.add("keys", keys);
        return set.toString();
    }

    /** Good for five minutes, with every scope, but for what the test changes. */
    public static JsonObject claims(Consumer<JsonObject> change) {
        JsonObject claims = new JsonObject();
        claims.addProperty("iss", ISSUER);
        claims.addProperty("aud", AUDIENCE);
        claims.addProperty("sub", "till");
        claims.addProperty("exp", Instant.now().getEpochSecond() + 300);
        claims.addProperty("scope", "*");
        change.accept(claims);
        return claims;
    }

    /** As it should be, but for the claims that the test changes. */
    public String token(Consumer<JsonObject> change) {
        return token(_ -> {}, change);
    }

    /** As it should be, but for what the test changes. */
    public String token(Consumer<JsonObject> headerChange, Consumer<JsonObject> change) {
        return sign(unsigned(header(headerChange), claims(change)));
    }

    public JsonObject header(Consumer<JsonObject> change) {
        JsonObject header = new JsonObject();
        header.addProperty("alg", kind.name());
        header.addProperty("kid", keyId);
        change.accept(header);
        return header;
    }

    /** The part that is signed. */
    public static String unsigned(JsonObject header, JsonObject claims) {
        return base64(header.toString().getBytes(UTF_8))
                + "."
                + base64(claims.toString().getBytes(UTF_8));
    }

    public String sign(String unsigned) {
        try {
            Signature signer = Signature.getInstance(kind.signature);
            signer.initSign(pair.getPrivate());
            signer.update(unsigned.getBytes(US_ASCII));
            return unsigned + "." + base64(signer.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Signed with a secret, HS256. */
    public static String signShared(byte[] secret, String unsigned) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return unsigned + "." + base64(mac.doFinal(unsigned.getBytes(US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] unsigned(BigInteger number, int bytes) {
        byte[] all = number.toByteArray();
        byte[] whole = new byte[bytes];
        int length = Math.min(all.length, bytes);
        System.arraycopy(all, all.length - length, whole, bytes - length, length);
        return whole;
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
