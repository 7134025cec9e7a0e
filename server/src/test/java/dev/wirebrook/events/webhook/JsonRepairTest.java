package dev.wirebrook.events.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonRepairTest {
    @ParameterizedTest
    @CsvSource({
        "\\ud83d, \\ufffd",
        "\\uD83D, \\ufffd",
        "\\ude00, \\ufffd",
        "\\ude00\\ud83d, \\ufffd\\ufffd",
        "\\ud83d\\ud83d\\ude00, \\ufffd\\ud83d\\ude00",
        "\\ud83d\\n, \\ufffd\\n",
        "\\ud83dx\\ude00, \\ufffdx\\ufffd",
        "\\\\\\ud83d, \\\\\\ufffd"
    })
    void replaces_half_a_surrogate_pair(String sent, String stored) {
        assertThat(JsonRepair.repaired("{\"a\":\"" + sent + "\"}"))
                .isEqualTo("{\"a\":\"" + stored + "\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "\\",
                "\\u",
                "\\ud8",
                "\\ud83d\\ude00",
                "\\\\ud83d",
                "\\u00e9",
                "\\uzzzz",
                "😀",
                "a\uFEFF"
            })
    void leaves_everything_else_alone(String json) {
        assertThat(JsonRepair.repaired(json)).isEqualTo(json);
    }

    @Test
    void drops_a_byte_order_mark() {
        assertThat(JsonRepair.repaired("\uFEFF{}")).isEqualTo("{}");
        assertThat(JsonRepair.repaired("\uFEFF{\"a\":\"\\ud83d\"}"))
                .isEqualTo("{\"a\":\"\\ufffd\"}");
    }
}
