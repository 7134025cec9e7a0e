package dev.wirebrook.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientsTest {
    private static final Path FILE = Path.of("clients.jsonl");
    private static final String HASH = "ab".repeat(32);
    private static final String KEY =
            """
            {"id":"k7","name":"checkout","tenant":"acme","scopes":["events:write","sql"],"sha256":"%s","created":"2026-11-01T00:00:00Z"}
            """
                    .formatted(HASH);

    private static Clients parse(String text) throws IOException {
        return Clients.parse(FILE, text.getBytes(UTF_8));
    }

    @Test
    void holds_keys_and_certificates() throws IOException {
        Clients clients =
                parse(
                        KEY
                                + "\n"
                                + "{\"name\":\"till\",\"certificate\":\"spiffe://shop/till\",\"scopes\":[\"*\"]}");
        Client.OfKey key = clients.key("k7").orElseThrow();
        assertThat(key.principal().name()).isEqualTo("checkout");
        assertThat(key.principal().tenant()).isEqualTo("acme");
        assertThat(key.principal().scopes()).containsExactly(Scope.EVENTS_WRITE, Scope.SQL);
        assertThat(key.sha256()).hasToString(HASH);
        assertThat(key.expires()).isEmpty();
        assertThat(key.revoked()).isEmpty();
        assertThat(clients.certified("spiffe://shop/till").orElseThrow().principal())
                .isEqualTo(new Principal("till", "", Set.of(Scope.ALL)));
        assertThat(clients.key("k8")).isEmpty();
        assertThat(clients.certified("spiffe://shop")).isEmpty();
    }

    @Test
    void reads_times() throws IOException {
        Client.OfKey key =
                parse(
                                KEY.replace(
                                        "}",
                                        ",\"expires\":\"2027-01-01T00:00:00Z\",\"revoked\":\"2026-12-01T00:00:00Z\"}"))
                        .key("k7")
                        .orElseThrow();
        assertThat(key.expires()).contains(Instant.parse("2027-01-01T00:00:00Z"));
        assertThat(key.revoked()).contains(Instant.parse("2026-12-01T00:00:00Z"));
    }

    @Test
    void an_empty_file_is_nobody() throws IOException {
        assertThat(parse("").all()).isEmpty();
        assertThat(parse("\n\r\n \n").all()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    not json                        | one object of JSON
                    []                              | one object of JSON
                    {"name":"a"} {"name":"b"}       | one object of JSON
                    {"name":"a",}                   | one object of JSON
                    {}                              | "name" is missing
                    {"name":""}                     | "name" has to be a text
                    {"name":7}                      | "name" has to be a text
                    {"name":"a"}                    | "scopes" has to be a list
                    {"name":"a","scopes":"sql"}     | "scopes" has to be a list
                    {"name":"a","scopes":[7]}       | "scopes" has to hold texts
                    {"name":"a","scopes":["sq"]}    | no scope "sq"; the scopes are events:write, events:read,
                    {"name":"a","scopes":["sql"]}   | "id" is missing
                    {"name":"a","scopes":[],"id":"x","sha256":"0"} | is no SHA-256
                    {"name":"a","scopes":[],"certificate":"c","expires":"2026-01-01T00:00:00Z"} | "expires" has no meaning here
                    {"name":"a","scopes":[],"expire":"2026-01-01T00:00:00Z"} | "expire" has no meaning here
                    """)
    void names_the_line_that_is_wrong_and_says_how(String line, String message) {
        assertThatThrownBy(() -> parse(KEY + "\n" + line))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("clients.jsonl line 3: ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "\" \"",
                "null",
                "7",
                "[\"acme\"]",
                "\"acme.\"",
                "\".acme\"",
                "\"a..b\"",
                "\"ac me\"",
                "\"acme/eu\"",
                "\"\\u0000\"",
                "\"\\ud800\""
            })
    void a_tenant_that_is_not_a_name_is_refused_and_not_taken_for_none(String tenant) {
        for (String line :
                new String[] {
                    KEY.replace("\"acme\"", tenant),
                    "{\"name\":\"till\",\"tenant\":%s,\"certificate\":\"c\",\"scopes\":[\"*\"]}"
                            .formatted(tenant)
                }) {
            assertThatThrownBy(() -> parse(line))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("clients.jsonl line 1: \"tenant\" ")
                    .hasMessageContaining("acme.eu");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\" \"", "\"\\u00a0\"", "\"a\\u0000b\"", "\"\\ud800\"", "null"})
    void a_name_that_cannot_be_seen_is_refused(String name) {
        assertThatThrownBy(() -> parse(KEY.replace("\"checkout\"", name)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("clients.jsonl line 1: \"name\" ");
    }

    @Test
    void a_member_that_comes_twice_is_refused() {
        assertThatThrownBy(() -> parse(KEY.replace("{", "{\"tenant\":\"other\",")))
                .hasMessageStartingWith("clients.jsonl line 1: ");
    }

    @Test
    void refuses_times_that_are_none() {
        assertThatThrownBy(() -> parse(KEY.replace("2026-11-01T00:00:00Z", "yesterday")))
                .hasMessageContaining("\"created\" is no time");
        assertThatThrownBy(() -> parse(KEY.replace("}", ",\"expires\":\"2027-01-01\"}")))
                .hasMessageContaining("\"expires\" is no time, such as 2026-12-31T00:00:00Z");
    }

    @Test
    void refuses_one_name_twice() {
        assertThatThrownBy(() -> parse(KEY + KEY))
                .hasMessage("clients.jsonl line 2: key k7 stands in line 1 already");
    }

    @Test
    void quotes_nothing_of_a_line() {
        String secret = "wb_0123456789ab_secret";
        assertThatThrownBy(() -> parse("{\"name\":\"" + secret)).hasMessageNotContaining(secret);
        assertThatThrownBy(() -> parse(KEY.replace(HASH, secret))).hasMessageNotContaining(secret);
    }

    @Test
    void refuses_what_is_no_text() {
        assertThatThrownBy(() -> Clients.parse(FILE, "é".getBytes(ISO_8859_1)))
                .hasMessageContaining("no text in UTF-8");
    }
}
