package dev.wirebrook.events;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/**
 * Keyed 128-bit fingerprints of (client, event id): two lanes of multiply-and-fold over eight bytes
 * at a time, the construction of wyhash, under secrets drawn once for each process so that nobody
 * outside can make two ids meet.
 *
 * <p>The result of the last call stays in {@link #low} and {@link #high}: one instance serves one
 * thread.
 */
final class Fingerprint {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** The secrets of one process. */
    record Key(long a, long b, long c, long d) {
        static Key random(RandomGenerator secure) {
            // Odd: an even factor would lose bits.
            return new Key(
                    secure.nextLong() | 1,
                    secure.nextLong() | 1,
                    secure.nextLong() | 1,
                    secure.nextLong() | 1);
        }
    }

    private final Key key;
    private long clientLow;
    private long clientHigh;
    private long low;
    private long high;

    Fingerprint(Key key) {
        this.key = key;
    }

    /** Sets the client that the ids of {@link #event} belong to. */
    void client(byte[] bytes, int start, int end) {
        mix(bytes, start, end - start, key.c, key.d);
        clientLow = low;
        clientHigh = high;
    }

    void event(byte[] bytes, int start, int end) {
        mix(bytes, start, end - start, clientLow, clientHigh);
        if (high == 0) {
            high = 1;
        }
    }

    long low() {
        return low;
    }

    /** Never 0. */
    long high() {
        return high;
    }

    private void mix(byte[] bytes, int offset, int length, long seedLow, long seedHigh) {
        long x = seedLow ^ length;
        long y = seedHigh + length;
        int at = offset;
        int left = length;
        while (left >= 8) {
            long word = (long) LONGS.get(bytes, at);
            x = fold(x ^ word, key.a);
            y = fold(y + word, key.b);
            at += 8;
            left -= 8;
        }
        long tail = tail(bytes, at, left);
        x = fold(x ^ tail, key.c);
        y = fold(y + tail, key.d);
        low = fold(x ^ key.b, y ^ key.a);
        high = fold(x + key.d, y ^ key.c) ^ y;
    }

    private static long tail(byte[] bytes, int at, int left) {
        long tail = 0;
        int shift = 0;
        if (left >= 4) {
            tail = (int) INTS.get(bytes, at) & 0xFFFF_FFFFL;
            shift = 32;
            at += 4;
            left -= 4;
        }
        for (int i = 0; i < left; i++, shift += 8) {
            tail |= (bytes[at + i] & 0xFFL) << shift;
        }
        return tail;
    }

    private static long fold(long x, long y) {
        return x * y ^ Math.unsignedMultiplyHigh(x, y);
    }
}
