package dev.wirebrook.http.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.wirebrook.api.admin.v1.AdminProto;
import dev.wirebrook.api.ingest.v1.IngestProto;
import dev.wirebrook.schema.EventCatalog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Agrees with protobuf's own JSON, which makes an object of everything on the way. */
class JsonMessageTest {
    private static final int ROUNDS = 400;

    static Stream<Descriptor> types() {
        return Stream.of(
                        List.of(Kinds.TYPE, EventCatalog.standard().batchMessage()),
                        EventCatalog.standard().dispatch().getFile().getMessageTypes().stream()
                                .filter(type -> type.getName().equals("Response"))
                                .toList(),
                        AdminProto.getDescriptor().getMessageTypes(),
                        IngestProto.getDescriptor().getMessageTypes())
                .flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("types")
    void says_and_reads_what_protobuf_does(Descriptor type) throws Exception {
        long seed = System.nanoTime();
        RandomKinds messages = new RandomKinds(new Random(seed));
        JsonMessage json = JsonMessage.of(type, Kinds.REGISTRY);
        int rounds = type.getFields().size() > 50 ? 4 * ROUNDS : ROUNDS / 8;
        for (int round = 0; round < rounds; round++) {
            String place = "seed %d, round %d".formatted(seed, round);
            DynamicMessage message = messages.next(type);
            byte[] wire = message.toByteArray();
            byte[] expected = Protobuf.json(type, wire);

            byte[] written = json.toJson(wire);
            assertThat(Protobuf.tree(written)).as(place).isEqualTo(Protobuf.tree(expected));
            assertThat(Protobuf.message(type, json.toWire(expected)))
                    .as(place)
                    .isEqualTo(Protobuf.read(type, expected));
            assertThat(Protobuf.message(type, json.toWire(written)))
                    .as(place)
                    .isEqualTo(Protobuf.read(type, expected));
        }
    }

    /** Fields of several messages one behind the other, in any order. */
    @Test
    void reads_the_wire_in_any_order_and_in_pieces() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RandomKinds messages = new RandomKinds(random);
        int said = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<byte[]> fields = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(3); i++) {
                fields.addAll(WirePieces.of(messages.next(Kinds.TYPE).toByteArray()));
            }
            if (random.nextBoolean()) {
                Collections.shuffle(fields, random);
            }
            byte[] wire = WirePieces.join(fields);

