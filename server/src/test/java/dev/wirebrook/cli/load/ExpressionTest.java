package dev.wirebrook.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest {
    private static final Map<String, String> ROW =
            Map.of(
                    "a",
                    "2",
                    "b",
                    "3",
                    "text",
                    "Hello",
                    "Unit Price",
                    "2.50",
                    "user.name",
                    "Ann",
                    "word",
                    "x1");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    a                       | 2
                    a+b*2                   | 8
                    (a+b)*2                 | 10
                    a-b-1                   | -2
                    -a*-b                   | 6
                    a/8                     | 0.25
                    2/4*3                   | 1.5
                    0.1+0.2                 | 0.3
                    'it''s'                 | it's
                    "Unit Price"*a          | 5.00
                    user.name               | Ann
                    concat(text,' ',b)      | Hello 3
                    coalesce(none,text)     | Hello
                    coalesce(none,'-')      | -
                    round(7/3,2)            | 2.33
                    round(2.5)              | 3
                    UPPER(text)             | HELLO
                    lower(text)             | hello
                    trim('  x ')            | x
                    """)
    void has_the_value_that_arithmetic_gives(String expression, String value) throws Exception {
        assertThat(Evaluation.text(value(expression))).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    "none | none+1 | a*none | -none | upper(none) | concat(none,none) | round(none)")
    void nothing_comes_of_nothing(
            String a, String b, String c, String d, String e, String f, String g) throws Exception {
        for (String expression : new String[] {a, b, c, d, e, f, g}) {
            assertThat(value(expression)).as(expression).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    text*2         | column text: "Hello" is not a number
                    1+word         | column word: "x1" is not a number
                    concat(a,'!')*2| "2!" is not a number
                    a/(b-3)        | division by zero
                    '1e999999'+1   | "1e999999" is not a number
                    """)
    void says_what_is_wrong_with_a_value(String expression, String fault) {
        assertThatExceptionOfType(RowFault.class)
                .isThrownBy(() -> value(expression))
                .withMessage(fault);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    a+            | 2 | expected a column
                    (a            | 2 | expected )
                    a b           | 2 | expected an operator or the end
                    'a            | 0 | the quote is not closed
                    sum(sum(a))   | 4 | an aggregate inside an aggregate
                    nope(a)       | 0 | no function nope; there are sum, count
                    round(a,b,a)  | 0 | round does not take 3 arguments
                    sum()         | 0 | sum takes one argument
                    1.2.3         | 0 | not a number
                    a $ b         | 2 | expected an operator or the end
                    """)
    void points_at_the_place_of_a_fault(String expression, int column, String description) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExpressionParser.parse(expression))
                .withMessageStartingWith(description)
                .withMessageEndingWith("\n  " + " ".repeat(column) + "^");
    }

    @Test
    void refuses_expressions_that_would_exhaust_the_stack() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExpressionParser.parse("(".repeat(10_000)))
                .withMessageStartingWith("nested too deeply");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExpressionParser.parse("-".repeat(10_000) + "1"))
                .withMessageStartingWith("nested too deeply");
    }

    private static @org.jspecify.annotations.Nullable Object value(String expression)
            throws RowFault {
        return Evaluation.of(
                ExpressionParser.parse(expression), new Group.RowScope(new TestRow(1, ROW)));
    }
}
