package dev.wirebrook.events;

/**
 * Which of a route's partitions an event belongs to, by its client and id: an event that is sent
 * twice comes to the same partition, whose window recognises it.
 *
 * <p>All nodes and all versions have to agree, so the hash has no secret: FNV-1a over both, with
 * the 64-bit finaliser of MurmurHash3, because FNV alone leaves the low bits of similar ids alike.
 */
public final class EventPartition {
    /** The most partitions of a route. */
    public static final int PARTITIONS_MAX = 100;

    private static final long FNV_OFFSET = 0xcbf2_9ce4_8422_2325L;
    private static final long FNV_PRIME = 0x100_0000_01b3L;

    private EventPartition() {}

    /**
     * @return from 0 to {@code partitions} exclusive
     */
    public static int of(
            byte[] client,
            int clientStart,
            int clientEnd,
            byte[] id,
            int idStart,
            int idEnd,
            int partitions) {
        if (partitions == 1) {
            return 0;
        }
        long hash = add(FNV_OFFSET, client, clientStart, clientEnd);
        // The length tells client "ab", id "c" from client "a", id "bc".
        hash = (hash ^ (clientEnd - clientStart)) * FNV_PRIME;
        hash = finished(add(hash, id, idStart, idEnd));
        return (int) Long.remainderUnsigned(hash, partitions);
    }

    private static long add(long hash, byte[] bytes, int start, int end) {
        long sum = hash;
        for (int i = start; i < end; i++) {
            sum = (sum ^ (bytes[i] & 0xff)) * FNV_PRIME;
        }
        return sum;
    }

    private static long finished(long hash) {
        long mixed = (hash ^ hash >>> 33) * 0xff51_afd7_ed55_8ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ce_b9fe_1a85_ec53L;
        return mixed ^ mixed >>> 33;
    }
}
