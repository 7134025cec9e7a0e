package dev.wirebrook.http.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathTemplateTest {
    @ParameterizedTest
    @CsvSource({
        "/v1/things, /v1/things, ''",
        "/v1/things/{id}, /v1/things/7, id=7",
        "/v1/things/{id}, /v1/things/a%20b%2Fc, id=a b/c",
        "/v1/things/{id}, /v1/things/a+b, id=a+b",
        "/v1/things/{thing.id}/parts/{part}, /v1/things/7/parts/8, thing.id=7 part=8",
        "/v1/{name=shelves/*/books/*}, /v1/shelves/1/books/2, name=shelves/1/books/2",
        "/v1/{name=files/**}, /v1/files/a/b/c, name=files/a/b/c",
        "/v1/{name=**}:archive, /v1/a/b:archive, name=a/b",
        "/v1/things:stats, /v1/things:stats, ''",
        "/v1/things/{id}:undo, /v1/things/7:undo, id=7",
        "/v1/*/x, /v1/anything/x, ''"
    })
    void takes_a_path_apart(String template, String path, String variables) {
        Map<String, String> found = PathTemplate.parse(template).match(path).orElseThrow();
        String[] expected = variables.isEmpty() ? new String[0] : variables.split(" (?=[a-z.]+=)");
        assertThat(found.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()))
                .containsExactlyInAnyOrder(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/things, /v1/things/",
        "/v1/things, /v1/thing",
        "/v1/things/{id}, /v1/things/",
        "/v1/things/{id}, /v1/things/7/8",
        "/v1/things/{id}, /v1/things",
        "/v1/things/{id}:undo, /v1/things/7",
        "/v1/{name=shelves/*}, /v1/shelfs/1",
        "/v1/things:stats, /v1/things"
    })
    void leaves_other_paths_alone(String template, String path) {
        assertThat(PathTemplate.parse(template).match(path)).isEmpty();
    }

    @Test
    void takes_a_verb_for_part_of_an_id_where_no_template_has_it() {
        assertThat(PathTemplate.parse("/v1/things/{id}").match("/v1/things/7:undo"))
                .contains(Map.of("id", "7:undo"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "/v1/{id", "/v1/**/x"})
    void says_what_is_no_template(String template) {
        assertThatThrownBy(() -> PathTemplate.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(template);
    }
}
