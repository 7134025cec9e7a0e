package dev.wirebrook.auth;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.impl.BaseJWSProvider;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Set;

/** Checks signatures of Ed25519 (RFC 8037) with the JDK's own; the library's needs another one. */
final class Ed25519Verifier extends BaseJWSProvider implements JWSVerifier {
    /** By its older name and that of RFC 9864. */
    static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(JWSAlgorithm.parse("EdDSA"), JWSAlgorithm.parse("Ed25519"));

    /** What comes before the 32 bytes of a key in X.509 (RFC 8410, section 4). */
    private static final byte[] HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int KEY_BYTES = 32;

    private final PublicKey key;

    /**
     * @param point the key as it stands in a JWK's {@code x}
     * @throws GeneralSecurityException when that is no key
     */
    Ed25519Verifier(byte[] point) throws GeneralSecurityException {
        super(ALGORITHMS);
        if (point.length != KEY_BYTES) {
            throw new GeneralSecurityException("a key of Ed25519 has 32 bytes");
        }
        byte[] encoded = new byte[HEAD.length + KEY_BYTES];
        System.arraycopy(HEAD, 0, encoded, 0, HEAD.length);
        System.arraycopy(point, 0, encoded, HEAD.length, KEY_BYTES);
        key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    @Override
    public boolean verify(JWSHeader header, byte[] signed, Base64URL signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature.decode());
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }
}
