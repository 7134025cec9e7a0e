package dev.wirebrook.schema;

import static dev.wirebrook.schema.Wire.wire;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.schema.ScannedBatch.Verdict;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The corners of the wire format, by hand: what each comes to, and that protobuf-java says the
 * same.
 */
class WireCorpusTest {
    private static final int NUMBER_MAX = (1 << 29) - 1;

    enum Outcome {
        VALID,
        REJECTED,
        QUARANTINED,
        EMPTY,
        MALFORMED
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource({"frames", "tagsAndLengths", "groups", "texts", "shapes", "oneofs"})
    void comes_to(String name, Outcome outcome, Wire batch) {
        EventCatalog catalog = EventCatalog.standard();
        byte[] bytes = batch.toBytes();
        ScannedBatch scanned = new ScannedBatch();
        ScanResult result = new BatchWalker(catalog, 100).scan(bytes, 0, bytes.length, scanned);
        Outcome found =
                switch (result) {
                    case ScanResult.Empty _ -> Outcome.EMPTY;
                    case ScanResult.Malformed _ -> Outcome.MALFORMED;
                    case ScanResult.TooManyEvents _ -> throw new AssertionError(result);
                    case ScanResult.Scanned _ -> outcome(scanned.verdict(0));
                };
        assertThat(found).isEqualTo(outcome);
        new Agreement(catalog).check(bytes);
    }

    private static Outcome outcome(Verdict verdict) {
        return switch (verdict) {
            case VALID -> Outcome.VALID;
            case REJECTED -> Outcome.REJECTED;
            case QUARANTINED -> Outcome.QUARANTINED;
        };
    }

    static Stream<Arguments> frames() {
        Wire sound = event(launch());
        return Stream.of(
                arguments("nothing", Outcome.EMPTY, wire()),
                arguments("an event", Outcome.VALID, sound),
                arguments(
                        "events under a wrong wire type", Outcome.EMPTY, wire().varintField(5, 1)),
                arguments(
                        "header under a wrong wire type", Outcome.EMPTY, wire().varintField(4, 1)),
                arguments("a field zero", Outcome.MALFORMED, wire().raw(sound.toBytes()).raw(0)),
                arguments("a field zero of another wire type", Outcome.MALFORMED, wire().raw(2, 0)),
                arguments("wire type 6", Outcome.MALFORMED, wire().raw(0x0E)),
                arguments("wire type 7", Outcome.MALFORMED, wire().raw(0x0F)),
                arguments("the end of no group", Outcome.MALFORMED, wire().tag(1, Wire.END_GROUP)),
                arguments("a tag cut off", Outcome.MALFORMED, wire().raw(0x80)),
                arguments("a length missing", Outcome.MALFORMED, wire().raw(0x2A)),
                arguments("a length cut off", Outcome.MALFORMED, wire().raw(0x2A, 0x80)),
                arguments("a payload cut off", Outcome.MALFORMED, wire().raw(0x2A, 2, 0x4A)),
                arguments("a varint cut off", Outcome.MALFORMED, wire().raw(0x08, 0xFF, 0xFF)),
                arguments("four bytes cut off", Outcome.MALFORMED, wire().raw(0x0D, 1, 2, 3)),
                arguments("eight bytes cut off", Outcome.MALFORMED, wire().raw(0x09, 1, 2, 3, 4)),
                arguments(
                        "an unknown field before",
                        Outcome.VALID,
                        wire().text(1_000, "x").raw(sound.toBytes())),
                arguments(
                        "a header after",
                        Outcome.VALID,
                        wire().raw(sound.toBytes()).message(4, wire().text(10, "web"))),
                arguments(
                        "a second header that is none",
                        Outcome.MALFORMED,
                        wire().message(4, wire().text(10, "web"))
                                .message(4, wire().raw(0x52, 1, 0xC0))));
    }

