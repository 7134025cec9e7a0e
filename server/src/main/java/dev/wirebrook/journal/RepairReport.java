package dev.wirebrook.journal;

import java.util.List;

/**
 * What a repair did.
 *
 * @param repaired the damage that was there
 * @param renamed files that got the name that goes with their header, old and new name
 * @param recordsRescued records that read within the damaged stretches and were kept
 * @param recordsLostAtLeast records that are known to be gone; where a group's header was lost too
 *     nobody knows how many it had
 * @param recordsLostUnknown whether more records may be gone than that
 * @param bytesLost bytes of log given up
 * @param savedAside full names of the files that have the damaged stretches as they were
 * @param cutBytes bytes of an interrupted group cut off the end
 * @param after the journal as it is now
 */
public record RepairReport(
        List<JournalDamage> repaired,
        List<String> renamed,
        long recordsRescued,
        long recordsLostAtLeast,
        boolean recordsLostUnknown,
        long bytesLost,
        List<String> savedAside,
        long cutBytes,
        JournalReport after) {
    public RepairReport {
        repaired = List.copyOf(repaired);
        renamed = List.copyOf(renamed);
        savedAside = List.copyOf(savedAside);
    }
}
