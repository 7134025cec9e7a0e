package dev.wirebrook.events.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The body's HMAC-SHA256 (RFC 2104) under a shared secret stands in a header: in base64 or in hex,
 * with or without {@code sha256=} before it.
 */
final class HmacVerifier implements Verifier {
    private static final String ALGORITHM = "HmacSHA256";
    private static final String PREFIX = "sha256=";
    private static final int HEX_LENGTH = 64;

    private final List<String> headers;
    private final SecretKeySpec key;
    private final String setting;

    /**
     * @param headers the names that the header may have
     * @param setting where the secret comes from, for the refusal's text
     */
    HmacVerifier(List<String> headers, String secret, String setting) {
        this.headers = List.copyOf(headers);
        this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
        this.setting = setting;
    }

    @Override
    public Optional<String> refusal(WebhookRequest request) {
        return request.header(headers).isEmpty()
                ? Optional.of("there is no signature: send it in the header " + headers.getFirst())
                : Optional.empty();
    }

    @Override
    public Optional<String> refusal(WebhookRequest request, byte[] body) {
        return MessageDigest.isEqual(hmac(body), decoded(request.header(headers)))
                ? Optional.empty()
                : Optional.of(
                        "the signature in %s is not that of this body under %s"
                                .formatted(headers.getFirst(), setting));
    }

    private byte[] hmac(byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    private static byte[] decoded(String text) {
        String signature = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
        try {
            return signature.length() == HEX_LENGTH
                    ? HexFormat.of().parseHex(signature.toLowerCase(Locale.ROOT))
                    : Base64.getDecoder().decode(signature);
        } catch (IllegalArgumentException e) {
            // Equals no HMAC.
            return new byte[0];
        }
    }
}