    static Stream<Arguments> tagsAndLengths() {
        return Stream.of(
                arguments(
                        "a tag of ten bytes",
                        Outcome.VALID,
                        event(wire().varint((9 << 3) | 2, 10).raw(0))),
                arguments(
                        "a tag whose upper bits are dropped",
                        Outcome.VALID,
                        event(
                                wire().raw(
                                                0xCA, 0x80, 0x80, 0x80, 0x80, 0xFE, 0xFF, 0xFF,
                                                0xFF, 1, 0))),
                arguments(
                        "a tag of eleven bytes",
                        Outcome.REJECTED,
                        event(wire().varint((9 << 3) | 2, 11).raw(0))),
                arguments(
                        "a tag that is zero but for dropped bits",
                        Outcome.REJECTED,
                        event(launch().raw(0x80, 0x80, 0x80, 0x80, 0x10, 0))),
                arguments(
                        "a length of ten bytes",
                        Outcome.VALID,
                        event(wire().tag(9, Wire.LENGTH).varint(3, 10).text(1, "r"))),
                arguments(
                        "a length of eleven bytes",
                        Outcome.REJECTED,
                        event(wire().tag(9, Wire.LENGTH).varint(3, 11).text(1, "r"))),
                arguments(
                        "a length below zero",
                        Outcome.REJECTED,
                        event(wire().tag(9, Wire.LENGTH).varint(-1))),
                arguments(
                        "a length below zero in five bytes",
                        Outcome.REJECTED,
                        event(wire().tag(9, Wire.LENGTH).varint(0x80000000L))),
                arguments(
                        "the greatest length",
                        Outcome.REJECTED,
                        event(wire().tag(9, Wire.LENGTH).varint(Integer.MAX_VALUE))),
                arguments(
                        "the greatest length of an event",
                        Outcome.MALFORMED,
                        wire().tag(5, Wire.LENGTH).varint(Integer.MAX_VALUE).raw(0)),
                arguments(
                        "a length above 2^32, whose upper bits are dropped",
                        Outcome.VALID,
                        event(wire().tag(9, Wire.LENGTH).varint((1L << 32) + 3).text(1, "r"))),
                arguments(
                        "the greatest field number",
                        Outcome.VALID,
                        event(launch().varintField(NUMBER_MAX, -1))),
                arguments(
                        "a negative int32 in ten bytes",
                        Outcome.VALID,
                        event(wire().message(23, wire().varintField(4, -1)))),
                arguments(
                        "an int32 of 64 bits",
                        Outcome.VALID,
                        event(wire().message(23, wire().varintField(4, Long.MAX_VALUE)))),
                arguments(
                        "an int32 of eleven bytes",
                        Outcome.REJECTED,
                        event(wire().message(23, wire().tag(4, Wire.VARINT).varint(2, 11)))),
                arguments(
                        "a tenth byte with more bits than fit",
                        Outcome.VALID,
                        event(
                                wire().message(
                                                23,
                                                wire().tag(4, Wire.VARINT)
                                                        .raw(-1, -1, -1, -1, -1, -1, -1, -1, -1)
                                                        .raw(0x7F)))),
                arguments(
                        "an odd tenth byte that says there is more",
                        Outcome.REJECTED,
                        event(
                                wire().message(
                                                62,
                                                wire().tag(3, Wire.VARINT)
                                                        .raw(-1, -1, -1, -1, -1, -1, -1, -1, -1)
                                                        .raw(0x81)
                                                        .varintField(2, 1)))),
                arguments(
                        "a varint that goes on behind its message",
                        Outcome.REJECTED,
                        event(wire().raw(0x4A, 2, 0x08, 0x80).varintField(1_000, 1))));
    }

