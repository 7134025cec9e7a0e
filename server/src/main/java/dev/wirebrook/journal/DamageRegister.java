package dev.wirebrook.journal;

import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The damage that was met since the journal was opened, each stretch logged and counted once.
 * Remembers a bounded number of stretches and counts the others. Thread-safe.
 */
final class DamageRegister {
    private static final System.Logger LOG = System.getLogger(DamageRegister.class.getName());

    private static final int STRETCHES_MAX = 1_000;

    private final ConcurrentSkipListMap<Long, JournalDamage> byPosition =
            new ConcurrentSkipListMap<>();
    private final AtomicLong found = new AtomicLong();

    void found(JournalDamage damage) {
        if (byPosition.containsKey(damage.position())) {
            return;
        }
        if (byPosition.size() < STRETCHES_MAX) {
            byPosition.put(damage.position(), damage);
        }
        long count = found.incrementAndGet();
        if (count <= STRETCHES_MAX) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "journal damaged at position "
                            + damage.position()
                            + ", "
                            + damage.file()
                            + " offset "
                            + damage.fileOffset()
                            + ": "
                            + damage.reason()
                            + ". `wirebrook journal verify` lists all damage");
        }
    }

    /** Stretches that were met, also those whose segments are deleted since. */
    long count() {
        return found.get();
    }

    /** Those at or behind a position, lowest position first. */
    List<JournalDamage> from(long position) {
        return List.copyOf(byPosition.tailMap(position, true).values());
    }
}
