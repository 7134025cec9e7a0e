package dev.wirebrook.events;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The client ids that a caller may send under and see. Event ids count per client id, so whoever
 * could send under another's could make that one's events duplicates of its own. Immutable.
 */
public final class ClientIds {
    /** Of a caller that calls for no tenant. */
    public static final ClientIds ALL = new ClientIds("");

    private final String tenant;
    private final byte[] own;

    private ClientIds(String tenant) {
        this.tenant = tenant;
        own = tenant.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The tenant's name, and what begins with it and a dot.
     *
     * @param tenant empty: all there are
     */
    public static ClientIds ofTenant(String tenant) {
        return tenant.isEmpty() ? ALL : new ClientIds(tenant);
    }

    /** Whether an id, given in UTF-8, is among them. */
    boolean contain(byte[] bytes, int start, int end) {
        int ownEnd = start + own.length;
        if (own.length == 0) {
            return true;
        }
        return end >= ownEnd
                && Arrays.equals(bytes, start, ownEnd, own, 0, own.length)
                && (end == ownEnd || bytes[ownEnd] == '.');
    }

    /** Which they are, for who used another. */
    String description() {
        return "\"%s\", or begins with \"%s.\"".formatted(tenant, tenant);
    }
}
