package dev.wirebrook.client;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ids of 26 characters in base 32: 80 bits at random, which name the maker, and 50 bits that count,
 * so that ids of one maker sort in the order they were made. A random id for each event would cost
 * more than encoding it. Thread-safe.
 */
final class EventIds {
    private static final byte[] DIGITS = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h',
        'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v'
    };
    private static final int MAKER_CHARACTERS = 16;
    private static final int COUNT_CHARACTERS = 10;
    private static final int BITS = 5;

    private final byte[] maker = new byte[MAKER_CHARACTERS];
    private final AtomicLong count = new AtomicLong();

    EventIds() {
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < MAKER_CHARACTERS; i++) {
            maker[i] = DIGITS[random.nextInt(DIGITS.length)];
        }
    }

    String next() {
        byte[] id = new byte[MAKER_CHARACTERS + COUNT_CHARACTERS];
        System.arraycopy(maker, 0, id, 0, MAKER_CHARACTERS);
        long rest = count.getAndIncrement();
        for (int i = id.length - 1; i >= MAKER_CHARACTERS; i--) {
            id[i] = DIGITS[(int) (rest & (DIGITS.length - 1))];
            rest >>>= BITS;
        }
        return new String(id, StandardCharsets.ISO_8859_1);
    }
}
