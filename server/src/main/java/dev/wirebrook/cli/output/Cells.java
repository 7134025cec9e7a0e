package dev.wirebrook.cli.output;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Single values as text. */
public final class Cells {
    private static final Gson GSON =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
    private static final double PLAIN_BELOW = 1e15;
    private static final double PLAIN_ABOVE = 1e-6;

    private Cells() {}

    /** The value on one line; null is empty. */
    public static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case Double number -> text(number.doubleValue());
            case BigDecimal number -> number.toPlainString();
            case List<?> _, Map<?, ?> _ -> json(value);
            default -> value.toString();
        };
    }

    /**
     * The value as JSON. Numbers have all their digits; NaN and the infinities, for which JSON has
     * no number, are strings.
     */
    static String json(@Nullable Object value) {
        StringBuilder json = new StringBuilder();
        json(value, json);
        return json.toString();
    }

    private static void json(@Nullable Object value, StringBuilder json) {
        switch (value) {
            case null -> json.append("null");
            case Double number when number.isNaN() || number.isInfinite() ->
                    json.append('"').append(number).append('"');
            case Double number -> json.append(text(number.doubleValue()));
            case BigDecimal number -> json.append(number.toPlainString());
            case Long number -> json.append(number);
            case Integer number -> json.append(number);
            case Boolean truth -> json.append(truth);
            case List<?> list -> {
                String before = "[";
                for (Object element : list) {
                    json.append(before);
                    json(element, json);
                    before = ",";
                }
                json.append(list.isEmpty() ? "[]" : "]");
            }
            case Map<?, ?> map -> {
                String before = "{";
                for (Map.Entry<?, ?> member : map.entrySet()) {
                    json.append(before).append(GSON.toJson(String.valueOf(member.getKey())));
                    json.append(':');
                    json(member.getValue(), json);
                    before = ",";
                }
                json.append(map.isEmpty() ? "{}" : "}");
            }
            default -> json.append(GSON.toJson(value));
        }
    }

    /**
     * The shortest digits that read back as the number, without an exponent where that is short.
     */
    static String text(double number) {
        double size = Math.abs(number);
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return Double.toString(number);
        }
        if (size != 0 && (size >= PLAIN_BELOW || size < PLAIN_ABOVE)) {
            return Double.toString(number);
        }
        BigDecimal exact = new BigDecimal(Double.toString(number));
        return exact.scale() > 0 && exact.stripTrailingZeros().scale() <= 0
                ? exact.toBigInteger().toString()
                : exact.toPlainString();
    }

    /**
     * The text with control characters made visible, so that data cannot move the cursor or
     * recolour the screen.
     */
    public static String printable(String text) {
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        StringBuilder visible = new StringBuilder(text.length() + 8);
        text.chars()
                .forEach(c -> {
                    switch (c) {
                        case '\n' -> visible.append("\\n");
                        case '\r' -> visible.append("\\r");
                        case '\t' -> visible.append("\\t");
                        default -> {
                            if (Character.isISOControl(c)) {
                                visible.append("\\x%02x".formatted(c));
                            } else {
                                visible.append((char) c);
                            }
                        }
                    }
                });
        return visible.toString();
    }
}
