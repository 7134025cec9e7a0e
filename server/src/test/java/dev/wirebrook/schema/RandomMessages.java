package dev.wirebrook.schema;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import java.util.Random;

/** Random messages of any descriptor, with the edges of every type among the values. */
public final class RandomMessages {
    private static final String[] TEXTS = {
        "",
        "a",
        "twelve chars",
        "longer than any inlined string",
        "grüße",
        "漢字",
        "😀🏳️‍🌈",
        "\0",
        "a\0b",
        "\"\\/\n\t'",
    };

    private final Random random;
    private final boolean withNul;

    public RandomMessages(Random random) {
        this(random, true);
    }

    /**
     * @param withNul whether texts may hold U+0000
     */
    public RandomMessages(Random random, boolean withNul) {
        this.random = random;
        this.withNul = withNul;
    }

    private String text() {
        String text = TEXTS[random.nextInt(TEXTS.length)];
        return withNul ? text : text.replace("\0", "");
    }

    public DynamicMessage next(Descriptor type) {
        return next(type, 0);
    }

    private DynamicMessage next(Descriptor type, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            if (random.nextInt(3) == 0) {
                continue;
            }
            if (field.isMapField()) {
                for (int i = random.nextInt(3); i > 0; i--) {
                    Descriptor entry = field.getMessageType();
                    message.addRepeatedField(
                            field,
                            DynamicMessage.newBuilder(entry)
                                    .setField(entry.findFieldByNumber(1), "key" + i)
                                    .setField(
                                            entry.findFieldByNumber(2),
                                            value(entry.findFieldByNumber(2), depth))
                                    .build());
                }
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

    private Object value(FieldDescriptor field, int depth) {
        return switch (field.getType()) {
            case INT32, SINT32, SFIXED32, UINT32, FIXED32 -> number32();
            case INT64, SINT64, SFIXED64, UINT64, FIXED64 -> number64();
            case DOUBLE -> Double.longBitsToDouble(number64());
            case FLOAT -> Float.intBitsToFloat(number32());
            case BOOL -> random.nextBoolean();
            case STRING -> text();
            case BYTES -> {
                byte[] bytes = new byte[random.nextInt(30)];
                random.nextBytes(bytes);
                yield ByteString.copyFrom(bytes);
            }
            case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(random.nextInt(5));
            case MESSAGE, GROUP ->
                    field.getMessageType().getFullName().equals("google.protobuf.Timestamp")
                            ? timestamp(field.getMessageType())
                            : next(field.getMessageType(), depth + 1);
        };
    }

    private DynamicMessage timestamp(Descriptor type) {
        return DynamicMessage.newBuilder(type)
                .setField(type.findFieldByName("seconds"), (long) random.nextInt())
                .setField(type.findFieldByName("nanos"), random.nextInt(1_000_000_000))
                .build();
    }

    private int number32() {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> Integer.MAX_VALUE;
            case 2 -> Integer.MIN_VALUE;
            case 3 -> -1;
            default -> random.nextInt() >> random.nextInt(31);
        };
    }

    private long number64() {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> Long.MAX_VALUE;
            case 2 -> Long.MIN_VALUE;
            case 3 -> -1;
            default -> random.nextLong() >> random.nextInt(63);
        };
    }
}
