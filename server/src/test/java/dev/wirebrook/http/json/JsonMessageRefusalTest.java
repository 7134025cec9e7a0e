package dev.wirebrook.http.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.wirebrook.schema.EventCatalog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, and what is said about it. */
class JsonMessageRefusalTest {
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final int MANY = 1_000_000;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            emptyValue = "",
            textBlock =
                    """
                    {"oneInt32":1.5}          | oneInt32 | expects an integer from -2147483648 to 2147483647, found 1.5
                    {"oneInt32":2147483648}   | oneInt32 | expects an integer from -2147483648 to 2147483647, found 2147483648
                    {"oneInt32":1e10}         | oneInt32 | expects an integer from -2147483648 to 2147483647, found 1e10
                    {"oneInt32":1e-1}         | oneInt32 | expects an integer from -2147483648 to 2147483647, found 1e-1
                    {"oneInt32":""}           | oneInt32 | expects an integer from -2147483648 to 2147483647, found ""
                    {"oneInt32":" 1"}         | oneInt32 | expects an integer from -2147483648 to 2147483647, found " 1"
                    {"oneInt32":"+1"}         | oneInt32 | expects an integer from -2147483648 to 2147483647, found "+1"
                    {"oneInt32":true}         | oneInt32 | expects an integer from -2147483648 to 2147483647, found true at byte 12
                    {"oneInt32":007}          | oneInt32 | expects a JSON number of at most 1000 characters, found 007 at byte 12
                    {"oneUint32":-1}          | oneUint32 | expects an integer from 0 to 4294967295, found -1
                    {"oneUint64":-1}          | oneUint64 | expects an integer from 0 to 18446744073709551615, found -1
                    {"oneUint64":18446744073709551616} | oneUint64 | expects an integer from 0 to 18446744073709551615, found 18446744073709551616
                    {"oneInt64":9223372036854775808} | oneInt64 | expects an integer from -9223372036854775808 to 9223372036854775807, found 9223372036854775808
                    {"oneInt64":123456789012345678.5} | oneInt64 | expects an integer from -9223372036854775808 to 9223372036854775807, found 123456789012345678.5
                    {"oneUint64":1e999999999} | oneUint64 | expects an integer from 0 to 18446744073709551615, found 1e999999999
                    {"oneUint64":"1e-999999999"} | oneUint64 | expects an integer from 0 to 18446744073709551615, found 1e-999999999
                    {"oneDouble":1e309}       | oneDouble | expects a number within a double's range, found 1e309
                    {"oneFloat":-3.5e38}      | oneFloat | expects a number within a float's range, found -3.5e38
                    {"oneDouble":"nan"}       | oneDouble | expects a number, or one of "NaN", "Infinity" and "-Infinity", found "nan"
                    {"oneDouble":NaN}         | oneDouble | expects a number, or one of "NaN", "Infinity" and "-Infinity", found NaN at byte 13
                    {"oneBool":"true"}        | oneBool | expects true or false, without quotes, found "true" at byte 11
                    {"oneBool":1}             | oneBool | expects true or false, without quotes, found 1 at byte 11
                    {"oneString":12}          | oneString | expects a string, found 12 at byte 13
                    {"oneString":"\\ud83dx"}  | oneString | half a surrogate pair in a string at byte 14
                    {"oneString":"\\ude00"}   | oneString | half a surrogate pair in a string at byte 14
                    {"oneString":"\\ud83d\\u0041"} | oneString | half a surrogate pair in a string at byte 14
                    {"oneString":"\\x"}       | oneString | an unknown escape in a string at byte 15
                    {"oneString":"\\u12g4"}   | oneString | an escape \\u without four hexadecimal digits at byte 18
                    {"oneString":"abc         | oneString | a string that does not end; it begins at byte 13
                    {"oneBytes":"a*b"}        | oneBytes | expects bytes as a base64 string, found "a*b"
                    {"oneBytes":"a"}          | oneBytes | expects bytes as a base64 string, found "a"
                    {"oneColour":"REDD"}      | oneColour | expects a value of kinds.Colour such as RED, found "REDD"
                    {"oneColour":1.5}         | oneColour | expects a value of kinds.Colour, found 1.5
                    {"oneChild":[]}           | oneChild | expects an object, found [ at byte 12
                    {"manyInt32":1}           | manyInt32 | expects an array, found 1 at byte 13
                    {"manyInt32":[1,null]}    | manyInt32[1] | expects a value that is not null, found null at byte 16
                    {"manyInt32":[1,]}        | manyInt32[1] | expects an integer from -2147483648 to 2147483647, found ] at byte 16
                    {"manyChild":[{},{"manyChild":[{"oneInt32":"x"}]}]} | manyChild[1].manyChild[0].oneInt32 | expects an integer from -2147483648 to 2147483647, found "x"
                    {"byInt32":{"1":"a","1.0":"b"}} | byInt32["1.0"] | the key comes twice; send it once
                    {"byString":{"a":"a","\\u0061":"b"}} | byString["a"] | the key comes twice; send it once
                    {"byInt32":{"x":"a"}}     | byInt32["x"] | expects an integer from -2147483648 to 2147483647 as key, found "x"
                    {"byBool":{"1":"a"}}      | byBool["1"] | expects "true" or "false" as key, found "1"
                    {"byString":{"k":null}}   | byString["k"] | expects a value that is not null, found null at byte 17
                    {"oneInt32":1,"one_int32":2} | oneInt32 | comes twice; send it once
                    {"oneInt32":null,"oneInt32":2} | oneInt32 | comes twice; send it once
                    {"choiceInt32":0,"choiceBool":true} | choiceBool | another field of the oneof choice came before; send one of them
                    {"oneInt23":1}            | oneInt23 | unknown: no field of kinds.Kinds; did you mean oneInt32?
                    {"completelyElsewhere":1} | completelyElsewhere | unknown: no field of kinds.Kinds
                    {"wellTimestamp":"2026-02-30T00:00:00Z"} | wellTimestamp | expects a timestamp such as "2026-01-31T09:30:00.250Z" within the years 1 to 9999, found "2026-02-30T00:00:00Z"
                    {"wellTimestamp":"0001-01-01T00:00:00+01:00"} | wellTimestamp | expects a timestamp such as "2026-01-31T09:30:00.250Z" within the years 1 to 9999, found "0001-01-01T00:00:00+01:00"
                    {"wellDuration":"315576000001s"} | wellDuration | expects a duration in seconds such as "1.5s" of at most 315576000000s, found "315576000001s"
                    {"wellDuration":1}        | wellDuration | expects a duration in seconds such as "1.5s", found 1 at byte 16
                    {"wellStruct":{"a":{"b":1,"b":2}}} | wellStruct["a"]["b"] | the key comes twice; send it once
                    {"wellValue":1e400}       | wellValue | expects a number within a double's range, found 1e400
                    {"wellAny":{"@type":"type.googleapis.com/kinds.Kinds","a":1,"a":2}} | wellAny | the name "a" comes twice in one object
                    {"wellAny":{"@type":"type.googleapis.com/kinds.Kinds","oneUint64":1e999999999}} | wellAny | a number with an exponent beyond 400: 1e999999999
                    {"wellAny":{"@type":"type.googleapis.com/kinds.Kinds","oneUint64":"1e999999999"}} | wellAny | a string that is a number too large to be worked out: 1e999999999
                    {"wellAny":{"@type":"no.such/Type"}} | wellAny | is no google.protobuf.Any: Cannot resolve type: no.such/Type
                    {"wellFieldmask":{}}      | wellFieldmask | is no google.protobuf.FieldMask: JsonObject
                    {"reading":{"sensors":""}} | reading | is no plant.Reading: Cannot find field: sensors in message plant.Reading
                    null                      | `` | expects an object, found null at byte 0
                    []                        | `` | expects an object, found [ at byte 0
                    "a"                       | `` | expects an object, found "a" at byte 0
                    {} {}                     | `` | expects nothing behind the JSON value, found { at byte 3
                    {}x                       | `` | expects nothing behind the JSON value, found x at byte 2
                    {oneInt32:1}              | `` | expects a member's name in double quotes, found oneInt32 at byte 1
                    {"oneInt32":1,}           | `` | expects a member's name in double quotes, found } at byte 14
                    {"oneInt32":1             | `` | expects a comma or }, but the JSON ends
                    {"oneInt32"               | oneInt32 | expects a colon behind the member's name, but the JSON ends
                    {"oneInt32":1 /*c*/}      | `` | expects a comma or }, found /*c*/ at byte 14
                    {"oneBool":trueish}       | `` | expects a comma or }, found ish at byte 15
                    {"oneBool":nul}           | oneBool | expects a JSON value, found nul at byte 11
                    """)
    void says_where_and_what_would_be_right(String json, String field, String description) {
        InvalidJsonException refusal = refusal(json.getBytes(StandardCharsets.UTF_8));

        assertThat(refusal.field()).isEqualTo(field);
        assertThat(refusal.description()).isEqualTo(description);
    }

    @Test
    void names_the_field_of_an_event() {
        JsonMessage batches =
                JsonMessage.of(EventCatalog.standard().batchMessage(), Kinds.REGISTRY);

        assertThatThrownBy(() ->
                        batches.toWire(
                                "{\"events\":[{},{\"addToCartEvent\":{\"price\":\"dear\"}}]}"
                                        .getBytes(StandardCharsets.UTF_8)))
                .hasMessageStartingWith("events[1].addToCartEvent.price: expects a number, ");
        assertThatThrownBy(() ->
                        batches.toWire(
                                "{\"events\":[{\"addToCartEvent\":{\"prise\":1}}]}"
                                        .getBytes(StandardCharsets.UTF_8)))
                .hasMessage(
                        "events[0].addToCartEvent.prise: unknown: no field of event.AddToCartEvent;"
                                + " did you mean price?");
    }

    @Test
    void a_byte_order_mark_is_ignored_once_and_only_at_the_beginning() throws Exception {
        assertThat(Kinds.MESSAGE.toWire("\uFEFF{}".getBytes(StandardCharsets.UTF_8))).isEmpty();
        assertThat(refusal("\uFEFF\uFEFF{}".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("expects an object, found \uFEFF at byte 3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"C0 80", "80", "ED A0 80", "F4 90 80 80", "E2 82", "F8 88 80 80 80", "FF"})
    void strings_that_are_not_utf8_are_refused(String hex) {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
        byte[] json = around("{\"oneString\":\"12345678", bytes, "\"}");

        assertThat(refusal(json)).hasMessage("oneString: not UTF-8 at byte 22");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, '\n', '\t', 0x1F})
    void control_characters_have_to_be_escaped(int character) {
        byte[] json = around("{\"oneString\":\"", new byte[] {(byte) character}, "\"}");

        assertThat(refusal(json))
                .hasMessage("oneString: a control character in a string at byte 14; escape it");
    }

    @Test
    void says_back_no_more_than_forty_characters() {
        String value = "😀".repeat(50);

        assertThat(refusal("{\"oneInt32\":\"" + value + "\"}").description())
                .endsWith(", found \"" + "😀".repeat(39) + "…\"");
        assertThat(refusal("{\"" + "n".repeat(MANY) + "\":1}").field()).hasSize(40);
        assertThat(refusal("{\"byInt32\":{\"" + "k".repeat(MANY) + "\":1}}").getMessage())
                .hasSizeLessThan(200);
        assertThat(refusal("{\"oneInt32\":" + "x".repeat(MANY) + "}").getMessage())
                .hasSizeLessThan(200);
    }

    @Test
    void nesting_beyond_a_hundred_messages_is_refused() {
        assertThat(refusal("{\"oneChild\":".repeat(101) + "{}" + "}".repeat(101)))
                .hasMessageEndingWith("oneChild: nested deeper than 100 messages; send it flatter");
        assertThat(refusal("{\"mapOfChild\":{\"\":".repeat(51) + "{}" + "}}".repeat(51)))
                .hasMessageEndingWith(": nested deeper than 100 messages; send it flatter");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"wellValue\":",
                "{\"wellListvalue\":",
                "{\"wellAny\":",
                "{\"manyInt32\":",
                "{\"completelyElsewhere\":"
            })
    void a_million_brackets_are_refused_at_once(String before) {
        assertTimeout(SOON, () -> refusal(before + "[".repeat(MANY)));
        assertTimeout(SOON, () -> refusal(before + "{\"a\":".repeat(MANY)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "oneInt32",
                "oneUint64",
                "oneDouble",
                "oneFloat",
                "wellValue",
                "wellAny",
                "reading"
            })
    void ten_megabytes_of_digits_are_refused_at_once(String field) {
        String digits = "7".repeat(10_000_000);

        for (String number :
                new String[] {digits, "0." + digits, "1e" + digits, '"' + digits + '"'}) {
            boolean isText = number.startsWith("\"") && field.equals("wellValue");
            byte[] json =
                    "{\"%s\":%s}"
                            .formatted(field, isText ? digits : number)
                            .getBytes(StandardCharsets.UTF_8);
            assertTimeout(SOON, () -> refusal(json));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "\"1e999999999\"", "1e-999999999", "\"1e-999999999\""})
    void no_exponent_is_worked_out(String number) {
        for (String field : new String[] {"oneInt32", "oneUint64", "manySint64", "oneColour"}) {
            assertTimeout(SOON, () -> refusal("{\"" + field + "\":" + number + "}"));
        }
        for (String field : new String[] {"from", "to"}) {
            String reading = "{\"reading\":{\"span\":{\"%s\":%s}}}".formatted(field, number);
            assertTimeout(SOON, () -> refusal(reading));
        }
    }

    private static byte[] around(String before, byte[] bytes, String behind) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        json.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        json.writeBytes(bytes);
        json.writeBytes(behind.getBytes(StandardCharsets.UTF_8));
        return json.toByteArray();
    }

    private static InvalidJsonException refusal(String json) {
        return refusal(json.getBytes(StandardCharsets.UTF_8));
    }

    private static InvalidJsonException refusal(byte[] json) {
        InvalidJsonException refusal =
                catchThrowableOfType(InvalidJsonException.class, () -> Kinds.MESSAGE.toWire(json));
        assertThat(refusal).as("refusal").isNotNull();
        return refusal;
    }
}
