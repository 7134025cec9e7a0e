package dev.wirebrook.cli.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Timestamp;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** Values of expressions as values of fields. */
final class FieldValues {
    private static final BigInteger UINT32_MAX = BigInteger.valueOf(0xffff_ffffL);
    private static final BigInteger UINT64_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private final Timestamps timestamps;

    FieldValues(Timestamps timestamps) {
        this.timestamps = timestamps;
    }

    /**
     * What {@link com.google.protobuf.Message.Builder#setField} takes for the field.
     *
     * @param value String or BigDecimal
     */
    Object of(FieldPath path, Object value) throws RowFault {
        if (path.last().isRepeated()) {
            return list(path.last(), Evaluation.text(value));
        }
        return path.isTimestampMessage()
                ? timestamp(Evaluation.text(value))
                : scalar(path.last(), value);
    }

    /** A time in the form that events carry: RFC 3339 in UTC. */
    String rfc3339(Object value) throws RowFault {
        return timestamps.parse(Evaluation.text(value)).toString();
    }

    private Timestamp timestamp(String text) throws RowFault {
        Instant instant = timestamps.parse(text);
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /** A list comes as a JSON array; anything else is a list of one. */
    private static List<Object> list(FieldDescriptor field, String text) throws RowFault {
        List<Object> values = new ArrayList<>();
        if (!text.strip().startsWith("[")) {
            values.add(scalar(field, text));
            return values;
        }
        JsonElement element;
        try {
            element = JsonParser.parseString(text);
        } catch (JsonParseException e) {
            throw new RowFault('"' + text + "\" is no JSON array");
        }
        if (element instanceof JsonArray array) {
            for (JsonElement item : array) {
                if (!item.isJsonPrimitive()) {
                    throw new RowFault(item + " in a list is no single value");
                }
                values.add(scalar(field, item.getAsString()));
            }
        }
        return values;
    }

    private static Object scalar(FieldDescriptor field, Object value) throws RowFault {
        return switch (field.getType()) {
            case STRING -> Evaluation.text(value);
            case DOUBLE -> number(value).doubleValue();
            case FLOAT -> number(value).floatValue();
            case INT32, SINT32, SFIXED32 ->
                    whole(
                                    value,
                                    BigInteger.valueOf(Integer.MIN_VALUE),
                                    BigInteger.valueOf(Integer.MAX_VALUE))
                            .intValue();
            case UINT32, FIXED32 -> whole(value, BigInteger.ZERO, UINT32_MAX).intValue();
            case INT64, SINT64, SFIXED64 ->
                    whole(
                                    value,
                                    BigInteger.valueOf(Long.MIN_VALUE),
                                    BigInteger.valueOf(Long.MAX_VALUE))
                            .longValue();
            case UINT64, FIXED64 -> whole(value, BigInteger.ZERO, UINT64_MAX).longValue();
            case BOOL -> bool(Evaluation.text(value));
            case ENUM -> constant(field.getEnumType(), Evaluation.text(value));
            case BYTES -> base64(Evaluation.text(value));
            case MESSAGE, GROUP -> throw new RowFault("a message cannot come from one value");
        };
    }

    private static BigDecimal number(Object value) throws RowFault {
        BigDecimal number =
                value instanceof BigDecimal exact
                        ? exact
                        : Evaluation.parse(Evaluation.text(value));
        if (number == null) {
            throw new RowFault('"' + Evaluation.text(value) + "\" is not a number");
        }
        return number;
    }

    /** "17850.0" is the whole number 17850. */
    private static BigInteger whole(Object value, BigInteger min, BigInteger max) throws RowFault {
        BigDecimal number = number(value);
        BigInteger whole;
        try {
            whole = number.toBigIntegerExact();
        } catch (ArithmeticException e) {
            throw new RowFault('"' + Evaluation.text(value) + "\" is not a whole number");
        }
        if (whole.compareTo(min) < 0 || whole.compareTo(max) > 0) {
            throw new RowFault(
                    '"' + Evaluation.text(value) + "\" is not within " + min + " and " + max);
        }
        return whole;
    }

    private static boolean bool(String text) throws RowFault {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "t", "yes", "y", "1" -> true;
            case "false", "f", "no", "n", "0" -> false;
            default -> throw new RowFault('"' + text + "\" is neither true nor false");
        };
    }

    private static EnumValueDescriptor constant(EnumDescriptor type, String text) throws RowFault {
        for (EnumValueDescriptor constant : type.getValues()) {
            if (constant.getName().equalsIgnoreCase(text)
                    || Integer.toString(constant.getNumber()).equals(text)) {
                return constant;
            }
        }
        throw new RowFault('"' + text + "\" is no " + type.getName());
    }

    private static ByteString base64(String text) throws RowFault {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new RowFault('"' + text + "\" is no base64");
        }
    }
}
