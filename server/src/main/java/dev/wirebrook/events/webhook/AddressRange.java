package dev.wirebrook.events.webhook;

import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * Addresses that begin with the same bits, such as {@code 192.0.2.0/24} or {@code 2001:db8::/32}; a
 * single one without a slash. Immutable.
 *
 * @param first any of them
 * @param prefixBits how many bits they share
 */
public record AddressRange(InetAddress first, int prefixBits) {
    public AddressRange {
        int bits = first.getAddress().length * Byte.SIZE;
        if (prefixBits < 0 || prefixBits > bits) {
            throw new IllegalArgumentException(
                    "/%d is not within /0 and /%d".formatted(prefixBits, bits));
        }
    }

    /** All four parts of the older kind; the JDK would take fewer, and pad what is in between. */
    private static final Pattern WHOLE = Pattern.compile("(\\d+\\.){3}\\d+|.*:.*");

    /**
     * Reads a range. Asks no name server.
     *
     * @throws IllegalArgumentException when it is none; the message says what would be right
     */
    public static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        try {
            if (!WHOLE.matcher(literal).matches()) {
                throw new IllegalArgumentException("not a whole address");
            }
            InetAddress address = InetAddress.ofLiteral(literal);
            int bits =
                    slash < 0
                            ? address.getAddress().length * Byte.SIZE
                            : Integer.parseInt(text.substring(slash + 1));
            return new AddressRange(address, bits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    '"' + text + "\" is no address and no range; write it as in 192.0.2.0/24", e);
        }
    }

    public boolean contains(InetAddress address) {
        byte[] one = first.getAddress();
        byte[] other = address.getAddress();
        if (one.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < prefixBits; bit++) {
            int mask = 0x80 >> (bit % Byte.SIZE);
            if (((one[bit / Byte.SIZE] ^ other[bit / Byte.SIZE]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }
}
