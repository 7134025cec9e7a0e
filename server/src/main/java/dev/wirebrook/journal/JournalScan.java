package dev.wirebrook.journal;

import dev.wirebrook.journal.JournalReport.EndState;
import dev.wirebrook.journal.SegmentScan.BadRange;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a whole journal as it lies on disk, and changes nothing. */
final class JournalScan {
    private final JournalStorage storage;
    private final boolean readsRecords;
    private final boolean inUse;
    private final OptionalLong closedAt;
    private final List<ScannedSegment> segments = new ArrayList<>();

    /** A segment's file and what its header says. */
    private record FoundSegment(
            String name,
            long base,
            long fileBytes,
            boolean headerReads,
            @Nullable SegmentHeader header) {
        /** Where the log before it must end. */
        long continues() {
            return headerReads && header != null ? header.previousEnd() : base;
        }
    }

    /**
     * A segment and what is wrong with it.
     *
     * @param headerReads whether its header was read; otherwise its groups told what is known
     * @param header null where no group reads either
     * @param scan null likewise
     * @param followedAt where the log must go on behind it
     */
    record ScannedSegment(
            String name,
            long base,
            long fileBytes,
            boolean headerReads,
            @Nullable SegmentHeader header,
            @Nullable SegmentScan scan,
            long followedAt) {
        long end() {
            return scan == null ? base : scan.end();
        }

        List<BadRange> badRanges() {
            return scan == null ? List.of() : scan.badRanges();
        }

        boolean torn() {
            return scan != null && scan.torn();
        }
    }

    /**
     * @param readsRecords whether to read and check every record; otherwise only groups' headers
     * @param inUse whether somebody writes to the journal while it is read
     */
    static JournalScan of(JournalStorage storage, boolean readsRecords, boolean inUse)
            throws IOException {
        JournalScan scan = new JournalScan(storage, readsRecords, inUse);
        scan.run();
        return scan;
    }

    private JournalScan(JournalStorage storage, boolean readsRecords, boolean inUse)
            throws IOException {
        this.storage = storage;
        this.readsRecords = readsRecords;
        this.inUse = inUse;
        this.closedAt = new CheckpointFile(storage, JournalFormat.CLOSED_AT_NAME).read();
    }

    private void run() throws IOException {
        List<FoundSegment> found = find();
        for (int i = 0; i < found.size(); i++) {
            scan(found.get(i), i + 1 < found.size() ? found.get(i + 1) : null);
        }
        if (inUse) {
            // What was recycled meanwhile read as damaged, and is no part of the log any more.
            Set<String> names = new HashSet<>(storage.list());
            segments.removeIf(segment -> !names.contains(segment.name()));
        }
    }

    private List<FoundSegment> find() throws IOException {
        List<FoundSegment> found = new ArrayList<>();
        for (String name : storage.list().stream().sorted().toList()) {
            if (JournalFormat.isSegment(name)) {
                find(name).ifPresent(found::add);
            }
        }
        return found;
    }

