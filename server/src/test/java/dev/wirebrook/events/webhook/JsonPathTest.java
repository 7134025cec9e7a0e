package dev.wirebrook.events.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPathTest {
    private static final JsonElement DOCUMENT =
            JsonParser.parseString(
                    "{\"a\": {\"b\": [[1, 2], {\"c\": \"x\"}], \"n\": null}, \"~id\": 3, \"$p\": 4,"
                            + " \"+u\": 5}");

    @ParameterizedTest
    @CsvSource({"a.b[0][1], 2", "a.b[1].c, '\"x\"'", "a.b[0], '[1,2]'", "~id, 3", "$p, 4", "+u, 5"})
    void finds(String path, String found) {
        assertThat(String.valueOf(JsonPath.parse(path).find(DOCUMENT))).isEqualTo(found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"b", "a.n", "a.n.b", "a.b.c", "a.b[2]", "a[0]", "[0]", "a.b[999999]"})
    void finds_nothing(String path) {
        assertThat(JsonPath.parse(path).find(DOCUMENT)).isNull();
    }

    @ParameterizedTest
    @CsvSource({"[1], 8", "[0].a, 7"})
    void begins_at_an_array_when_the_document_is_one(String path, String found) {
        assertThat(
                        String.valueOf(
                                JsonPath.parse(path)
                                        .find(JsonParser.parseString("[{\"a\": 7}, 8]"))))
                .isEqualTo(found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a.",
                ".a",
                "a..b",
                "a[",
                "a[]",
                "a[x]",
                "a[-1]",
                "a[1]b",
                "a.[1]",
                "a[1234567]",
                "a b",
                "a=b",
                "a,b"
            })
    void says_how_a_path_is_written(String text) {
        assertThatThrownBy(() -> JsonPath.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining('"' + text + '"')
                .hasMessageContaining("order.line_items[0].sku");
    }
}
