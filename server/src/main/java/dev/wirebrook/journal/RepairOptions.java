package dev.wirebrook.journal;

/**
 * What a repair may do.
 *
 * @param skipDamage give up what does not read, and keep everything that reads, before and behind
 *     it; without, a damaged log is left alone
 * @param continueAtLeast the log goes on at this position or later, for consumers that have taken
 *     in more than the log still has; 0 for none
 */
public record RepairOptions(boolean skipDamage, long continueAtLeast) {
    public RepairOptions {
        if (continueAtLeast < 0 || continueAtLeast % JournalFormat.ALIGNMENT != 0) {
            throw new IllegalArgumentException(
                    "continueAtLeast: must be a position, a multiple of 8 from 0 up, is "
                            + continueAtLeast);
        }
    }

    /** Cuts off a group that a crash interrupted, as opening does, and nothing else. */
    public static RepairOptions cutTornTail() {
        return new RepairOptions(false, 0);
    }

    /** Gives up what does not read. */
    public static RepairOptions skippingDamage() {
        return new RepairOptions(true, 0);
    }
}
