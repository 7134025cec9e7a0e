package dev.wirebrook.schema;

import java.util.ArrayList;
import java.util.List;

/** The arguments of a column's type as an engine writes it, such as {@code MAP(INTEGER, "a b")}. */
public final class TypeArguments {
    private TypeArguments() {}

    /**
     * Splits at the commas that stand in no parentheses and no quotes.
     *
     * @param text what stands between the type's own parentheses
     * @param quotes the characters that begin and end a name or text; a doubled one inside closes
     *     and opens it again
     * @param escaping those of them between which a backslash escapes the next character
     */
    public static List<String> split(String text, String quotes, String escaping) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                if (c == '\\' && escaping.indexOf(quote) >= 0) {
                    i++;
                }
                quote = c == quote ? 0 : quote;
            } else if (quotes.indexOf(c) >= 0) {
                quote = c;
            } else if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        parts.add(text.substring(start).strip());
        return parts;
    }
}
