package dev.wirebrook.journal;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SplittableRandom;

/** Small journals, so that a test fills segments with little. */
final class TestJournals {
    static final int SEGMENT_BYTES = 32 << 10;
    static final int RECORD_BYTES_MAX = 4 << 10;

    private TestJournals() {}

    static JournalSettings settings() {
        return settings(Duration.ofDays(1), 64L * SEGMENT_BYTES, 1024L * SEGMENT_BYTES);
    }

    static JournalSettings settings(
            Duration retentionAge, long retentionBytes, long totalBytesMax) {
        return new JournalSettings(
                SEGMENT_BYTES,
                1 << 20,
                8 << 10,
                RECORD_BYTES_MAX,
                3,
                retentionAge,
                retentionBytes,
                totalBytesMax,
                false);
    }

    static JournalSettings verifyingAll(JournalSettings settings) {
        return new JournalSettings(
                settings.segmentBytes(),
                settings.pendingBytesMax(),
                settings.groupBytesMax(),
                settings.recordBytesMax(),
                settings.spareSegmentsMax(),
                settings.retentionAge(),
                settings.retentionBytes(),
                settings.totalBytesMax(),
                true);
    }

    static Journal open(JournalStorage storage) throws IOException {
        return open(storage, settings());
    }

    static Journal open(JournalStorage storage, JournalSettings settings) throws IOException {
        return open(storage, settings, InstantSource.system());
    }

    static Journal open(JournalStorage storage, JournalSettings settings, InstantSource clock)
            throws IOException {
        return Journal.open(storage, settings, clock, new SplittableRandom()::nextLong);
    }
}