            String place = "seed %d, round %d".formatted(seed, round);
            Optional<byte[]> expected = jsonOfProtobuf(wire);
            if (expected.isPresent()) {
                assertThat(Protobuf.tree(Kinds.MESSAGE.toJson(wire)))
                        .as(place)
                        .isEqualTo(Protobuf.tree(expected.get()));
                said++;
            } else {
                assertThatThrownBy(() -> Kinds.MESSAGE.toJson(wire))
                        .as(place)
                        .isInstanceOf(InvalidWireException.class);
            }
        }
        assertThat(said).isGreaterThan(ROUNDS / 2);
    }

    /** Empty where two durations merge into one that is none. */
    private static Optional<byte[]> jsonOfProtobuf(byte[] wire)
            throws InvalidProtocolBufferException {
        try {
            return Optional.of(Protobuf.json(Kinds.TYPE, wire));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"oneInt32":1.0}                     | {"oneInt32":1}
                    {"oneInt32":1e3}                     | {"oneInt32":1000}
                    {"oneInt32":"-12.50e1"}              | {"oneInt32":-125}
                    {"oneInt32":0e999999999}             | {}
                    {"oneInt64":"9223372036854775807"}   | {"oneInt64":"9223372036854775807"}
                    {"oneInt64":-9223372036854775808}    | {"oneInt64":"-9223372036854775808"}
                    {"oneUint64":18446744073709551615}   | {"oneUint64":"18446744073709551615"}
                    {"oneUint64":1.8446744073709551615E19} | {"oneUint64":"18446744073709551615"}
                    {"one_int32":7}                      | {"oneInt32":7}
                    {"else":"x"}                         | {"else":"x"}
                    {"named_elsewhere":"x"}              | {"else":"x"}
                    {"\\u006fneInt32":7}                 | {"oneInt32":7}
                    {"oneInt32":null,"manyInt32":null,"byBool":null,"wellTimestamp":null} | {}
                    {"wellValue":null}                   | {"wellValue":null}
                    {"wellNull":null}                    | {}
                    {"knownNull":null}                   | {"knownNull":null}
                    {"knownWrapper":null,"knownValue":1} | {"knownValue":1}
                    {"choiceInt32":null,"choiceBool":false} | {"choiceBool":false}
                    {"maybeInt32":0,"maybeString":""}    | {"maybeInt32":0,"maybeString":""}
                    {"oneColour":"RED","manyColour":[2,"VERT","GREEN",77,-1]} | {"oneColour":"RED","manyColour":["GREEN","GREEN","GREEN",77,"BEHIND"]}
                    {"oneDouble":"NaN","oneFloat":"-Infinity"} | {"oneDouble":"NaN","oneFloat":"-Infinity"}
                    {"oneDouble":-0.0,"oneFloat":-0.0} | {"oneDouble":-0.0,"oneFloat":-0.0}
                    {"oneDouble":"1.5","oneFloat":-0.0}  | {"oneDouble":1.5,"oneFloat":-0.0}
                    {"oneDouble":129.95,"oneFloat":0.1}  | {"oneDouble":129.95,"oneFloat":0.1}
                    {"oneBytes":"_-8"}                   | {"oneBytes":"/+8="}
                    {"oneBytes":"/+8="}                  | {"oneBytes":"/+8="}
                    {"oneString":"\\ud83d\\ude00\\/\\n"} | {"oneString":"😀/\\n"}
                    {"byInt32":{"1":"a","-2":"b"},"byBool":{"true":"c"}} | {"byInt32":{"1":"a","-2":"b"},"byBool":{"true":"c"}}
                    {"wellTimestamp":"2026-02-28T23:30:00.5-01:30"} | {"wellTimestamp":"2026-03-01T01:00:00.500Z"}
                    {"wellDuration":"-0.5s"}             | {"wellDuration":"-0.500s"}
                    {"wellStringvalue":"","wellInt64value":"5"} | {"wellInt64value":"5","wellStringvalue":""}
                    {"wellStruct":{"a":[1,null,{"b":true}]}} | {"wellStruct":{"a":[1,null,{"b":true}]}}
                    {"wellFieldmask":"a.bC,d"}           | {"wellFieldmask":"a.bC,d"}
                    {"wellAny":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}} | {"wellAny":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}}
                    {"wellAny":{"@type":"type.googleapis.com/kinds.Kinds","oneInt32":3}} | {"wellAny":{"@type":"type.googleapis.com/kinds.Kinds","oneInt32":3}}
                    {"reading":{"span":{"from":3},"values":[0.5]}} | {"reading":{"values":[0.5],"span":{"from":"3"}}}
                    ` {"oneInt32" : 7 , "manyBool" : [ true , false ] } ` | {"oneInt32":7,"manyBool":[true,false]}
                    """)
    void takes_every_form_and_says_the_usual_one(String json, String usual) throws Exception {
        byte[] wire = Kinds.MESSAGE.toWire(json.getBytes(StandardCharsets.UTF_8));

        assertThat(new String(Kinds.MESSAGE.toJson(wire), StandardCharsets.UTF_8)).isEqualTo(usual);
    }

    @Test
    void nothing_at_all_is_an_empty_message() throws Exception {
        assertThat(Kinds.MESSAGE.toWire(new byte[0])).isEmpty();
        assertThat(Kinds.MESSAGE.toJson(new byte[0])).asString().isEqualTo("{}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    wellTimestamp   | "2026-01-31T09:30:00Z"
                    wellDuration    | "3s"
                    wellStruct      | {"a":1}
                    wellValue       | null
                    wellListvalue   | [1,"b"]
                    wellInt32value  | 7
                    wellStringvalue | "text"
                    wellFieldmask   | "a,b"
                    wellEmpty       | {}
                    """)
    void a_document_may_have_the_form_of_its_well_known_type(String field, String json)
            throws Exception {
        Descriptor type =
                Kinds.TYPE.getFields().stream()
                        .filter(each -> each.getJsonName().equals(field))
                        .findFirst()
                        .orElseThrow()
                        .getMessageType();
        JsonMessage message = JsonMessage.of(type, Kinds.REGISTRY);

        assertThat(message.toJson(message.toWire(json.getBytes(StandardCharsets.UTF_8))))
                .asString()
                .isEqualTo(json);
    }

    @Test
    void a_length_that_needs_more_bytes_moves_what_it_measures() throws Exception {
        for (int length : new int[] {127, 128, 16_383, 16_384, 2_097_152}) {
            String json =
                    "{\"oneChild\":{\"oneChild\":{\"oneString\":\"" + "x".repeat(length) + "\"}}}";
            byte[] wire = Kinds.MESSAGE.toWire(json.getBytes(StandardCharsets.UTF_8));

            assertThat(wire).isEqualTo(Protobuf.message(Kinds.TYPE, wire).toByteArray());
            assertThat(Kinds.MESSAGE.toJson(wire)).asString().isEqualTo(json);
        }
    }

    @Test
    void leaves_out_fields_that_the_type_does_not_have() throws Exception {
        UnknownFieldSet unknown =
                UnknownFieldSet.newBuilder()
                        .mergeVarintField(1_999, 7)
                        .mergeLengthDelimitedField(3, ByteString.copyFromUtf8("no int32"))
                        .build();
        byte[] wire =
                DynamicMessage.newBuilder(Kinds.TYPE)
                        .setUnknownFields(unknown)
                        .build()
                        .toByteArray();

        assertThat(Kinds.MESSAGE.toJson(wire)).asString().isEqualTo("{}");
    }

    @Test
    void an_entry_without_key_and_value_has_their_defaults() throws Exception {
        for (String map : new String[] {"by_bool", "by_int64", "map_of_child", "map_of_colour"}) {
            byte[] wire = measured(Kinds.TYPE.findFieldByName(map).getNumber(), new byte[0]);

            assertThat(Protobuf.tree(Kinds.MESSAGE.toJson(wire)))
                    .isEqualTo(Protobuf.tree(Protobuf.json(Kinds.TYPE, wire)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"oneInt32":1}     | {"oneInt32":2}                  | {"oneInt32":2}
                    {"choiceInt32":1}  | {"choiceString":"a"}            | {"choiceString":"a"}
                    {"oneChild":{"oneInt32":1}} | {"oneChild":{"oneBool":true}} | {"oneChild":{"oneInt32":1,"oneBool":true}}
                    {"manyInt32":[1]}  | {"manyInt32":[2]}               | {"manyInt32":[1,2]}
                    {"wellInt32value":1} | {"wellInt32value":2}          | {"wellInt32value":2}
                    {"knownValue":1}   | {"knownValue":"a"}              | {"knownValue":"a"}
                    """)
    void of_two_messages_behind_each_other_the_last_counts(
            String first, String second, String merged) throws Exception {
        byte[] wire =
                WirePieces.join(
                        List.of(
                                Kinds.MESSAGE.toWire(first.getBytes(StandardCharsets.UTF_8)),
                                Kinds.MESSAGE.toWire(second.getBytes(StandardCharsets.UTF_8))));

        assertThat(Kinds.MESSAGE.toJson(wire)).asString().isEqualTo(merged);
    }

    @Test
    void of_two_entries_with_one_key_the_last_counts() throws Exception {
        byte[] wire =
                WirePieces.join(
                        List.of(
                                Kinds.MESSAGE.toWire(
                                        "{\"byInt32\":{\"1\":\"a\",\"2\":\"b\"}}"
                                                .getBytes(StandardCharsets.UTF_8)),
                                Kinds.MESSAGE.toWire(
                                        "{\"byInt32\":{\"1\":\"c\"}}"
                                                .getBytes(StandardCharsets.UTF_8))));

        assertThat(Kinds.MESSAGE.toJson(wire))
                .asString()
                .isEqualTo("{\"byInt32\":{\"1\":\"c\",\"2\":\"b\"}}");
    }

    @Test
    void bytes_that_are_no_message_are_refused() throws Exception {
        int text = Kinds.TYPE.findFieldByName("one_string").getNumber();
        assertThatThrownBy(
                        () -> Kinds.MESSAGE.toJson(measured(text, new byte[] {(byte) 0xC0, 0x20})))
                .isInstanceOf(InvalidWireException.class)
                .hasMessage("oneString is not UTF-8, at byte 2");
        assertThatThrownBy(() -> Kinds.MESSAGE.toJson(new byte[] {(byte) (text << 3 | 2), 5, 'a'}))
                .isInstanceOf(InvalidWireException.class)
                .hasMessage("no message: it ends within a field, at byte 2");
        assertThatThrownBy(() -> Kinds.MESSAGE.toJson(new byte[] {0, 0}))
                .isInstanceOf(InvalidWireException.class)
                .hasMessage("no message: a field with the number 0 at byte 1");
    }

    @Test
    void a_hundred_messages_within_each_other_are_read_and_no_more() throws Exception {
        int child = Kinds.TYPE.findFieldByName("one_child").getNumber();
        byte[] wire = {};
        for (int depth = 0; depth < 100; depth++) {
            wire = measured(child, wire);
        }
        String json = "{\"oneChild\":".repeat(100) + "{}" + "}".repeat(100);

        assertThat(Kinds.MESSAGE.toJson(wire)).asString().isEqualTo(json);
        assertThat(Kinds.MESSAGE.toWire(json.getBytes(StandardCharsets.UTF_8))).isEqualTo(wire);
        byte[] deeper = measured(child, wire);
        assertThatThrownBy(() -> Kinds.MESSAGE.toJson(deeper))
                .isInstanceOf(InvalidWireException.class)
                .hasMessage("nested deeper than 100 messages");
    }

    private static byte[] measured(int number, byte[] payload) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeByteArray(number, payload);
        out.flush();
        return bytes.toByteArray();
    }
}
