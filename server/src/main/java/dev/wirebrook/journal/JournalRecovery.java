package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.MAKING_SUFFIX;
import static dev.wirebrook.journal.JournalFormat.SEGMENT_SUFFIX;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Finds the end of the log when it is opened, as {@link JournalFormat} says. */
final class JournalRecovery {
    private static final System.Logger LOG = System.getLogger(JournalRecovery.class.getName());

    private static final int CHUNK_BYTES = 1 << 20;

    private final JournalStorage storage;
    private final JournalSettings settings;
    private final FileWindow window = new FileWindow(CHUNK_BYTES);
    private final CheckpointFile closedAt;
    private final DamageRegister damages;
    private long cutBytes;

    /**
     * What was found.
     *
     * @param segments oldest first, the last one to be written on
     * @param spares files ready to become segments
     * @param end position behind the last record
     * @param cutBytes bytes behind it that were no complete group and were overwritten
     * @param acceptedEnd the position that the last repair was told to go on at, or 0
     */
    record RecoveredLog(
            List<Segment> segments,
            List<String> spares,
            long end,
            long cutBytes,
            long acceptedEnd) {}

    JournalRecovery(JournalStorage storage, JournalSettings settings, DamageRegister damages) {
        this.storage = storage;
        this.settings = settings;
        this.damages = damages;
        this.closedAt = new CheckpointFile(storage, JournalFormat.CLOSED_AT_NAME);
    }

    /** Checks everything before it changes anything. */
    RecoveredLog recover() throws IOException {
        try (window) {
            return recoverAll();
        }
    }

