package dev.wirebrook.http.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Damaged documents and damaged wire bytes. Repeat a failure with the seed it prints: {@code
 * -Dwirebrook.fuzz.seed=...}.
 */
class JsonMessageFuzzTest {
    private static final long SEED = Long.getLong("wirebrook.fuzz.seed", System.nanoTime());
    private static final int ROUNDS = Integer.getInteger("wirebrook.fuzz.documents", 4_000);

    private static final String[] SNIPPETS = {
        "null",
        "true",
        "[",
        "]",
        "{",
        "}",
        "\"",
        ",",
        ":",
        "\\",
        "\\u00e9",
        "\\ud83d",
        "1e5",
        "-",
        ".",
        "0",
        "1.0",
        "\"1\"",
        "\"RED\"",
        "\u00e9",
        "😀",
        " ",
        "\"oneInt32\":",
        "e-1",
        "99999999999"
    };

    /** What is refused here and taken by protobuf's parser, by what is said about it. */
    private static final Pattern STRICTER =
            Pattern.compile(
                    "expects (an integer from|a value of|a number, or|a number within|a string|true or false|bytes as"
                            + "|\"true\" or|a timestamp|a duration|an array|an object|a value that is"
                            + " not null).*|half a surrogate pair .*|not UTF-8 .*|nested deeper .*",
                    Pattern.DOTALL);

    /**
     * Zeros are left out of the comparison: protobuf's parser loses their sign, and with it a field
     * that is not the default. Numbers that are too small end as one, too.
     */
    private static final Pattern ZERO = Pattern.compile("(?m)^ *\\w+: -?0\\.0\\R");

    /** Protobuf's parser refuses a number by its exponent's digits, and not by what it is. */
    private static final Pattern LONG_EXPONENT = Pattern.compile("([eE][+-]?)[0-9]{10,}");

    @Test
    void damaged_json_is_refused_or_means_what_protobuf_says() {
        Random random = new Random(SEED);
        RandomKinds messages = new RandomKinds(random);
        int accepted = 0;
        int refusedByUsAlone = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] json = damaged(json(messages), random);
            String text = new String(json, StandardCharsets.UTF_8);
            String place = "seed %d, round %d: %s".formatted(SEED, round, text);
            Optional<DynamicMessage> expected = readByProtobuf(json);
            Optional<DynamicMessage> read = Optional.empty();
            String refusal = "";
            try {
                read = Optional.of(Protobuf.message(Kinds.TYPE, Kinds.MESSAGE.toWire(json)));
            } catch (InvalidJsonException e) {
                refusal = e.description();
            } catch (InvalidProtocolBufferException | RuntimeException e) {
                throw new AssertionError(place, e);
            }
            boolean strict = isStrictJson(json);
            assertThat(read.isPresent() && !strict).as("no JSON, and read: %s", place).isFalse();
            if (read.isPresent()) {
                assertThat(withoutZeros(expected)).as(place).isEqualTo(withoutZeros(read));
                accepted++;
            } else if (expected.isPresent() && strict) {
                assertThat(refusal).as(place).matches(STRICTER);
                refusedByUsAlone++;
            }
        }
        assertThat(accepted).as("documents that were read").isGreaterThan(ROUNDS / 20);
        assertThat(refusedByUsAlone).as("refused by us alone").isLessThan(ROUNDS / 20);
    }

    @Test
    void damaged_wire_bytes_are_refused_or_say_what_protobuf_says() {
        Random random = new Random(SEED);
        RandomKinds messages = new RandomKinds(random);
        int accepted = 0;
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] wire = messages.next(Kinds.TYPE).toByteArray();
            for (int i = random.nextInt(3); i >= 0 && wire.length > 0; i--) {
                wire[random.nextInt(wire.length)] = (byte) random.nextInt();
            }
            String place = "seed %d, round %d: %s".formatted(SEED, round, Arrays.toString(wire));
            try {
                byte[] json = Kinds.MESSAGE.toJson(wire);
                assertThat(Protobuf.tree(json))
                        .as(place)
                        .isEqualTo(Protobuf.tree(Protobuf.json(Kinds.TYPE, wire)));
                accepted++;
            } catch (InvalidWireException e) {
                refused++;
            } catch (InvalidProtocolBufferException | RuntimeException e) {
                throw new AssertionError(place, e);
            }
        }
        assertThat(accepted).as("messages that were written").isGreaterThan(ROUNDS / 20);
        assertThat(refused).as("bytes that were refused").isGreaterThan(ROUNDS / 20);
    }

    private static Optional<String> withoutZeros(Optional<DynamicMessage> message) {
        return message.map(found -> ZERO.matcher(found.toString()).replaceAll(""));
    }

    private static byte[] json(RandomKinds messages) {
        try {
            return Protobuf.json(Kinds.TYPE, messages.next(Kinds.TYPE).toByteArray());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] damaged(byte[] json, Random random) {
        byte[] damaged = json;
        for (int i = random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(damaged.length + 1);
            int until = Math.min(damaged.length, at + random.nextInt(4));
            byte[] put =
                    random.nextInt(4) == 0
                            ? new byte[] {(byte) random.nextInt()}
                            : SNIPPETS[random.nextInt(SNIPPETS.length)].getBytes(
                                    StandardCharsets.UTF_8);
            ByteBuffer next = ByteBuffer.allocate(damaged.length - (until - at) + put.length);
            next.put(damaged, 0, at).put(put).put(damaged, until, damaged.length - until);
            damaged = next.array();
        }
        return damaged;
    }

    private static Optional<DynamicMessage> readByProtobuf(byte[] json) {
        return tryByProtobuf(json).or(() -> tryByProtobuf(withShortExponents(json)));
    }

    private static Optional<DynamicMessage> tryByProtobuf(byte[] json) {
        try {
            return Optional.of(Protobuf.read(Kinds.TYPE, json));
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static byte[] withShortExponents(byte[] json) {
        String text = new String(json, StandardCharsets.ISO_8859_1);
        return LONG_EXPONENT
                .matcher(text)
                .replaceAll("$1999999999")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Whether it is UTF-8 and JSON as RFC 8259 has it, and no name comes twice in an object. */
    private static boolean isStrictJson(byte[] json) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(Strictness.STRICT);
            return walk(reader);
        } catch (CharacterCodingException | MalformedJsonException | JsonParseException e) {
            return false;
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            return false;
        }
    }

    private static boolean walk(JsonReader reader) throws IOException {
        Deque<Set<String>> objects = new ArrayDeque<>();
        while (true) {
            JsonToken token = reader.peek();
            switch (token) {
                case BEGIN_ARRAY -> reader.beginArray();
                case END_ARRAY -> reader.endArray();
                case BEGIN_OBJECT -> {
                    reader.beginObject();
                    objects.push(new HashSet<>());
                }
                case END_OBJECT -> {
                    reader.endObject();
                    objects.pop();
                }
                case NAME -> {
                    if (!objects.element().add(reader.nextName())) {
                        return false;
                    }
                }
                case STRING, NUMBER -> {
                    // Not skipped, for only what is read is checked.
                    String _ = reader.nextString();
                }
                case BOOLEAN, NULL -> reader.skipValue();
                case END_DOCUMENT -> {
                    return true;
                }
            }
        }
    }
}
