package dev.wirebrook.http.json;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a misspelt name was probably meant to be. */
final class NearestName {
    private NearestName() {}

    /** The candidate with the fewest edits from {@code name}, if these are few for its length. */
    static Optional<String> to(String name, List<String> candidates) {
        String wanted = plain(name);
        int fewest = Math.max(2, wanted.length() / 3) + 1;
        String nearest = null;
        for (String candidate : candidates) {
            int edits = edits(wanted, plain(candidate));
            if (edits < fewest) {
                fewest = edits;
                nearest = candidate;
            }
        }
        return Optional.ofNullable(nearest);
    }

    private static String plain(String name) {
        return name.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** V. I. Levenshtein's distance, row by row. */
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
