package dev.wirebrook.http.json;

import com.google.protobuf.CodedOutputStream;
import dev.wirebrook.http.json.DecimalText.Fit;

/**
 * Reads JSON values into the bits that the wire has for them: numbers, booleans and enums. Confined
 * to a thread.
 */
final class NumberReader {
    private static final long UINT32_MAX = 0xFFFF_FFFFL;

    private static final String FLOATING =
            "a number, or one of \"NaN\", \"Infinity\" and \"-Infinity\"";

    private final JsonInput in;

    NumberReader(JsonInput in) {
        this.in = in;
    }

    /** The next value. */
    long read(FieldPlan field) throws InvalidJsonException {
        return switch (field.type()) {
            case BOOL -> in.bool("true or false, without quotes") ? 1 : 0;
            case ENUM -> enumNumber(field);
            case FLOAT -> Float.floatToRawIntBits(float32()) & UINT32_MAX;
            case DOUBLE -> Double.doubleToRawLongBits(float64());
            case INT32,
                    INT64,
                    UINT32,
                    UINT64,
                    SINT32,
                    SINT64,
                    FIXED32,
                    FIXED64,
                    SFIXED32,
                    SFIXED64 ->
                    integer(field, number(expectation(field), readText(expectation(field))));
            case STRING, BYTES, MESSAGE, GROUP -> throw notANumber(field);
        };
    }

    /** The map's key that was just read as a member's name. */
    long readKey(FieldPlan key) throws InvalidJsonException {
        return switch (key.type()) {
            case BOOL -> {
                if (!in.textIs("true") && !in.textIs("false")) {
                    throw wrongText("\"true\" or \"false\" as key");
                }
                yield in.textIs("true") ? 1 : 0;
            }
            case INT32,
                    INT64,
                    UINT32,
                    UINT64,
                    SINT32,
                    SINT64,
                    FIXED32,
                    FIXED64,
                    SFIXED32,
                    SFIXED64 -> {
                if (!in.textIsNumber()) {
                    throw wrongText(expectation(key) + " as key");
                }
                yield integer(key, in.lastNumber());
            }
            case ENUM, FLOAT, DOUBLE, STRING, BYTES, MESSAGE, GROUP -> throw notANumber(key);
        };
    }

    private static IllegalStateException notANumber(FieldPlan field) {
        return new IllegalStateException(field.name() + " is " + field.type());
    }

    private long integer(FieldPlan field, DecimalText number) throws InvalidJsonException {
        return switch (field.type()) {
            case INT32, SFIXED32 -> int32(field, number);
            case SINT32 ->
                    CodedOutputStream.encodeZigZag32((int) int32(field, number)) & UINT32_MAX;
            case UINT32, FIXED32 -> fitting(field, number, number.signed(0, UINT32_MAX));
            case INT64, SFIXED64 -> int64(field, number);
            case SINT64 -> CodedOutputStream.encodeZigZag64(int64(field, number));
            case UINT64, FIXED64 -> fitting(field, number, number.unsigned());
            case BOOL, ENUM, FLOAT, DOUBLE, STRING, BYTES, MESSAGE, GROUP ->
                    throw notANumber(field);
        };
    }

    private long int32(FieldPlan field, DecimalText number) throws InvalidJsonException {
        return fitting(field, number, number.signed(Integer.MIN_VALUE, Integer.MAX_VALUE));
    }

    private long int64(FieldPlan field, DecimalText number) throws InvalidJsonException {
        return fitting(field, number, number.signed(Long.MIN_VALUE, Long.MAX_VALUE));
    }

    private long fitting(FieldPlan field, DecimalText number, Fit fit) throws InvalidJsonException {
        return switch (fit) {
            case FITS -> number.value();
            case HAS_FRACTION, OUT_OF_RANGE ->
                    throw in.fault("expects " + expectation(field) + ", found " + number.excerpt());
        };
    }

    private static String expectation(FieldPlan field) {
        return switch (field.type()) {
            case INT32, SINT32, SFIXED32 -> "an integer from -2147483648 to 2147483647";
            case UINT32, FIXED32 -> "an integer from 0 to 4294967295";
            case INT64, SINT64, SFIXED64 ->
                    "an integer from -9223372036854775808 to 9223372036854775807";
            case UINT64, FIXED64 -> "an integer from 0 to 18446744073709551615";
            case ENUM -> field.values().expectation();
            case BOOL, FLOAT, DOUBLE, STRING, BYTES, MESSAGE, GROUP -> throw notANumber(field);
        };
    }

    /**
     * @param textRead whether it is the string just read, else it comes next
     */
    private DecimalText number(String expectation, boolean textRead) throws InvalidJsonException {
        if (textRead) {
            if (!in.textIsNumber()) {
                throw wrongText(expectation);
            }
            return in.lastNumber();
        }
        int next = in.next();
        if (next != '-' && (next < '0' || next > '9')) {
            throw in.expected(expectation);
        }
        return in.number();
    }

    private InvalidJsonException wrongText(String expectation) {
        return in.fault(
                "expects "
                        + expectation
                        + ", found \""
                        + Excerpt.of(in.text(), in.textStart(), in.textEnd())
                        + '"');
    }

    private double float64() throws InvalidJsonException {
        boolean textRead = readText(FLOATING);
        if (textRead && special() != 0) {
            return special();
        }
        DecimalText number = number(FLOATING, textRead);
        double value = number.toDouble();
        if (Double.isInfinite(value)) {
            throw outOfRange("double", number);
        }
        return value;
    }

    private float float32() throws InvalidJsonException {
        boolean textRead = readText(FLOATING);
        if (textRead && special() != 0) {
            return (float) special();
        }
        DecimalText number = number(FLOATING, textRead);
        float value = number.toFloat();
        if (Float.isInfinite(value)) {
            throw outOfRange("float", number);
        }
        return value;
    }

    private InvalidJsonException outOfRange(String type, DecimalText number) {
        return in.fault(
                "expects a number within a " + type + "'s range, found " + number.excerpt());
    }

    /** Reads a string, if one is next. */
    private boolean readText(String expectation) throws InvalidJsonException {
        boolean isText = in.next() == '"';
        if (isText) {
            in.string(expectation);
        }
        return isText;
    }

    /** What JSON has no number for; 0 when it is none of that. */
    private double special() {
        return in.textIs("NaN")
                ? Double.NaN
                : in.textIs("Infinity")
                        ? Double.POSITIVE_INFINITY
                        : in.textIs("-Infinity") ? Double.NEGATIVE_INFINITY : 0;
    }

    private long enumNumber(FieldPlan field) throws InvalidJsonException {
        EnumPlan values = field.values();
        if (values.isNull() && in.acceptNull()) {
            return 0;
        }
        boolean textRead = readText(expectation(field));
        if (textRead) {
            int place = values.find(in.text(), in.textStart(), in.textEnd());
            if (place != NameTable.ABSENT) {
                return values.number(place);
            }
            if (!in.textIsNumber()) {
                throw wrongText(
                        expectation(field)
                                + NearestName.to(in.textString(40), values.valueNames())
                                        .map(name -> " such as " + name)
                                        .orElse(""));
            }
        }
        return int32(field, number(expectation(field), textRead));
    }
}
