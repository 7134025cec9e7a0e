package dev.wirebrook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a type's name says of the values of its column. */
class ResultShapeTest {
    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static Value list(Value... values) {
        return Value.newBuilder()
                .setListValue(ListValue.newBuilder().addAllValues(List.of(values)))
                .build();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    BIGINT                 | WHOLE
                    UHUGEINT               | WHOLE
                    DECIMAL(18,3)          | FRACTIONAL
                    DOUBLE                 | FRACTIONAL
                    VARCHAR                | OTHER
                    ENUM('a', 'INTEGER')   | OTHER
                    INTERVAL               | OTHER
                    INTEGER[3]             | LIST
                    DECIMAL(5,2)[]         | LIST
                    STRUCT(a BIGINT)       | STRUCT
                    MAP(VARCHAR, BIGINT)   | MAP
                    UNION(a BIGINT)        | OTHER
                    Int64                  | WHOLE
                    UInt256                | WHOLE
                    Nullable(Float32)      | FRACTIONAL
                    LowCardinality(Nullable(Int8)) | WHOLE
                    Decimal(9, 2)          | FRACTIONAL
                    Array(Int64)           | LIST
                    Map(String, Int64)     | MAP
                    Tuple(a Int64, String) | STRUCT
                    DateTime64(6)          | OTHER
                    """)
    void knows_the_types_of_both_engines(String type, ResultShape.Kind kind) {
        assertThat(ResultShape.of(type).kind()).isEqualTo(kind);
    }

    @Test
    void finds_numbers_at_any_depth() {
        ResultShape shape =
                ResultShape.of("STRUCT(\"a, (b\" BIGINT, c STRUCT(d DECIMAL(9,2)[])[], e VARCHAR)");
        Value value =
                Value.newBuilder()
                        .setStructValue(
                                Struct.newBuilder()
                                        .putFields("a, (b", text("9007199254740993"))
                                        .putFields(
                                                "c",
                                                list(
                                                        Value.newBuilder()
                                                                .setStructValue(
                                                                        Struct.newBuilder()
                                                                                .putFields(
                                                                                        "d",
                                                                                        list(
                                                                                                text(
                                                                                                        "1.50"))))
                                                                .build()))
                                        .putFields("e", text("7")))
                        .build();
        assertThat(shape.value(value))
                .isEqualTo(
                        Map.of(
                                "a, (b",
                                new BigDecimal("9007199254740993"),
                                "c",
                                List.of(Map.of("d", List.of(new BigDecimal("1.50")))),
                                "e",
                                "7"));
        assertThat(ResultShape.of("Tuple(Int64, String)").value(list(text("7"), text("7"))))
                .isEqualTo(List.of(new BigDecimal("7"), "7"));
    }

    @Test
    void leaves_what_is_no_number_as_text() {
        assertThat(ResultShape.of("DOUBLE").value(text("NaN"))).isEqualTo("NaN");
        assertThat(ResultShape.of("BIGINT").value(text(""))).isEqualTo("");
    }
}
