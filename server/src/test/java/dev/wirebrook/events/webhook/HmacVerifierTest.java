package dev.wirebrook.events.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HmacVerifierTest {
    private static final String HEADER = "X-Signature";

    /** RFC 4231, test cases 1 and 2. */
    @ParameterizedTest
    @CsvSource({
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, 4869205468657265,"
                + " b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        "4a656665, 7768617420646f2079612077616e7420666f72206e6f7468696e673f,"
                + " 5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    })
    void agrees_with_the_standard(String key, String body, String hmac) {
        byte[] bytes = HexFormat.of().parseHex(key);
        HmacVerifier verifier =
                new HmacVerifier(
                        List.of(HEADER), new String(bytes, StandardCharsets.US_ASCII), "setting");
        byte[] signed = HexFormat.of().parseHex(body);
        assertThat(verifier.refusal(signed(hmac), signed)).isEmpty();
        assertThat(verifier.refusal(signed(hmac.toUpperCase(Locale.ROOT)), signed)).isEmpty();
        assertThat(verifier.refusal(signed(hmac), new byte[0])).isPresent();
    }

    @Test
    void agrees_with_the_example_that_shopify_is_known_by() {
        HmacVerifier verifier = new HmacVerifier(List.of(HEADER), "test_secret_key", "setting");
        byte[] body = "{\"foo\": \"bar\"}".getBytes(StandardCharsets.UTF_8);
        String signature = "B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=";
        assertThat(verifier.refusal(signed(signature), body)).isEmpty();
        body[5] ^= 1;
        assertThat(verifier.refusal(signed(signature), body)).isPresent();
    }

    /** Another program's word for it, on bytes and secrets of every kind. */
    @Test
    void agrees_with_openssl() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 12; round++) {
            byte[] body = new byte[random.nextInt(200 * round + 1)];
            random.nextBytes(body);
            String secret =
                    "sécret-" + Long.toUnsignedString(random.nextLong(), 36).repeat(round + 1);
            byte[] hmac = openssl(secret, body);
            HmacVerifier verifier = new HmacVerifier(List.of(HEADER), secret, "setting");
            String base64 = Base64.getEncoder().encodeToString(hmac);
            assertThat(verifier.refusal(signed(base64), body)).as("seed %d", seed).isEmpty();
            hmac[random.nextInt(hmac.length)] ^= (byte) (1 << random.nextInt(8));
            String other = Base64.getEncoder().encodeToString(hmac);
            assertThat(verifier.refusal(signed(other), body)).as("seed %d", seed).isPresent();
        }
    }

    private static byte[] openssl(String secret, byte[] body) throws Exception {
        Process process;
        try {
            process =
                    new ProcessBuilder(
                                    "openssl",
                                    "dgst",
                                    "-sha256",
                                    "-mac",
                                    "HMAC",
                                    "-macopt",
                                    "hexkey:"
                                            + HexFormat.of()
                                                    .formatHex(
                                                            secret.getBytes(
                                                                    StandardCharsets.UTF_8)),
                                    "-binary")
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
        } catch (IOException notThere) {
            return Assumptions.abort("there is no openssl here");
        }
        try (OutputStream in = process.getOutputStream()) {
            in.write(body);
        }
        byte[] hmac = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return hmac;
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "sha256=", "sha1=B23t", "====", "B23t XN68"})
    void takes_nonsense_for_a_wrong_signature(String signature) {
        HmacVerifier verifier = new HmacVerifier(List.of(HEADER), "s", "setting");
        assertThat(verifier.refusal(signed(signature), new byte[0]))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains(HEADER).contains("setting"));
    }

    @Test
    void asks_for_the_header_before_the_body_is_read() {
        HmacVerifier verifier = new HmacVerifier(List.of(HEADER, "Signature"), "s", "setting");
        assertThat(verifier.refusal(request(Map.of())))
                .hasValueSatisfying(reason -> assertThat(reason).contains(HEADER));
        assertThat(verifier.refusal(request(Map.of("SIGNATURE", List.of("x"))))).isEmpty();
    }

    private static WebhookRequest signed(String signature) {
        return request(Map.of(HEADER, List.of(signature)));
    }

    private static WebhookRequest request(Map<String, List<String>> headers) {
        return new WebhookRequest(
                "/webhooks/shopify", null, headers, InetAddress.getLoopbackAddress());
    }
}
