package dev.wirebrook.auth;

import java.util.regex.Pattern;

/**
 * The names that a tenant may have. A tenant's client ids are its name, and what begins with it and
 * a dot: so a name is made of parts with single dots between them, and the tenant {@code acme} has
 * the client ids of the tenant {@code acme.eu} too. Other characters are left out because client
 * ids that only the server gives have them, and because two names that look the same would be two
 * tenants.
 */
public final class TenantName {
    /** Describes a valid name, for messages: "expected ...". */
    public static final String EXPECTED =
            "1 to 128 letters (A-Z, a-z), digits, \"-\" and \"_\", with single dots between them, such as"
                    + " acme or acme.eu";

    private static final int CHARS_MAX = 128;
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]++(?:\\.[A-Za-z0-9_-]++)*+");

    private TenantName() {}

    public static boolean isValid(String text) {
        return text.length() <= CHARS_MAX && FORM.matcher(text).matches();
    }

    /** Returns whether a tenant may use the client ids of another, because its name is above it. */
    public static boolean isAbove(String upper, String lower) {
        return lower.startsWith(upper + ".");
    }
}
