package dev.wirebrook.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What clients say of compression (RFC 9110, 12.5.3). */
public final class AcceptedCodings {
    private AcceptedCodings() {}

    /**
     * @param acceptEncoding the header of that name
     */
    public static boolean takesGzip(@Nullable String acceptEncoding) {
        if (acceptEncoding == null) {
            return false;
        }
        for (String coding : acceptEncoding.toLowerCase(Locale.ROOT).split(",")) {
            String[] parts = coding.strip().split("\\s*;\\s*");
            if (parts[0].equals("gzip")) {
                return parts.length == 1 || !parts[1].matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}
