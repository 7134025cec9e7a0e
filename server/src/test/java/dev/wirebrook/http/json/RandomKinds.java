package dev.wirebrook.http.json;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Random messages that JSON can say, with the edges of every type among the values; without -0.0,
 * whose sign protobuf's parser loses.
 */
final class RandomKinds {
    private static final int DEPTH_MAX = 3;
    private static final double[] NUMBERS = {
        0,
        1,
        -1,
        129.95,
        0.1,
        1e-7,
        12345.6789,
        1e15,
        9007199254740994.0,
        1e22,
        1.0000000000000001e23,
        -1.5e300,
        4.9e-324,
        Double.MAX_VALUE,
        4.35,
        100.0001,
        0.00005
    };
    private static final String[] TEXTS = {
        "",
        "a",
        "exactly8",
        "longer than one word of eight bytes",
        "größe 43 laufschuhe",
        "漢字",
        "😀🏳️‍🌈",
        "\0\u0001\u001f\u007f\u2028",
        "\"\\/\b\f\n\r\t'<>&",
        "true",
        "12",
        "x".repeat(200)
    };

    private final Random random;

    RandomKinds(Random random) {
        this.random = random;
    }

    DynamicMessage next(Descriptor type) {
        return object(type, 0);
    }

    private DynamicMessage object(Descriptor type, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        int share = 2 + type.getFields().size() / 12;
        for (FieldDescriptor field : type.getFields()) {
            if (random.nextInt(share) > 0 || !isWithin(field, depth)) {
                continue;
            }
            if (field.isMapField()) {
                message.setField(field, entries(field, depth));
            } else if (field.isRepeated()) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    message.addRepeatedField(field, value(field, depth));
                }
            } else {
                message.setField(field, value(field, depth));
            }
        }
        return message.build();
    }

    private static boolean isWithin(FieldDescriptor field, int depth) {
        return field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || depth < DEPTH_MAX;
    }

    private List<Message> entries(FieldDescriptor map, int depth) {
        Descriptor entry = map.getMessageType();
        Map<Object, Message> entries = new LinkedHashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            Object key = value(entry.findFieldByNumber(1), depth);
            entries.put(
                    key,
                    DynamicMessage.newBuilder(entry)
                            .setField(entry.findFieldByNumber(1), key)
                            .setField(
                                    entry.findFieldByNumber(2),
                                    value(entry.findFieldByNumber(2), depth))
                            .build());
        }
        return List.copyOf(entries.values());
    }

    private Object value(FieldDescriptor field, int depth) {
        return switch (field.getType()) {
            case INT32, SINT32, SFIXED32, UINT32, FIXED32 -> (int) number64();
            case INT64, SINT64, SFIXED64, UINT64, FIXED64 -> number64();
            case DOUBLE -> special(number());
            case FLOAT -> (float) special(number());
            case BOOL -> random.nextBoolean();
            case STRING -> text();
            case BYTES -> ByteString.copyFrom(bytes());
            case ENUM ->
                    field.getEnumType().getName().equals("NullValue")
                            ? field.getEnumType().findValueByNumber(0)
                            : field.getEnumType()
                                    .findValueByNumberCreatingIfUnknown(random.nextInt(5) - 1);
            case MESSAGE, GROUP -> message(field.getMessageType(), depth + 1);
        };
    }

    private Message message(Descriptor type, int depth) {
        return switch (type.getFullName()) {
            case "google.protobuf.Timestamp" ->
                    time(type, random.nextLong(-62_135_596_800L, 253_402_300_800L), nanos());
            case "google.protobuf.Duration" -> {
                long seconds = random.nextLong(-315_576_000_000L, 315_576_000_001L);
                seconds = random.nextInt(4) == 0 ? 0 : seconds;
                int sign = seconds == 0 ? random.nextInt(3) - 1 : Long.signum(seconds);
                yield time(type, seconds, sign * nanos());
            }
            case "google.protobuf.Value" -> as(type, json(depth));
            case "google.protobuf.Struct" -> as(type, struct(depth));
            case "google.protobuf.ListValue" -> as(type, list(depth));
            case "google.protobuf.Any" -> as(type, any());
            case "google.protobuf.FieldMask" ->
                    DynamicMessage.newBuilder(type)
                            .addRepeatedField(type.findFieldByName("paths"), "user.display_name")
                            .build();
            default -> object(type, depth);
        };
    }

    private static Message time(Descriptor type, long seconds, int nanos) {
        return DynamicMessage.newBuilder(type)
                .setField(type.findFieldByName("seconds"), seconds)
                .setField(type.findFieldByName("nanos"), nanos)
                .build();
    }

    private static Message as(Descriptor type, Message message) {
        try {
            return DynamicMessage.parseFrom(type, message.toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private Any any() {
        return Any.pack(
                Timestamp.newBuilder().setSeconds(random.nextInt()).setNanos(nanos()).build());
    }

    private Value json(int depth) {
        return switch (random.nextInt(depth > DEPTH_MAX ? 4 : 6)) {
            case 0 -> Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();
            case 1 -> Value.newBuilder().setNumberValue(number()).build();
            case 2 -> Value.newBuilder().setStringValue(text()).build();
            case 3 -> Value.newBuilder().setBoolValue(random.nextBoolean()).build();
            case 4 -> Value.newBuilder().setStructValue(struct(depth + 1)).build();
            default -> Value.newBuilder().setListValue(list(depth + 1)).build();
        };
    }

    private Struct struct(int depth) {
        Struct.Builder struct = Struct.newBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            struct.putFields(text(), json(depth));
        }
        return struct.build();
    }

    private ListValue list(int depth) {
        ListValue.Builder list = ListValue.newBuilder();
        for (int i = random.nextInt(3); i > 0; i--) {
            list.addValues(json(depth));
        }
        return list.build();
    }

    private int nanos() {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt(1_000) * 1_000_000;
            case 2 -> random.nextInt(1_000_000) * 1_000;
            default -> random.nextInt(1_000_000_000);
        };
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(random.nextInt(10) == 0 ? 300 : 5)];
        random.nextBytes(bytes);
        return bytes;
    }

    private double number() {
        double any = Double.longBitsToDouble(random.nextLong());
        // Also no double that is 0 as a float: it may have the sign.
        any = Math.abs(any) < Float.MIN_VALUE ? 0 : any;
        return random.nextInt(3) == 0 && Double.isFinite(any)
                ? any
                : random.nextInt(3) == 0
                        ? random.nextInt(1_000_000) / 100.0
                        : NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private double special(double number) {
        return switch (random.nextInt(20)) {
            case 0 -> Double.NaN;
            case 1 -> Double.POSITIVE_INFINITY;
            case 2 -> Double.NEGATIVE_INFINITY;
            default -> number;
        };
    }

    private long number64() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> Long.MAX_VALUE;
            case 2 -> Long.MIN_VALUE;
            case 3 -> -1;
            case 4 -> Integer.MIN_VALUE;
            default -> random.nextLong() >> random.nextInt(63);
        };
    }
}