    static Stream<Arguments> groups() {
        return Stream.of(
                arguments("an unknown group", Outcome.VALID, event(launch().group(90, wire()))),
                arguments(
                        "groups in groups with everything in them",
                        Outcome.VALID,
                        event(
                                launch().group(
                                                90,
                                                wire().group(90, wire().text(1, "x"))
                                                        .raw(0x0D, 1, 2, 3, 4)
                                                        .raw(0x09, 1, 2, 3, 4, 5, 6, 7, 8)
                                                        .varintField(2, -1)))),
                arguments(
                        "a group that another one ends",
                        Outcome.REJECTED,
                        event(launch().tag(90, Wire.START_GROUP).tag(91, Wire.END_GROUP))),
                arguments(
                        "a group without an end",
                        Outcome.REJECTED,
                        event(launch().tag(90, Wire.START_GROUP).text(1, "x"))),
                arguments(
                        "the end of no group",
                        Outcome.REJECTED,
                        event(launch().tag(90, Wire.END_GROUP))),
                arguments(
                        "the end of a group inside a message inside it",
                        Outcome.VALID,
                        event(
                                launch().tag(90, Wire.START_GROUP)
                                        .message(1, wire().tag(90, Wire.END_GROUP))
                                        .tag(90, Wire.END_GROUP))),
                arguments(
                        "wire type 7 in a group",
                        Outcome.REJECTED,
                        event(launch().group(90, wire().raw(0x0F)))),
                arguments(
                        "a field zero in a group",
                        Outcome.REJECTED,
                        event(launch().group(90, wire().raw(0)))),
                arguments(
                        "no UTF-8 in an unknown group",
                        Outcome.VALID,
                        event(launch().group(90, wire().raw(0x0A, 1, 0xFF)))),
                arguments(
                        "a known type written as a group",
                        Outcome.QUARANTINED,
                        event(wire().group(9, wire().text(1, "r")))),
                arguments("98 groups in the batch", Outcome.EMPTY, tower(98)),
                arguments("99 groups in the batch", Outcome.EMPTY, tower(99)),
                arguments("100 groups in the batch", Outcome.MALFORMED, tower(100)),
                arguments("98 groups in an event", Outcome.QUARANTINED, event(tower(98))),
                arguments("99 groups in an event", Outcome.REJECTED, event(tower(99))));
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                arguments("empty", Outcome.VALID, referrer()),
                arguments("a NUL", Outcome.VALID, referrer(0)),
                arguments("two bytes", Outcome.VALID, referrer(0xC3, 0xA9)),
                arguments("two bytes, the second missing", Outcome.REJECTED, referrer(0xC3)),
                arguments("a follower alone", Outcome.REJECTED, referrer(0x80)),
                arguments("an overlong slash", Outcome.REJECTED, referrer(0xC0, 0xAF)),
                arguments("an overlong NUL", Outcome.REJECTED, referrer(0xC0, 0x80)),
                arguments("overlong in three bytes", Outcome.REJECTED, referrer(0xE0, 0x9F, 0xBF)),
                arguments("overlong in four", Outcome.REJECTED, referrer(0xF0, 0x8F, 0xBF, 0xBF)),
                arguments("a surrogate", Outcome.REJECTED, referrer(0xED, 0xA0, 0x80)),
                arguments(
                        "a pair of surrogates",
                        Outcome.REJECTED,
                        referrer(0xED, 0xA0, 0xBD, 0xED, 0xB1, 0x9F)),
                arguments("U+FFFD itself", Outcome.VALID, referrer(0xEF, 0xBF, 0xBD)),
                arguments("U+10FFFF", Outcome.VALID, referrer(0xF4, 0x8F, 0xBF, 0xBF)),
                arguments("beyond U+10FFFF", Outcome.REJECTED, referrer(0xF4, 0x90, 0x80, 0x80)),
                arguments("lead F5", Outcome.REJECTED, referrer(0xF5, 0x80, 0x80, 0x80)),
                arguments(
                        "a wrong byte at the end of a word of eight",
                        Outcome.REJECTED,
                        referrer(1, 2, 3, 4, 5, 6, 7, 0xFF)),
                arguments(
                        "a character across the end of a word of eight",
                        Outcome.VALID,
                        referrer(1, 2, 3, 4, 5, 6, 7, 0xC3, 0xA9)),
                arguments(
                        "cut off in the id", Outcome.REJECTED, event(launch().raw(0x22, 1, 0xC3))),
                arguments(
                        "cut off in a timestamp that does not count",
                        Outcome.REJECTED,
                        event(launch().raw(0x2A, 1, 0xC3).text(5, "1"))),
                arguments(
                        "none in bytes",
                        Outcome.VALID,
                        event(wire().message(76, wire().raw(0x2A, 1, 0xFF)))),
                arguments(
                        "none in a map's key",
                        Outcome.REJECTED,
                        event(wire().message(49, wire().message(1, wire().raw(0x0A, 1, 0xFF))))),
                arguments(
                        "none in a map's value",
                        Outcome.REJECTED,
                        event(wire().message(49, wire().message(1, wire().raw(0x12, 1, 0xFF))))),
                arguments(
                        "none in an unknown field of a map's entry",
                        Outcome.VALID,
                        event(wire().message(49, wire().message(1, wire().raw(0x1A, 1, 0xFF))))));
    }

