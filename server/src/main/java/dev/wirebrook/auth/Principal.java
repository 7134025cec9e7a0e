package dev.wirebrook.auth;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who calls, and what it may do. Immutable.
 *
 * @param name of the client; empty where nobody asks for it
 * @param tenant for whom it calls; empty: none. A tenant's caller may do only what shows it nothing
 *     of other tenants, whatever its scopes
 */
public record Principal(String name, String tenant, Set<Scope> scopes) {
    /** Of a server that asks nobody who they are: whoever reaches it may do everything. */
    public static final Principal ANYBODY = new Principal("", "", Set.of(Scope.ALL));

    /** A caller that is not asked who it is, of a server that asks others. */
    public static final Principal NOBODY = new Principal("", "", Set.of());

    /**
     * @throws IllegalArgumentException when the tenant is neither empty nor a {@link TenantName}
     */
    public Principal {
        if (!tenant.isEmpty() && !TenantName.isValid(tenant)) {
            throw new IllegalArgumentException(
                    "the tenant is not a valid name; expected " + TenantName.EXPECTED);
        }
        EnumSet<Scope> own = EnumSet.noneOf(Scope.class);
        own.addAll(scopes);
        scopes = Collections.unmodifiableSet(own);
    }

    /**
     * Returns whether a text names a client to people: it has something to be seen, and no control
     * characters or halves of characters.
     */
    public static boolean isName(String text) {
        return text.codePoints().anyMatch(Principal::isVisible)
                && text.codePoints().noneMatch(Principal::isUnprintable);
    }

    private static boolean isVisible(int character) {
        return !Character.isWhitespace(character)
                && !Character.isSpaceChar(character)
                && Character.getType(character) != Character.FORMAT;
    }

    private static boolean isUnprintable(int character) {
        int type = Character.getType(character);
        return type == Character.CONTROL || type == Character.SURROGATE;
    }

    public boolean may(Scope scope) {
        return has(scope) && isOpenToTenant(scope);
    }

    boolean has(Scope scope) {
        return scopes.contains(scope) || scopes.contains(Scope.ALL);
    }

    private boolean isOpenToTenant(Scope scope) {
        return tenant.isEmpty() || scope.isForTenants();
    }
}
