package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * Random batches of a catalogue, in all the ways that the wire format allows to write them: fields
 * in any order and more than once, packed or not, varints longer than they need be, fields nobody
 * knows, known numbers under wrong wire types, groups, nesting up to the limit and beyond. With
 * some chance, also in ways it does not allow.
 */
final class RandomWire {
    private static final List<String> TEXTS =
            List.of(
                    "",
                    "a",
                    "Schuhe, Größe 43",
                    "кеды",
                    "運動靴",
                    "👟",
                    "\u0000",
                    "\uFFFF",
                    "~".repeat(300));
    private static final List<String> TIMES =
            List.of(
                    "",
                    "2026-01-31T12:00:00Z",
                    "2026-01-31T12:00:00.123456789+05:30",
                    "2024-02-29t23:59:60.5z",
                    "0001-01-01 00:00:00-00:00",
                    "9999-12-31T23:59:60Z",
                    "2023-02-29T00:00:00Z",
                    "2026-01-31T12:00:00",
                    "1767225600000",
                    "-1",
                    "253402300800000",
                    "yesterday");
    private static final byte[][] NASTY = {
        {0},
        {7},
        {(byte) 0x0B},
        {(byte) 0x0C},
        {(byte) 0x80},
        {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0x0F},
        {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1},
        {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1},
        {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
        {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
    };

    private final Random random;
    private final EventCatalog catalog;

    /** Chance that a message is damaged before it is put into the one around it. */
    private final double damage;

    RandomWire(Random random, EventCatalog catalog, double damage) {
        this.random = random;
        this.catalog = catalog;
        this.damage = damage;
    }

    byte[] batch() {
        Wire wire = Wire.wire();
        int fields = random.nextInt(7);
        for (int i = 0; i < fields; i++) {
            if (chance(0.1)) {
                anyField(wire, catalog.batchMessage(), 0);
            } else if (chance(0.3)) {
                subMessage(wire, catalog.header(), 0);
            } else {
                bytes(wire, catalog.events().getNumber(), damaged(event()));
            }
        }
        return damaged(wire.toBytes());
    }

    byte[] noise() {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            if (chance(0.6)) {
                bytes[i] &= 0x2F;
            }
        }
        return bytes;
    }

    private byte[] event() {
        Wire wire = Wire.wire();
        Descriptor event = catalog.events().getMessageType();
        int fields = random.nextInt(6);
        for (int i = 0; i < fields; i++) {
            switch (random.nextInt(6)) {
                case 0 -> text(wire, catalog.eventId().getNumber(), any(TEXTS));
                case 1 -> text(wire, catalog.timestamp().getNumber(), any(TIMES));
                case 2 -> anyField(wire, event, 1);
                default -> subMessage(wire, any(catalog.types()).field(), 1);
            }
        }
        return wire.toBytes();
    }

    private byte[] message(Descriptor message, int depth) {
        Wire wire = Wire.wire();
        int fields = random.nextInt(depth > 4 ? 3 : 6);
        for (int i = 0; i < fields; i++) {
            anyField(wire, message, depth);
        }
        return damaged(wire.toBytes());
    }

    private void anyField(Wire wire, Descriptor message, int depth) {
        if (message.getFields().isEmpty() || chance(0.1)) {
            foreignField(wire, 0);
            return;
        }
        FieldDescriptor field = any(message.getFields());
        if (chance(0.03)) {
            foreignField(wire, field.getNumber());
            return;
        }
        if (field.isPackable() && chance(0.5)) {
            Wire packed = Wire.wire();
            int count = random.nextInt(4);
            for (int i = 0; i < count; i++) {
                scalar(packed, field);
            }
            bytes(wire, field.getNumber(), packed.toBytes());
            return;
        }
        switch (field.getType()) {
            case MESSAGE -> subMessage(wire, field, depth);
            case GROUP ->
                    wire.group(
                            field.getNumber(),
                            Wire.wire().raw(message(field.getMessageType(), depth + 1)));
            case STRING, BYTES -> text(wire, field.getNumber(), any(TEXTS));
            default -> {
                tag(wire, field.getNumber(), wireType(field));
                scalar(wire, field);
            }
        }
    }

    private void subMessage(Wire wire, FieldDescriptor field, int depth) {
        byte[] payload =
                chance(0.005)
                        ? tower(field, depth)
                        : depth > 12 ? new byte[0] : message(field.getMessageType(), depth + 1);
        bytes(wire, field.getNumber(), payload);
    }

    /** The field's message within itself, if it can be, about as often as is allowed. */
    private byte[] tower(FieldDescriptor field, int depth) {
        int levels = 96 + random.nextInt(8) - depth;
        FieldDescriptor inner =
                field.getMessageType().getFields().stream()
                        .filter(candidate ->
                                candidate.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
                        .filter(candidate -> candidate.getMessageType() == field.getMessageType())
                        .findFirst()
                        .orElse(null);
        Wire wire = Wire.wire();
        for (int i = 0; i < levels; i++) {
            if (inner == null || chance(0.05)) {
                wire = Wire.wire().group(1000, wire);
            } else if (inner.getType() == FieldDescriptor.Type.GROUP) {
                wire = Wire.wire().group(inner.getNumber(), wire);
            } else {
                wire = Wire.wire().message(inner.getNumber(), wire);
            }
        }
        return wire.toBytes();
    }

    private void foreignField(Wire wire, int numberOrAny) {
        int number =
                numberOrAny != 0
                        ? numberOrAny
                        : chance(0.2)
                                ? (1 << 29) - 1 - random.nextInt(3)
                                : 90 + random.nextInt(3000);
        int wireType = random.nextInt(6);
        switch (wireType) {
            case Wire.VARINT -> tag(wire, number, wireType).varint(random.nextLong());
            case Wire.FIXED64 -> tag(wire, number, wireType).raw(new byte[8]);
            case Wire.FIXED32 -> tag(wire, number, wireType).raw(new byte[4]);
            case Wire.LENGTH -> text(wire, number, any(TEXTS));
            default -> {
                Wire content = Wire.wire();
                if (chance(0.5)) {
                    foreignField(content, 0);
                }
                wire.group(number, content);
            }
        }
    }

    private void scalar(Wire wire, FieldDescriptor field) {
        switch (wireType(field)) {
            case Wire.FIXED32 -> wire.raw(new byte[] {1, 2, 3, (byte) random.nextInt()});
            case Wire.FIXED64 ->
                    wire.raw(new byte[] {1, 2, 3, 4, 5, 6, 7, (byte) random.nextInt()});
            default -> {
                if (chance(0.2)) {
                    wire.varint(random.nextLong(), 1 + random.nextInt(10));
                } else {
                    wire.varint(chance(0.5) ? random.nextInt(200) : random.nextLong());
                }
            }
        }
    }

    private static int wireType(FieldDescriptor field) {
        return switch (field.getType()) {
            case FIXED32, SFIXED32, FLOAT -> Wire.FIXED32;
            case FIXED64, SFIXED64, DOUBLE -> Wire.FIXED64;
            case STRING, BYTES, MESSAGE -> Wire.LENGTH;
            case GROUP -> Wire.START_GROUP;
            case BOOL, ENUM, INT32, INT64, SINT32, SINT64, UINT32, UINT64 -> Wire.VARINT;
        };
    }

    private void text(Wire wire, int number, String text) {
        bytes(wire, number, text.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(Wire wire, int number, byte[] payload) {
        tag(wire, number, Wire.LENGTH);
        if (chance(0.03)) {
            wire.varint(payload.length, 5 + random.nextInt(6));
        } else {
            wire.varint(payload.length);
        }
        wire.raw(payload);
    }

    private Wire tag(Wire wire, int number, int wireType) {
        long tag = Integer.toUnsignedLong((number << 3) | wireType);
        return chance(0.03) ? wire.varint(tag, 5 + random.nextInt(6)) : wire.varint(tag);
    }

    private byte[] damaged(byte[] bytes) {
        if (bytes.length == 0 || !chance(damage)) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        return switch (random.nextInt(7)) {
            case 0 -> flipped(bytes, at);
            case 1 -> java.util.Arrays.copyOf(bytes, at);
            case 2 -> spliced(bytes, at, new byte[0], 1 + random.nextInt(4));
            case 3 -> spliced(bytes, at, NASTY[random.nextInt(NASTY.length)], 0);
            case 4 -> spliced(bytes, at, NASTY[random.nextInt(NASTY.length)], random.nextInt(5));
            case 5 -> spliced(bytes, at, bytes, 0);
            default -> {
                bytes[at] += (byte) (chance(0.5) ? 1 : -1);
                yield bytes;
            }
        };
    }

    private byte[] flipped(byte[] bytes, int at) {
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int at, byte[] insert, int removed) {
        int rest = Math.min(bytes.length, at + removed);
        return Wire.wire()
                .raw(java.util.Arrays.copyOf(bytes, at))
                .raw(insert)
                .raw(java.util.Arrays.copyOfRange(bytes, rest, bytes.length))
                .toBytes();
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
