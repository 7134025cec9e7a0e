package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.SEGMENT_HEADER_BYTES;

import dev.wirebrook.journal.JournalReport.EndState;
import dev.wirebrook.journal.SegmentScan.BadRange;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a whole journal as it lies on disk, and changes nothing. */
final class JournalScan {
    private final JournalStorage storage;
    private final boolean readsRecords;
    private final boolean inUse;
    private final OptionalLong closedAt;
    private final List<ScannedSegment> segments = new ArrayList<>();
    private final List<String> surplus = new ArrayList<>();
    private long fileBytesMax;

    /** A segment's file and what its header says. */
    private record FoundSegment(
            String name,
            long base,
            long fileBytes,
            boolean headerReads,
            @Nullable SegmentHeader header) {
        boolean hasOwnName() {
            return name.equals(JournalFormat.segmentName(base));
        }

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
     * @param shortened whether it is the last one and its file is shorter than its header says
     */
    record ScannedSegment(
            String name,
            long base,
            long fileBytes,
            boolean headerReads,
            @Nullable SegmentHeader header,
            @Nullable SegmentScan scan,
            long followedAt,
            boolean shortened) {
        /** The name that goes with its header. */
        String ownName() {
            return JournalFormat.segmentName(base);
        }

        boolean misnamed() {
            return !name.equals(ownName());
        }

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

    /**
     * The segments in the order of the log, which their headers tell: a file's name may have been
     * changed.
     */
    private List<FoundSegment> find() throws IOException {
        Map<Long, FoundSegment> byBase = new TreeMap<>();
        for (String name : storage.list().stream().sorted().toList()) {
            if (name.endsWith(JournalFormat.SEGMENT_SUFFIX)) {
                Optional<FoundSegment> found = find(name);
                if (found.isPresent()) {
                    add(found.get(), byBase);
                }
            }
        }
        return List.copyOf(byBase.values());
    }

    /** Of two files for one place in the log, the one whose header reads is it. */
    private void add(FoundSegment found, Map<Long, FoundSegment> byBase) {
        FoundSegment other = byBase.get(found.base());
        boolean isBetter =
                other == null
                        || (found.headerReads() && !other.headerReads())
                        || (found.headerReads() == other.headerReads() && found.hasOwnName());
        if (isBetter) {
            byBase.put(found.base(), found);
        }
        if (other != null) {
            surplus.add(isBetter ? other.name() : found.name());
        }
    }

    private Optional<FoundSegment> find(String name) throws IOException {
        try (JournalFile file = storage.openForReading(name)) {
            SegmentHeader header = SegmentHeader.read(file).orElse(null);
            if (header != null) {
                return Optional.of(
                        new FoundSegment(name, header.base(), file.size(), true, header));
            }
            if (!JournalFormat.isSegment(name)) {
                return Optional.empty();
            }
            long base = JournalFormat.segmentBase(name);
            header = SegmentScan.guess(file, base).orElse(null);
            return Optional.of(new FoundSegment(name, base, file.size(), false, header));
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
            // A file that lost its end had more of the log than its size tells.
            long bytes = Math.max(found.fileBytes(), fileBytesMax);
            long end = JournalFormat.aligned(found.base() + bytes);
            long goesOn = next == null ? closedAt.orElse(0) : next.continues();
            add(found, null, next == null ? Math.max(end, goesOn) : goesOn, false);
            return;
        }
        fileBytesMax = Math.max(fileBytesMax, header.fileBytes());
        // Without its own header a file tells no more than what is left of it.
        long fullBytes = found.headerReads() ? header.fileBytes() : fileBytesMax;
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
            boolean shortened =
                    next == null
                            && !inUse
                            && found.fileBytes() < fullBytes
                            && closedAt.orElse(-1) < scan.end();
            if (shortened && scan.mayGoOnBehind(found.fileBytes())) {
                long fileEnd = header.base() + found.fileBytes() - SEGMENT_HEADER_BYTES;
                long reach = Math.max(wanted, fileEnd & -JournalFormat.ALIGNMENT);
                scan = new SegmentScan(file, header, readsRecords);
                scan.run(limit, Math.min(limit, reach));
                // Perhaps it was full, and sinks know all of it.
                wanted = Math.max(wanted, header.base() + fullBytes - SEGMENT_HEADER_BYTES);
            }
            add(found, scan, Math.max(scan.end(), wanted), shortened);
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

    private void add(
            FoundSegment found, @Nullable SegmentScan scan, long followedAt, boolean shortened) {
        segments.add(
                new ScannedSegment(
                        found.name(),
                        found.base(),
                        found.fileBytes(),
                        found.headerReads(),
                        found.header(),
                        scan,
                        followedAt,
                        shortened));
    }

    List<ScannedSegment> segments() {
        return segments;
    }

    /** Files whose place in the log another one has. */
    List<String> surplus() {
        return surplus;
    }

    /** Whether names are all that is wrong. */
    boolean onlyNamesAreWrong() {
        return surplus.isEmpty()
                && segments.stream().anyMatch(ScannedSegment::misnamed)
                && damages().size() == segments.stream().filter(ScannedSegment::misnamed).count();
    }

    /** Whether a repair has to give something up. */
    boolean losesSomething() {
        return !damages().isEmpty() && !onlyNamesAreWrong() && !onlyEmptyEndIsMissing();
    }

    private boolean onlyEmptyEndIsMissing() {
        return damages().size() == 1
                && segments.getLast().shortened()
                && segments.getLast().end() == segments.getLast().followedAt();
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
        for (String name : surplus) {
            damages.add(
                    new JournalDamage(
                            storage.describe(name),
                            Math.max(0, JournalFormat.segmentBase(name)),
                            0,
                            0,
                            "another file is this part of the log"));
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
        if (segment.misnamed()) {
            damages.add(
                    new JournalDamage(file, base, 0, 0, JournalFormat.renamed(segment.ownName())));
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
        SegmentHeader header = segment.header();
        boolean isShortened = segment.shortened() && header != null;
        if (isShortened || segment.end() < segment.followedAt()) {
            damages.add(
                    new JournalDamage(
                            file,
                            segment.end(),
                            JournalFormat.offset(base, segment.end()),
                            segment.followedAt() - segment.end(),
                            isShortened && header != null
                                    ? JournalFormat.shortened(segment.fileBytes(), header)
                                    : "nothing is left of the log from here to position "
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
