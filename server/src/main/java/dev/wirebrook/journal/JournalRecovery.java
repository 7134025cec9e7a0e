package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.MAKING_SUFFIX;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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

    /**
     * What was found.
     *
     * @param segments oldest first, the last one to be written on
     * @param spares files ready to become segments
     * @param end position behind the last record
     */
    record RecoveredLog(List<Segment> segments, List<String> spares, long end) {}

    JournalRecovery(JournalStorage storage, JournalSettings settings) {
        this.storage = storage;
        this.settings = settings;
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
        return new RecoveredLog(segments, spares, end);
    }

    private List<Segment> readSegments(List<String> names) throws IOException {
        List<Segment> segments = new ArrayList<>();
        for (String name : names.stream().filter(JournalFormat::isSegment).sorted().toList()) {
            SegmentHeader header;
            try (JournalFile file = storage.openForReading(name)) {
                header = SegmentHeader.read(file).orElse(null);
            }
            if (header == null || !name.equals(JournalFormat.segmentName(header.base()))) {
                throw damaged(
                        name,
                        JournalFormat.segmentBase(name),
                        0,
                        "the segment's header does not read");
            }
            if (!segments.isEmpty()) {
                segments.set(segments.size() - 1, segments.getLast().sealedBy(header));
            }
            segments.add(Segment.active(header));
        }
        return segments;
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
            if (closed.isEmpty() || closed.orElse(0) < end) {
                long next = cursor.findGroup(end + JournalFormat.ALIGNMENT);
                if (next >= 0) {
                    throw damaged(
                            name,
                            header,
                            end,
                            wrong + ", although the log goes on at position " + next);
                }
                settle(file, header, lastGroup, end);
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
        if (file.size() < header.fileBytes()) {
            Zeros.write(file, file.size(), header.fileBytes());
        }
        file.force();
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