    static Stream<Arguments> shapes() {
        return Stream.of(
                arguments("packed, empty", Outcome.VALID, stepMillis(wire().bytes(3, bytes()))),
                arguments(
                        "packed", Outcome.VALID, stepMillis(wire().bytes(3, bytes(1, 0x80, 1, 2)))),
                arguments(
                        "packed, the last cut off",
                        Outcome.REJECTED,
                        stepMillis(wire().bytes(3, bytes(1, 0x80)).varintField(3, 1))),
                arguments(
                        "packed, the last cut off before what could be its rest",
                        Outcome.REJECTED,
                        stepMillis(wire().bytes(3, bytes(0x80)).raw(0x18, 0x08, 0x18, 0x18, 0x01))),
                arguments(
                        "packed and not packed",
                        Outcome.VALID,
                        stepMillis(wire().varintField(3, 1).bytes(3, bytes(2)))),
                arguments(
                        "not packed, under a wrong wire type",
                        Outcome.VALID,
                        stepMillis(wire().tag(3, Wire.FIXED32).raw(1, 2, 3, 4))),
                arguments(
                        "packed of four bytes",
                        Outcome.VALID,
                        event(wire().message(72, wire().bytes(4, new byte[8])))),
                arguments(
                        "packed of four bytes, seven",
                        Outcome.REJECTED,
                        event(wire().message(72, wire().bytes(4, new byte[7])))),
                arguments(
                        "a single number packed",
                        Outcome.VALID,
                        event(wire().message(23, wire().bytes(4, bytes(1))))),
                arguments(
                        "an enum that nobody knows",
                        Outcome.VALID,
                        event(wire().message(48, wire().varintField(1, 4_711)))),
                arguments(
                        "a bool that is neither",
                        Outcome.VALID,
                        event(wire().message(31, wire().varintField(2, 2)))),
                arguments(
                        "not a number",
                        Outcome.VALID,
                        event(
                                wire().message(
                                                23,
                                                wire().tag(3, 1)
                                                        .raw(0, 0, 0, 0, 0, 0, 0xF8, 0x7F)))),
                arguments(
                        "a map's entry without key and value",
                        Outcome.VALID,
                        event(wire().message(49, wire().message(1, wire())))),
                arguments(
                        "a map's entry with a key twice",
                        Outcome.VALID,
                        event(
                                wire().message(
                                                49,
                                                wire().message(
                                                                1,
                                                                wire().text(1, "a")
                                                                        .text(1, "b"))))),
                arguments(
                        "a map's key under a wrong wire type",
                        Outcome.VALID,
                        event(wire().message(49, wire().message(1, wire().varintField(1, 1))))),
                arguments(
                        "a map's entry that ends a group",
                        Outcome.REJECTED,
                        event(
                                wire().message(
                                                49,
                                                wire().message(
                                                                1,
                                                                wire().tag(1, Wire.END_GROUP))))));
    }

    static Stream<Arguments> oneofs() {
        return Stream.of(
                arguments("nothing", Outcome.REJECTED, event(wire())),
                arguments("no type", Outcome.REJECTED, event(wire().text(4, "e"))),
                arguments("two types", Outcome.VALID, event(launch().message(23, wire()))),
                arguments(
                        "a type that does not count and is none",
                        Outcome.REJECTED,
                        event(wire().message(9, wire().raw(0x0F)).message(23, wire()))),
                arguments(
                        "a type again",
                        Outcome.VALID,
                        event(launch().message(9, wire().text(2, "p")))),
                arguments(
                        "a type nobody knows",
                        Outcome.QUARANTINED,
                        event(wire().message(500, wire()))),
                arguments(
                        "a type nobody knows that is cut off",
                        Outcome.REJECTED,
                        event(wire().tag(500, Wire.LENGTH).varint(9))),
                arguments(
                        "a known type after one nobody knows",
                        Outcome.VALID,
                        event(wire().message(500, wire()).message(9, wire()))));
    }

    private static Arguments arguments(String name, Outcome outcome, Wire batch) {
        return Arguments.of(name, outcome, batch);
    }

    private static Wire event(Wire fields) {
        return wire().message(5, fields);
    }

    private static Wire launch() {
        return wire().message(9, wire());
    }

    private static Wire referrer(int... text) {
        return event(wire().message(9, wire().bytes(1, bytes(text))));
    }

    private static Wire stepMillis(Wire fields) {
        return event(wire().message(60, fields));
    }

    private static Wire tower(int groups) {
        Wire tower = wire();
        for (int i = 0; i < groups; i++) {
            tower = wire().group(90, tower);
        }
        return tower;
    }

    private static byte[] bytes(int... values) {
        return wire().raw(values).toBytes();
    }
}
