package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.Set;

/** JSON's scalars as values of a message's fields. */
final class ScalarValues {
    /** No number of a field has as many characters; longer ones would only cost time. */
    private static final int NUMBER_LENGTH_MAX = 400;

    private static final Set<FieldDescriptor.Type> UNSIGNED =
            EnumSet.of(
                    FieldDescriptor.Type.UINT32,
                    FieldDescriptor.Type.FIXED32,
                    FieldDescriptor.Type.UINT64,
                    FieldDescriptor.Type.FIXED64);

    private ScalarValues() {}

    /** Whether fields of the type can be filled from a scalar. */
    static boolean fills(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case STRING, INT, LONG, DOUBLE, FLOAT, BOOLEAN, ENUM -> true;
            case BYTE_STRING, MESSAGE -> false;
        };
    }

    /**
     * The value of a field.
     *
     * @throws UnfitException when the field cannot hold it
     */
    static Object of(FieldDescriptor field, JsonElement value) throws UnfitException {
        // An object in a field of text is kept as its JSON.
        String text = value.isJsonPrimitive() ? value.getAsString() : value.toString();
        return switch (field.getJavaType()) {
            case STRING -> text;
            case INT -> whole(field, text, 32).intValue();
            case LONG -> whole(field, text, 64).longValue();
            case DOUBLE -> finite(field, text);
            case FLOAT -> (float) finite(field, text);
            case BOOLEAN -> truth(field, text);
            case ENUM -> named(field, text);
            case BYTE_STRING, MESSAGE ->
                    throw new UnfitException(field.getName() + " cannot be filled from JSON");
        };
    }

    private static BigInteger whole(FieldDescriptor field, String text, int bits)
            throws UnfitException {
        BigInteger number;
        try {
            BigDecimal decimal = decimal(text);
            // Before its digits are written out, which for 1e999999999 would be many.
            if (decimal.precision() - (long) decimal.scale() > 20) {
                throw new UnfitException(wrong(field, text, "a number of " + bits + " bits"));
            }
            number = decimal.toBigIntegerExact();
        } catch (ArithmeticException e) {
            throw new UnfitException(wrong(field, text, "a whole number"), e);
        }
        boolean unsigned = UNSIGNED.contains(field.getType());
        boolean fits =
                unsigned
                        ? number.signum() >= 0 && number.bitLength() <= bits
                        : number.bitLength() < bits;
        if (!fits) {
            throw new UnfitException(wrong(field, text, "a number of " + bits + " bits"));
        }
        return number;
    }

    private static double finite(FieldDescriptor field, String text) throws UnfitException {
        try {
            double number = decimal(text).doubleValue();
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (ArithmeticException e) {
            throw new UnfitException(wrong(field, text, "a number"), e);
        }
        throw new UnfitException(wrong(field, text, "a number within range"));
    }

    /**
     * @throws ArithmeticException when it is none
     */
    private static BigDecimal decimal(String text) {
        try {
            if (text.length() <= NUMBER_LENGTH_MAX) {
                return new BigDecimal(text.strip());
            }
        } catch (NumberFormatException e) {
            // As one that is too long.
        }
        throw new ArithmeticException("no number");
    }

    private static boolean truth(FieldDescriptor field, String text) throws UnfitException {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new UnfitException(wrong(field, text, "true or false"));
        };
    }

    private static EnumValueDescriptor named(FieldDescriptor field, String text)
            throws UnfitException {
        EnumValueDescriptor value = field.getEnumType().findValueByName(text);
        if (value == null) {
            throw new UnfitException(
                    wrong(field, text, "a name of " + field.getEnumType().getName()));
        }
        return value;
    }

    private static String wrong(FieldDescriptor field, String text, String right) {
        String shown = text.length() > 40 ? text.substring(0, 40) + "..." : text;
        return "%s takes %s, and the body has \"%s\"".formatted(field.getName(), right, shown);
    }
}
