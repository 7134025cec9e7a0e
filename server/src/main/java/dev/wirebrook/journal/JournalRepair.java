package dev.wirebrook.journal;

import dev.wirebrook.journal.JournalScan.ScannedSegment;
import dev.wirebrook.journal.SegmentScan.BadRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Makes a damaged journal one that opens, and keeps every record that reads. Positions stay what
 * they are. Holds the journal's lock while it runs.
 */
final class JournalRepair {
    /*
     * A damaged stretch, from the start of a group to the start of the next one that reads, becomes
     * one group: of the records that are found in it by their checks, and of stretches marked
     * unreadable between them. What is gone at the end of a segment, or with a whole file, becomes a
     * gap, which the next segment's header tells. What was there is saved in a file of its own and
     * forced before anything is changed.
     */
    private static final String ASIDE_SUFFIX = ".damaged";

    private static final String RENAMED_PREFIX = "renamed-";

    /** Where no record has been found yet, none longer than this is looked for. */
    private static final int SEARCHED_BYTES_MAX = 16 << 20;

    private static final int GAP_SEGMENT_BYTES = 1 << 20;

    private final JournalStorage storage;
    private final RepairOptions options;
    private final CRC32C crc = new CRC32C();
    private final List<String> savedAside = new ArrayList<>();
    private final List<String> renamed = new ArrayList<>();
    private boolean lostUnknown;
    private long rescued;
    private long lost;
    private long bytesLost;
    private long cutBytes;

    JournalRepair(JournalStorage storage, RepairOptions options) {
        this.storage = storage;
        this.options = options;
    }

    RepairReport run() throws IOException {
        JournalScan scan = JournalScan.of(storage, true, false);
        List<JournalDamage> damages = scan.damages();
        if (scan.losesSomething() && !options.skipDamage()) {
            JournalDamage first = damages.getFirst();
            throw new JournalDamagedException(
                    first.file(), first.position(), first.fileOffset(), first.reason());
        }
        if (putNamesRight(scan)) {
            scan = JournalScan.of(storage, true, false);
        }
        long goesOnAt = options.continueAtLeast();
        for (JournalDamage damage : scan.damages()) {
            goesOnAt = Math.max(goesOnAt, damage.position() + damage.bytes());
        }
        long end = repairSegments(scan.segments());
        if (end < goesOnAt) {
            if (!damages.isEmpty()) {
                giveUp(goesOnAt - end);
            }
            beginSegment(JournalFormat.aligned(goesOnAt), end);
        }
        storage.forceDirectory();
        if (options.continueAtLeast() > 0) {
            // Last: the log ends there or behind it.
            new CheckpointFile(storage, JournalFormat.ACCEPTED_END_NAME)
                    .write(options.continueAtLeast());
        }
        return new RepairReport(
                damages,
                renamed,
                rescued,
                lost,
                lostUnknown,
                bytesLost,
                savedAside,
                cutBytes,
                JournalScan.of(storage, true, false).report());
    }

    /**
     * Gives each segment the name that goes with its header. What has that name and is not it goes
     * aside.
     *
     * @return whether there was anything to do
     */
    private boolean putNamesRight(JournalScan scan) throws IOException {
        List<ScannedSegment> misnamed =
                scan.segments().stream().filter(ScannedSegment::misnamed).toList();
        for (String name : scan.surplus()) {
            setAside(name);
        }
        // Names may have gone round in a circle. In between they still are segments' names.
        for (ScannedSegment segment : misnamed) {
            storage.rename(segment.name(), RENAMED_PREFIX + segment.ownName());
        }
        List<String> names = storage.list();
        for (ScannedSegment segment : misnamed) {
            if (names.contains(segment.ownName())) {
                setAside(segment.ownName());
            }
            storage.rename(RENAMED_PREFIX + segment.ownName(), segment.ownName());
            renamed.add(
                    storage.describe(segment.name())
                            + " -> "
                            + storage.describe(segment.ownName()));
        }
        storage.forceDirectory();
        return !misnamed.isEmpty() || !scan.surplus().isEmpty();
    }

    /** Counts bytes of log that are gone, with who knows how many records. */
    private void giveUp(long bytes) {
        bytesLost += bytes;
        lostUnknown |= bytes > 0;
    }

    /** Returns the position behind the last record that is left. */
    private long repairSegments(List<ScannedSegment> segments) throws IOException {
        long end = segments.isEmpty() ? 0 : segments.getFirst().base();
        boolean first = true;
        for (ScannedSegment segment : segments) {
            SegmentHeader header = segment.header();
            if (header == null) {
                setAside(segment.name());
                if (first && !segment.equals(segments.getLast())) {
                    // No header behind it will tell of a gap: the log begins there now.
                    giveUp(segment.followedAt() - segment.base());
                    end = segment.followedAt();
                }
                continue;
            }
            repairHeader(segment, header, first ? header.previousEnd() : end);
            for (BadRange bad : segment.badRanges()) {
                rescue(segment.name(), header, bad);
            }
            cutTornGroup(segment, header);
            if (segment.shortened() && segment.end() == segment.followedAt()) {
                lengthen(segment, header);
            }
            end = segment.end();
            first = false;
        }
        return end;
    }

    /** What the file lost had nothing of the log. */
    private void lengthen(ScannedSegment segment, SegmentHeader header) throws IOException {
        try (JournalFile file = storage.openForWriting(segment.name())) {
            Zeros.write(file, file.size(), header.fileBytes());
            file.force();
        }
    }

