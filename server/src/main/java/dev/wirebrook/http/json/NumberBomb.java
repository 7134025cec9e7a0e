package dev.wirebrook.http.json;

import java.math.BigDecimal;

/**
 * Texts of a few characters that are numbers of a billion digits: protobuf's parser reads numbers,
 * in quotes too, into {@link BigDecimal} and works integers out.
 */
final class NumberBomb {
    private static final int EXPONENT_MAX = 400;

    private NumberBomb() {}

    static boolean is(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isOfNumbers(text.charAt(i))) {
                return false;
            }
        }
        if (text.length() > DecimalText.CHARACTERS_MAX) {
            return true;
        }
        try {
            BigDecimal number = new BigDecimal(text);
            return Math.abs((long) number.scale()) > EXPONENT_MAX + number.precision();
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isOfNumbers(char character) {
        return Character.isDigit(character) || "+-.eE".indexOf(character) >= 0;
    }
}
