package dev.wirebrook.cli.market;

import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.client.Symbols;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Symbols as they are named on the command line: digits alone are a number, the rest a name. */
final class NamedSymbols {
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private NamedSymbols() {}

    /**
     * @param words at least one
     */
    static Symbols of(List<String> words) {
        List<Integer> ids = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (String word : words) {
            if (NUMBER.matcher(word).matches()) {
                ids.add(id(word));
            } else if (word.isBlank()) {
                throw CommandFailure.usage("a symbol without a name", "");
            } else {
                names.add(word);
            }
        }
        return new Symbols(ids, names, false);
    }

    /** Whether the word is a number and not a name. */
    static boolean isId(String word) {
        return NUMBER.matcher(word).matches();
    }

    static int id(String digits) {
        try {
            int id = Integer.parseInt(digits);
            if (id > 0) {
                return id;
            }
        } catch (NumberFormatException tooLong) {
            // Said below.
        }
        throw CommandFailure.usage(
                digits + " is no symbol's number: those are 1 to 2147483647", "");
    }
}