    /** A file of which nothing reads is no part of the log any more. */
    private void setAside(String name) throws IOException {
        List<String> names = storage.list();
        String aside = name + ASIDE_SUFFIX;
        for (int again = 2; names.contains(aside); again++) {
            aside = name + "-" + again + ASIDE_SUFFIX;
        }
        storage.rename(name, aside);
        savedAside.add(storage.describe(aside));
    }

    private void repairHeader(ScannedSegment segment, SegmentHeader header, long previousEnd)
            throws IOException {
        if (segment.headerReads() && header.previousEnd() == previousEnd) {
            return;
        }
        try (JournalFile file = storage.openForWriting(segment.name())) {
            if (!segment.headerReads()) {
                saveAside(file, segment.base(), 0, JournalFormat.SEGMENT_HEADER_BYTES);
            }
            giveUp(header.base() - previousEnd);
            SegmentHeader right =
                    new SegmentHeader(
                            header.epoch(),
                            header.base(),
                            previousEnd,
                            header.fileBytes(),
                            header.madeMillis());
            file.writeFully(right.encode(), 0);
            file.force();
        }
    }

    private void rescue(String name, SegmentHeader header, BadRange bad) throws IOException {
        int bytes = Math.toIntExact(bad.to() - bad.from());
        long offset = header.offsetOf(bad.from());
        try (JournalFile file = storage.openForWriting(name)) {
            ByteBuffer range = saveAside(file, bad.from(), offset, bytes);
            int found = rescueRecords(header, bad.from(), range);
            rescued += found;
            lost += Math.max(0, bad.recordsExpected() - found);
            lostUnknown |= bad.recordsExpected() < 0;
            JournalFormat.putGroupHeader(
                    crc,
                    range,
                    0,
                    header.epoch(),
                    bad.from(),
                    bytes,
                    found,
                    Math.max(0, bad.writtenMillis()));
            file.writeFully(range.clear(), offset);
            file.force();
        }
    }

    /** Marks what lies between records unreadable. Returns how many records there are. */
    private int rescueRecords(SegmentHeader header, long position, ByteBuffer range) {
        int found = 0;
        int unreadableFrom = JournalFormat.GROUP_HEADER_BYTES;
        int at = unreadableFrom;
        while (at < range.capacity()) {
            boolean searching = at > unreadableFrom;
            int end = recordEnd(header.epoch(), position + at, range, at, searching);
            if (end < 0) {
                at += JournalFormat.ALIGNMENT;
                continue;
            }
            markUnreadable(header.epoch(), position, range, unreadableFrom, at);
            found++;
            at = end;
            unreadableFrom = end;
        }
        markUnreadable(header.epoch(), position, range, unreadableFrom, at);
        return found;
    }

    /** Where the record at {@code at} ends; -1 where none stands. */
    private int recordEnd(
            long epoch, long recordPosition, ByteBuffer range, int at, boolean searching) {
        int start = at + JournalFormat.RECORD_HEADER_BYTES;
        if (start > range.capacity()) {
            return -1;
        }
        int length = range.getInt(at);
        int lengthMax = range.capacity() - start;
        if (length < 1 || length > (searching ? SEARCHED_BYTES_MAX : lengthMax)) {
            return -1;
        }
        int end = start + JournalFormat.aligned(length);
        if (end > range.capacity()) {
            return -1;
        }
        int check =
                JournalFormat.crc(crc, range, start, end)
                        ^ JournalFormat.salt(epoch, recordPosition, length);
        return check == range.getInt(at + 4) ? end : -1;
    }

    private void markUnreadable(long epoch, long position, ByteBuffer range, int from, int to) {
        if (from == to) {
            return;
        }
        bytesLost += to - from;
        int length = JournalFormat.UNREADABLE | (to - from - JournalFormat.RECORD_HEADER_BYTES);
        range.putInt(from, length);
        range.putInt(from + 4, JournalFormat.salt(epoch, position + from, length));
    }

    /** Keeps what is there now in a file named for its position. Returns it. */
    private ByteBuffer saveAside(JournalFile file, long position, long offset, int bytes)
            throws IOException {
        ByteBuffer content = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.readFully(content, offset);
        content.clear();
        String name = nameAside(position);
        try (JournalFile aside = storage.create(name)) {
            aside.writeFully(content, 0);
            aside.force();
        }
        storage.forceDirectory();
        savedAside.add(storage.describe(name));
        return content.clear();
    }

    private String nameAside(long position) throws IOException {
        List<String> names = storage.list();
        String name = position + ASIDE_SUFFIX;
        for (int again = 2; names.contains(name); again++) {
            name = position + "-" + again + ASIDE_SUFFIX;
        }
        return name;
    }

    private void cutTornGroup(ScannedSegment segment, SegmentHeader header) throws IOException {
        SegmentScan scan = segment.scan();
        if (scan == null || !scan.torn()) {
            return;
        }
        int bytes = Math.toIntExact(scan.tornEnd() - scan.end());
        try (JournalFile file = storage.openForWriting(segment.name())) {
            Zeros.write(file, header.offsetOf(scan.end()), header.offsetOf(scan.tornEnd()));
            file.force();
        }
        cutBytes += bytes;
    }

    /** Lets the log go on at a position behind its end. */
    private void beginSegment(long base, long previousEnd) throws IOException {
        String name = JournalFormat.segmentName(base);
        String making = name + JournalFormat.MAKING_SUFFIX;
        storage.delete(making);
        SegmentHeader header =
                new SegmentHeader(
                        new SecureRandom().nextLong(), base, previousEnd, GAP_SEGMENT_BYTES, 0);
        try (JournalFile file = storage.create(making)) {
            Zeros.write(file, 0, GAP_SEGMENT_BYTES);
            file.writeFully(header.encode(), 0);
            file.force();
        }
        storage.rename(making, name);
    }
}
