package dev.wirebrook.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.nimbusds.jose.JWSAlgorithm;
import dev.wirebrook.TestIssuer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenKeysTest {
    private static final Path FILE = Path.of("jwks.json");
    private static final TestIssuer RSA = new TestIssuer("rsa", TestIssuer.Kind.RS256);
    private static final TestIssuer EC = new TestIssuer("ec", TestIssuer.Kind.ES256);
    private static final TestIssuer EDDSA = new TestIssuer("ed", TestIssuer.Kind.EdDSA);

    private static TokenKeys parse(String text) throws IOException {
        return TokenKeys.parse(FILE, text.getBytes(UTF_8));
    }

    private static String set(JsonObject... keys) {
        JsonArray array = new JsonArray();
        for (JsonObject key : keys) {
            array.add(key);
        }
        JsonObject set = new JsonObject();
        set.add("keys", array);
        return set.toString();
    }

    private static JsonObject with(JsonObject key, String name, String value) {
        key.addProperty(name, value);
        return key;
    }

    @ParameterizedTest
    @CsvSource({
        "rsa, RS256, true", "rsa, ES256, false", "rsa, HS256, false", "rsa, RS512, false",
        "rsa, PS256, false", "ec, ES256, true", "ec, RS256, false", "ed, EdDSA, true",
        "ed, Ed25519, true", "ed, ES256, false", "other, RS256, false"
    })
    void a_key_is_good_for_the_algorithm_of_its_type(String id, String algorithm, boolean isGood)
            throws IOException {
        TokenKeys keys = parse(TestIssuer.jwks(RSA, EC, EDDSA));
        assertThat(keys.find(id, JWSAlgorithm.parse(algorithm)).isPresent()).isEqualTo(isGood);
    }

    @Test
    void a_key_that_names_its_algorithm_is_good_for_that_alone() throws IOException {
        TokenKeys keys =
                parse(set(with(RSA.jwk(), "alg", "RS512"), with(EDDSA.jwk(), "alg", "EdDSA")));
        assertThat(keys.find("rsa", JWSAlgorithm.RS256)).isEmpty();
        assertThat(keys.find("ed", JWSAlgorithm.parse("EdDSA"))).isPresent();
        assertThat(keys.find("ed", JWSAlgorithm.parse("Ed25519"))).isEmpty();
    }

    @Test
    void keys_for_other_purposes_and_of_other_types_are_left_out() throws IOException {
        JsonObject symmetric = new JsonObject();
        symmetric.addProperty("kty", "oct");
        symmetric.addProperty("kid", "shared");
        symmetric.addProperty("k", "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0");
        TokenKeys keys = parse(set(symmetric, with(RSA.jwk(), "use", "enc"), EC.jwk()));
        assertThat(keys.find("shared", JWSAlgorithm.HS256)).isEmpty();
        assertThat(keys.find("rsa", JWSAlgorithm.RS256)).isEmpty();
        assertThat(keys.find("ec", JWSAlgorithm.ES256)).isPresent();
    }

    @Test
    void says_which_key_is_wrong() {
        assertThatThrownBy(() -> parse(set(EC.jwk(), with(RSA.jwk(), "n", "!"))))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("jwks.json key 2");
        assertThatThrownBy(() -> parse(set(EC.jwk(), with(EDDSA.jwk(), "x", "AAAA"))))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("jwks.json key 2");
        JsonObject nameless = EC.jwk();
        nameless.remove("kid");
        assertThatThrownBy(() -> parse(set(nameless))).hasMessageContaining("key 1 has no kid");
        assertThatThrownBy(() -> parse(set(EC.jwk(), EC.jwk())))
                .hasMessageContaining("key 2 has the kid of an earlier one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "7", "{\"keys\":{}}"})
    void says_what_a_jwks_is(String text) {
        assertThatThrownBy(() -> parse(text)).hasMessageContaining("is no JWKS");
    }

    @Test
    void names_the_line_that_is_no_json() {
        assertThatThrownBy(() -> parse("{\n\"keys\":\n[,]}"))
                .isInstanceOf(IOException.class)
                .hasMessage("jwks.json line 3 is no JSON");
        assertThatThrownBy(() -> parse("")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> parse(set())).hasMessageContaining("holds no key");
    }
}