    private Optional<FoundSegment> find(String name) throws IOException {
        long base = JournalFormat.segmentBase(name);
        try (JournalFile file = storage.openForReading(name)) {
            SegmentHeader header =
                    SegmentHeader.read(file).filter(read -> read.base() == base).orElse(null);
            boolean reads = header != null;
            if (header == null) {
                header = SegmentScan.guess(file, base).orElse(null);
            }
            return Optional.of(new FoundSegment(name, base, file.size(), reads, header));
        } catch (NoSuchFileException e) {
            if (inUse) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void scan(FoundSegment found, @Nullable FoundSegment next) throws IOException {
        SegmentHeader header = found.header();
        if (header == null) {
            long end = JournalFormat.aligned(found.base() + found.fileBytes());
            long goesOn = next == null ? closedAt.orElse(0) : next.continues();
            add(found, null, next == null ? Math.max(end, goesOn) : goesOn);
            return;
        }
        long wanted = next == null ? closedAt.orElse(0) : next.continues();
        long limit = header.capacityEnd();
        if (next != null) {
            limit = Math.min(limit, wanted);
        }
        try (JournalFile file = storage.openForReading(found.name())) {
            SegmentScan scan = new SegmentScan(file, header, readsRecords);
            scan.run(limit, Math.min(limit, wanted));
            if (next == null && inUse && !scan.badRanges().isEmpty()) {
                scan = again(scan, file, header, limit);
            }
            add(found, scan, Math.max(scan.end(), wanted));
        } catch (NoSuchFileException e) {
            if (!inUse) {
                throw e;
            }
        }
    }

    /** A group that was being written when it was read is whole when it is read again. */
    private SegmentScan again(SegmentScan first, JournalFile file, SegmentHeader header, long limit)
            throws IOException {
        Set<Long> before = new HashSet<>();
        first.badRanges().forEach(bad -> before.add(bad.from()));
        SegmentScan second = new SegmentScan(file, header, readsRecords);
        second.run(limit, 0);
        second.badRanges().removeIf(bad -> !before.contains(bad.from()));
        return second;
    }

    private void add(FoundSegment found, @Nullable SegmentScan scan, long followedAt) {
        segments.add(
                new ScannedSegment(
                        found.name(),
                        found.base(),
                        found.fileBytes(),
                        found.headerReads(),
                        found.header(),
                        scan,
                        followedAt));
    }

    List<ScannedSegment> segments() {
        return segments;
    }

    /** Position behind the last record. */
    long end() {
        return segments.isEmpty() ? 0 : segments.getLast().end();
    }

    List<JournalDamage> damages() {
        List<JournalDamage> damages = new ArrayList<>();
        for (ScannedSegment segment : segments) {
            addDamages(segment, damages);
        }
        if (segments.isEmpty() && closedAt.orElse(0) > 0) {
            damages.add(
                    new JournalDamage(
                            storage.describe(JournalFormat.segmentName(0)),
                            0,
                            0,
                            closedAt.orElse(0),
                            "all segments are missing"));
        }
        return damages;
    }

    private void addDamages(ScannedSegment segment, List<JournalDamage> damages) {
        String file = storage.describe(segment.name());
        long base = segment.base();
        if (!segment.headerReads()) {
            damages.add(new JournalDamage(file, base, 0, 0, "the segment's header does not read"));
        }
        for (BadRange bad : segment.badRanges()) {
            damages.add(
                    new JournalDamage(
                            file,
                            bad.wrongAt(),
                            JournalFormat.offset(base, bad.wrongAt()),
                            bad.to() - bad.wrongAt(),
                            bad.reason()));
        }
        if (segment.end() < segment.followedAt()) {
            damages.add(
                    new JournalDamage(
                            file,
                            segment.end(),
                            JournalFormat.offset(base, segment.end()),
                            segment.followedAt() - segment.end(),
                            "nothing is left of the log from here to position "
                                    + segment.followedAt()));
        }
    }

    JournalReport report() throws IOException {
        int spares =
                (int)
                        storage.list().stream()
                                .filter(n -> JournalFormat.spareNumber(n) >= 0)
                                .count();
        return new JournalReport(
                storage.describe(""),
                inUse,
                endState(),
                segments.stream().map(this::report).toList(),
                spares,
                damages());
    }

    private EndState endState() {
        if (inUse || segments.isEmpty() || closedAt.orElse(-1) == end()) {
            return EndState.CLEAN;
        }
        return segments.getLast().torn() ? EndState.TORN : EndState.NOT_CLOSED;
    }

    private SegmentReport report(ScannedSegment segment) {
        SegmentHeader header = segment.header();
        SegmentScan scan = segment.scan();
        return new SegmentReport(
                storage.describe(segment.name()),
                segment.base(),
                segment.end(),
                header == null ? 0 : header.epoch(),
                segment.fileBytes(),
                scan == null ? 0 : scan.groups(),
                scan == null ? 0 : scan.records(),
                scan == null ? 0 : scan.unreadableBytes(),
                Instant.ofEpochMilli(header == null ? 0 : header.madeMillis()),
                scan == null || scan.lastWrittenMillis() < 0
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(scan.lastWrittenMillis())));
    }
}
