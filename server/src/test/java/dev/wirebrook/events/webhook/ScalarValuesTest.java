package dev.wirebrook.events.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.protobuf.BoolValue;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DoubleValue;
import com.google.protobuf.FieldMask;
import com.google.protobuf.FloatValue;
import com.google.protobuf.Int32Value;
import com.google.protobuf.Int64Value;
import com.google.protobuf.StringValue;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalarValuesTest {
    private static final Map<String, Descriptor> WRAPPER_BY_TYPE =
            Map.of(
                    "int32", Int32Value.getDescriptor(),
                    "uint32", UInt32Value.getDescriptor(),
                    "int64", Int64Value.getDescriptor(),
                    "uint64", UInt64Value.getDescriptor(),
                    "double", DoubleValue.getDescriptor(),
                    "float", FloatValue.getDescriptor(),
                    "bool", BoolValue.getDescriptor(),
                    "string", StringValue.getDescriptor());

    private static FieldDescriptor field(String type) {
        return Objects.requireNonNull(WRAPPER_BY_TYPE.get(type)).findFieldByName("value");
    }

    private static JsonElement json(String text) throws UnfitException {
        return new WebhookBody(text.getBytes(StandardCharsets.UTF_8)).json();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    int32  | -2147483648            | -2147483648
                    int32  | "17"                   | 17
                    int32  | 1.7e1                  | 17
                    int64  | 9007199254740993       | 9007199254740993
                    int64  | 9223372036854775807    | 9223372036854775807
                    int64  | "-9223372036854775808" | -9223372036854775808
                    uint32 | 4294967295             | -1
                    uint64 | 18446744073709551615   | -1
                    double | 36.99                  | 36.99
                    double | "36.99"                | 36.99
                    float  | 0.5                    | 0.5
                    bool   | true                   | true
                    bool   | "false"                | false
                    string | 9007199254740993       | 9007199254740993
                    string | 1.10                   | 1.10
                    string | {"a": [1]}             | {"a":[1]}
                    """)
    void holds_every_digit(String type, String value, String held) throws Exception {
        assertThat(String.valueOf(ScalarValues.of(field(type), json(value)))).isEqualTo(held);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    int32  | 2147483648           | a number of 32 bits
                    int32  | 1.5                  | a whole number
                    int32  | "many"               | a whole number
                    int64  | 9223372036854775808  | a number of 64 bits
                    int64  | 1e999999999          | a number of 64 bits
                    int64  | 1e-999999999         | a whole number
                    int64  | {}                   | a whole number
                    uint32 | -1                   | a number of 32 bits
                    uint64 | 18446744073709551616 | a number of 64 bits
                    double | 1e400                | a number within range
                    double | "NaN"                | a number
                    bool   | 1                    | true or false
                    """)
    void says_what_the_field_takes(String type, String value, String right) {
        assertThatThrownBy(() -> ScalarValues.of(field(type), json(value)))
                .isInstanceOf(UnfitException.class)
                .hasMessageStartingWith("value takes " + right + ", and the body has");
    }

    @ParameterizedTest
    @ValueSource(strings = {"int64", "uint64", "double"})
    void long_numbers_cost_no_time(String type) {
        String digits = "9".repeat(900_000);
        for (String number : new String[] {digits, digits + "e-900000", "1e" + "9".repeat(300)}) {
            Assertions.assertTimeoutPreemptively(
                    Duration.ofSeconds(5),
                    () ->
                            assertThatThrownBy(() -> ScalarValues.of(field(type), json(number)))
                                    .isInstanceOf(UnfitException.class)
                                    .message()
                                    .hasSizeLessThan(200));
        }
    }

    @Test
    void knows_enums_by_name_and_no_messages() throws Exception {
        FieldDescriptor nullValue = Value.getDescriptor().findFieldByName("null_value");
        assertThat(String.valueOf(ScalarValues.of(nullValue, json("\"NULL_VALUE\""))))
                .isEqualTo("NULL_VALUE");
        assertThatThrownBy(() -> ScalarValues.of(nullValue, json("\"OTHER\"")))
                .hasMessageContaining("a name of NullValue");
        assertThat(ScalarValues.fills(Value.getDescriptor().findFieldByName("list_value")))
                .isFalse();
        assertThat(ScalarValues.fills(BytesValue.getDescriptor().findFieldByName("value")))
                .isFalse();
        assertThat(ScalarValues.fills(FieldMask.getDescriptor().findFieldByName("paths"))).isTrue();
    }
}