    private RecoveredLog recoverAll() throws IOException {
        List<String> names = storage.list();
        OptionalLong closed = closedAt.read();
        long acceptedEnd =
                new CheckpointFile(storage, JournalFormat.ACCEPTED_END_NAME).read().orElse(0);
        List<Segment> segments = readSegments(names);
        for (int i = 0; i < segments.size() - 1; i++) {
            checkSealed(segments.get(i));
        }
        long end = 0;
        if (!segments.isEmpty()) {
            end = recoverLast(segments.getLast().header(), closed);
        } else if (closed.orElse(0) > 0) {
            throw new JournalDamagedException(
                    storage.describe(JournalFormat.segmentName(0)),
                    0,
                    0,
                    "the log was closed at position "
                            + closed.orElse(0)
                            + " and no segment of it is left");
        }
        storage.delete(JournalFormat.CLOSED_AT_NAME);
        List<String> spares = keepSpares(names);
        storage.forceDirectory();
        if (segments.isEmpty()) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "journal {0} is new: a log begins at position 0",
                    storage.describe(""));
        }
        return new RecoveredLog(segments, spares, end, cutBytes, acceptedEnd);
    }

    private List<Segment> readSegments(List<String> names) throws IOException {
        List<Segment> segments = new ArrayList<>();
        List<String> files =
                names.stream().filter(name -> name.endsWith(SEGMENT_SUFFIX)).sorted().toList();
        for (String name : files) {
            SegmentHeader header = readHeader(name, name.equals(files.getLast()));
            if (header == null) {
                continue;
            }
            if (!segments.isEmpty()) {
                segments.set(segments.size() - 1, segments.getLast().sealedBy(header));
            }
            segments.add(Segment.active(header));
        }
        return segments;
    }

    /** The header of a segment's file; null for a file that is not a segment. */
    private @Nullable SegmentHeader readHeader(String name, boolean isLast) throws IOException {
        long base = JournalFormat.segmentBase(name);
        try (JournalFile file = storage.openForReading(name)) {
            Optional<SegmentHeader> header = SegmentHeader.read(file);
            if (header.isPresent()) {
                requireOwnName(name, header.get());
                return header.get();
            }
            String reason = "the segment's header does not read";
            if (!JournalFormat.isSegment(name)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} is not a segment of the log and is ignored",
                        storage.describe(name));
                return null;
            }
            if (isLast || settings.verifyAllOnOpen()) {
                throw damaged(name, base, 0, reason);
            }
            // Perhaps nobody needs what is in it. Its groups tell what is needed to go on; where
            // none reads, its readers find that out.
            damages.found(new JournalDamage(storage.describe(name), base, 0, 0, reason));
            long bytes = JournalFormat.pageCeiling(file.size());
            return SegmentScan.guess(file, base)
                    .orElseGet(() -> new SegmentHeader(0, base, base, bytes, 0));
        }
    }

    private void requireOwnName(String name, SegmentHeader header) throws IOException {
        String own = JournalFormat.segmentName(header.base());
        if (!name.equals(own)) {
            throw new JournalDamagedException(
                    storage.describe(name), header.base(), 0, JournalFormat.renamed(own), false);
        }
    }

    private void checkSealed(Segment segment) throws IOException {
        SegmentHeader header = segment.header();
        try (JournalFile file = storage.openForReading(segment.name())) {
            if (segment.end() < header.base()
                    || segment.end() > header.capacityEnd()
                    || header.offsetOf(segment.end()) > file.size()) {
                throw damaged(
                        segment.name(),
                        header,
                        Math.min(header.capacityEnd(), segment.end()),
                        "the log goes on at position "
                                + segment.end()
                                + " in the next segment: a part of this one or a segment between"
                                + " them is missing");
            }
            if (settings.verifyAllOnOpen()) {
                walkSealed(segment, file);
            }
        }
    }

    private void walkSealed(Segment segment, JournalFile file) throws IOException {
        SegmentCursor cursor = new SegmentCursor(file, segment.header(), window);
        cursor.limit(segment.end());
        long position = segment.base();
        while (position < segment.end()) {
            String wrong = wholeGroup(cursor, position);
            if (wrong != null) {
                throw damaged(segment.name(), segment.header(), position, wrong);
            }
            position = cursor.groupEnd();
        }
    }

    private static @Nullable String wholeGroup(SegmentCursor cursor, long position)
            throws IOException {
        String wrong = cursor.enterGroup(position);
        while (wrong == null && cursor.hasNextRecord()) {
            wrong = cursor.nextRecord();
        }
        return wrong;
    }

    private long recoverLast(SegmentHeader header, OptionalLong closed) throws IOException {
        String name = JournalFormat.segmentName(header.base());
        try (JournalFile file = storage.openForWriting(name)) {
            SegmentCursor cursor = new SegmentCursor(file, header, window);
            cursor.limit(header.capacityEnd());
            long lastGroup = header.base();
            long end = header.base();
            String wrong = wholeGroup(cursor, end);
            while (wrong == null) {
                lastGroup = end;
                end = cursor.groupEnd();
                wrong = wholeGroup(cursor, end);
            }
            if (closed.orElse(0) > end) {
                throw damaged(
                        name,
                        header,
                        end,
                        wrong + ", although the log was closed at " + closed.orElse(0));
            }
            long missing = header.fileBytes() - file.size();
            boolean isWhole = closed.isPresent() && closed.orElse(0) == end;
            if (!isWhole) {
                long next = cursor.findGroup(end + JournalFormat.ALIGNMENT);
                if (next >= 0) {
                    throw damaged(
                            name,
                            header,
                            end,
                            wrong + ", although the log goes on at position " + next);
                }
                if (missing > 0) {
                    throw new JournalDamagedException(
                            storage.describe(name),
                            end,
                            header.offsetOf(end),
                            JournalFormat.shortened(file.size(), header),
                            mayGoOnBehind(file, header, end));
                }
                tellWhatIsCut(name, file, header, end);
                try {
                    settle(file, header, lastGroup, end);
                } catch (IOException e) {
                    throw new IOException(
                            "cannot make the end of the log durable in "
                                    + storage.describe(name)
                                    + ": "
                                    + e.getMessage(),
                            e);
                }
            } else if (missing > 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "journal {0} was closed at position {1}, and {2} has lost {3} bytes behind"
                                + " it. Nothing stood there; they are written anew",
                        storage.describe(""),
                        end,
                        name,
                        missing);
                Zeros.write(file, file.size(), header.fileBytes());
                file.force();
            }
            return end;
        }
    }

    /**
     * Makes what was found durable, and nothing else. Reading back proves nothing: what a failed
     * force or a killed process left may stand in the kernel's cache alone, so the last group is
     * written again. Behind it go zeros as far as an interrupted group can reach.
     */
    private void settle(JournalFile file, SegmentHeader header, long lastGroup, long end)
            throws IOException {
        LOG.log(
                System.Logger.Level.INFO,
                "journal {0} was not closed cleanly: the log ends at position {1}",
                storage.describe(""),
                end);
        int length = (int) (end - lastGroup);
        if (length > 0) {
            long offset = header.offsetOf(lastGroup);
            int at = window.at(file, offset, length, offset + length);
            if (at < 0) {
                throw new IOException("cannot read the last group again");
            }
            ByteBuffer group = window.buffer();
            group.limit(at + length).position(at);
            file.writeFully(group, offset);
            window.clear();
        }
        long from = header.offsetOf(end);
        long reach = JournalFormat.pageCeiling(from + settings.groupBytesLongest());
        Zeros.write(file, from, Math.min(reach, header.fileBytes()));
        file.force();
    }

    /** As {@link SegmentScan#mayGoOnBehind}. */
    private boolean mayGoOnBehind(JournalFile file, SegmentHeader header, long end)
            throws IOException {
        SegmentCursor cursor = new SegmentCursor(file, header, window);
        cursor.limit(header.capacityEnd());
        boolean torn = cursor.enterGroup(end) == null;
        return SegmentScan.mayGoOnBehind(header, file.size(), end, torn ? cursor.groupEnd() : -1);
    }

    /** Counts and logs what {@link #settle} overwrites. Nothing of it was acknowledged. */
    private void tellWhatIsCut(String name, JournalFile file, SegmentHeader header, long end)
            throws IOException {
        cutBytes = unfinishedBytes(file, header, end);
        if (cutBytes > 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "journal: cut off "
                            + cutBytes
                            + " bytes from position "
                            + end
                            + " on, "
                            + storage.describe(name)
                            + " offset "
                            + header.offsetOf(end)
                            + ": they are not a complete group, as a crash leaves it while it is"
                            + " written. No event in it was acknowledged");
        }
    }

    /**
     * How many bytes behind the end were written for a group that is not complete. The file's
     * earlier life may have left other bytes there, but zeros in the rest of the last page.
     */
    private long unfinishedBytes(JournalFile file, SegmentHeader header, long end)
            throws IOException {
        SegmentCursor cursor = new SegmentCursor(file, header, window);
        cursor.limit(header.capacityEnd());
        if (cursor.enterGroup(end) == null) {
            return cursor.groupEnd() - end;
        }
        long offset = header.offsetOf(end);
        long reach =
                Math.min(
                        header.fileBytes(),
                        JournalFormat.pageCeiling(offset + settings.groupBytesLongest()));
        if (!wasWritten(file, header, end, reach)) {
            return 0;
        }
        int length = (int) (reach - offset);
        int at = window.at(file, offset, length, reach);
        int last = at < 0 ? 0 : at + length;
        while (last > at && window.buffer().get(last - 1) == 0) {
            last--;
        }
        return Math.max(0, last - at);
    }

    private boolean wasWritten(JournalFile file, SegmentHeader header, long end, long reach)
            throws IOException {
        long offset = header.offsetOf(end);
        long pageEnd = Math.min(reach, JournalFormat.pageCeiling(offset));
        if (pageEnd > offset) {
            int at = window.at(file, offset, (int) (pageEnd - offset), reach);
            for (int i = 0; at >= 0 && i < pageEnd - offset; i++) {
                if (window.buffer().get(at + i) != 0) {
                    return true;
                }
            }
            return false;
        }
        int at = window.at(file, offset, JournalFormat.GROUP_HEADER_BYTES, reach);
        return at >= 0
                && (window.buffer().getLong(at + 8) == header.epoch()
                        || window.buffer().getLong(at + 16) == end);
    }

    /** Deletes what was never finished, and spares of another size or too many. */
    private List<String> keepSpares(List<String> names) throws IOException {
        List<String> spares = new ArrayList<>();
        for (String name : names) {
            if (name.endsWith(MAKING_SUFFIX)) {
                storage.delete(name);
            } else if (JournalFormat.spareNumber(name) >= 0) {
                if (spares.size() < settings.spareSegmentsMax() && hasSegmentSize(name)) {
                    spares.add(name);
                } else {
                    storage.delete(name);
                }
            }
        }
        return spares;
    }

    private boolean hasSegmentSize(String name) throws IOException {
        try (JournalFile file = storage.openForReading(name)) {
            return file.size() == settings.segmentBytes();
        }
    }

    private JournalDamagedException damaged(
            String name, SegmentHeader header, long position, String reason) {
        return damaged(name, position, header.offsetOf(position), reason);
    }

    private JournalDamagedException damaged(
            String name, long position, long offset, String reason) {
        return new JournalDamagedException(storage.describe(name), position, offset, reason);
    }
}
