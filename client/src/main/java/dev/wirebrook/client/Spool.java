package dev.wirebrook.client;

import com.google.protobuf.ByteString;
import dev.wirebrook.client.EventBuffer.Room;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Events in files of one directory, appended at one end and acknowledged at the other.
 *
 * <p>A position is a byte offset that only rises. A segment that is full is forced before the next
 * is made, so that only the last can be torn; one that is acknowledged to its end is deleted. What
 * an earlier process left is never appended to: new events begin a new segment, under their own
 * header.
 *
 * <p>Guarded by its owner's lock, except {@link #force}. Lock order: the owner's, then {@code
 * forcing}.
 */
final class Spool implements AutoCloseable {
    private static final String LOCK_FILE = "lock";

    // immutable state
    private final Path directory;
    private final SpoolOptions options;
    private final ByteString header;
    private final FileChannel lockFile;
    private final SpoolMark mark;
    private final SpoolRecovery recovery;

    // mutable state
    private final ArrayDeque<SpoolSegment> segments = new ArrayDeque<>();
    private long fileBytes;

    /** Where reading goes on. */
    private SpoolSegment reading;

    private int readOffset;
    private boolean closed;

    /** Held while files are forced, and while one goes away. */
    private final ReentrantLock forcing = new ReentrantLock();

    private volatile SpoolSegment writing;
    private volatile long writtenBefore;
    private volatile long forcedBefore;

    private Spool(SpoolOptions options, ByteString header, FileChannel lockFile)
            throws IOException {
        this.directory = options.directory();
        this.options = options;
        this.header = header;
        this.lockFile = lockFile;
        this.mark = new SpoolMark(directory);
        long acknowledged = mark.position();
        long torn = openSegments();
        if (segments.isEmpty()) {
            segments.add(
                    SpoolSegment.create(directory, acknowledged, options.segmentBytes(), header));
        }
        // One of an earlier process is full: the first event begins the next.
        writing = segments.getLast();
        reading = segments.getFirst();
        readOffset = reading.start();
        for (SpoolSegment segment : segments) {
            fileBytes += segment.fileBytes();
        }
        dropBefore(acknowledged);
        readOffset = offsetAt(reading, acknowledged);
        writtenBefore = writing.endPosition();
        recovery = countUnread(torn);
    }

    /**
     * Opens the spool and recovers what it holds.
     *
     * @throws SpoolInUseException when another publisher has it
     * @throws IOException also when a file that was complete cannot be read any more
     */
    static Spool open(SpoolOptions options, ByteString header) throws IOException {
        Files.createDirectories(options.directory());
        FileChannel lockFile =
                FileChannel.open(
                        options.directory().resolve(LOCK_FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        try {
            if (lockFile.tryLock() == null) {
                throw new SpoolInUseException(options.directory());
            }
            return new Spool(options, header, lockFile);
        } catch (OverlappingFileLockException e) {
            lockFile.close();
            throw new SpoolInUseException(options.directory());
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    /** Returns the bytes torn off the last. */
    private long openSegments() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files =
                    all.filter(file -> file.toString().endsWith(SpoolSegment.SUFFIX))
                            .sorted()
                            .toList();
        }
        long torn = 0;
        for (Iterator<Path> rest = files.iterator(); rest.hasNext(); ) {
            Path file = rest.next();
            boolean last = !rest.hasNext();
            try {
                SpoolSegment.Opened opened = SpoolSegment.open(file, last);
                torn += opened.tornBytes();
                if (opened.segment().events() == 0) {
                    opened.segment().delete();
                } else {
                    segments.add(opened.segment());
                }
            } catch (SpoolSegment.DamagedException e) {
                if (!last) {
                    throw new IOException(
                            e.getMessage() + "; move it aside to go on without its events", e);
                }
                // Its making was cut off: no event was in it.
                torn += Files.size(file);
                Files.delete(file);
            }
        }
        return torn;
    }

    private static int offsetAt(SpoolSegment segment, long position) {
        int offset = segment.start();
        while (offset < segment.end() && segment.base() + offset < position) {
            offset = segment.after(offset);
        }
        return offset;
    }

    private SpoolRecovery countUnread(long torn) {
        long events = 0;
        long bytes = 0;
        for (SpoolSegment segment : segments) {
            int offset = segment == reading ? readOffset : segment.start();
            while (offset < segment.end()) {
                events++;
                bytes += segment.length(offset);
                offset = segment.after(offset);
            }
        }
        return new SpoolRecovery(events, bytes, torn);
    }

    SpoolRecovery recovery() {
        return recovery;
    }

    Room room(int length) {
        if (length > SpoolSegment.eventBytesMax(options.segmentBytes(), header)) {
            return Room.NEVER;
        }
        return writing.hasRoomFor(length)
                        || fileBytes + options.segmentBytes() <= options.bytesMax()
                ? Room.FREE
                : Room.FULL;
    }

    /** Appends an event for which there is room. It then survives this process. */
    void append(byte[] event) throws IOException {
        if (!writing.hasRoomFor(event.length)) {
            nextSegment();
        }
        writing.append(event);
        writtenBefore = writing.endPosition();
    }

    private void nextSegment() throws IOException {
        SpoolSegment full = writing;
        forcing.lock();
        try {
            full.force();
            SpoolSegment next =
                    SpoolSegment.create(
                            directory, full.limitPosition(), options.segmentBytes(), header);
            segments.add(next);
            fileBytes += next.fileBytes();
            forcedBefore = full.endPosition();
            writing = next;
        } finally {
            forcing.unlock();
        }
        dropBefore(mark.position());
    }

    /** Reads the oldest events not read, of one segment; returns their header. */
    ByteString read(int eventsMax, int bytesMax, List<ByteString> events) {
        while (readOffset == reading.end() && reading != writing) {
            reading = segmentAfter(reading);
            readOffset = reading.start();
        }
        long bytes = 0;
        while (readOffset < reading.end() && events.size() < eventsMax) {
            int length = reading.length(readOffset);
            if (!events.isEmpty() && bytes + length > bytesMax) {
                break;
            }
            events.add(reading.event(readOffset));
            bytes += length;
            readOffset = reading.after(readOffset);
        }
        return reading.header();
    }

    private SpoolSegment segmentAfter(SpoolSegment segment) {
        Iterator<SpoolSegment> all = segments.iterator();
        while (all.hasNext()) {
            if (all.next() == segment) {
                return all.next();
            }
        }
        throw new IllegalStateException("a segment is read that is gone");
    }

    /** Position behind the last event that was read. */
    long readBefore() {
        return reading.base() + readOffset;
    }

    /** Everything before the position is acknowledged. */
    void acknowledge(long position) throws IOException {
        mark.moveTo(position);
        dropBefore(position);
    }

    private void dropBefore(long position) throws IOException {
        while (!segments.isEmpty()) {
            SpoolSegment oldest = segments.getFirst();
            if (oldest == writing || oldest.endPosition() > position) {
                return;
            }
            if (oldest == reading) {
                reading = segmentAfter(oldest);
                readOffset = reading.start();
            }
            segments.removeFirst();
            fileBytes -= oldest.fileBytes();
            forcing.lock();
            try {
                oldest.delete();
            } finally {
                forcing.unlock();
            }
        }
    }

    long fileBytes() {
        return fileBytes;
    }

    /** Returns when all that was appended before the call is on the disk. From any thread. */
    void force() {
        long target = writtenBefore;
        if (forcedBefore >= target) {
            return;
        }
        forcing.lock();
        try {
            // In this order: a segment that is no longer written to was forced.
            long written = writtenBefore;
            if (forcedBefore < target && !closed) {
                writing.force();
                forcedBefore = written;
            }
        } finally {
            forcing.unlock();
        }
    }

    /** Forces what stands, and leaves no file behind where everything is acknowledged. */
    @Override
    public void close() throws IOException {
        force();
        forcing.lock();
        try {
            closed = true;
            boolean empty = mark.position() >= writing.endPosition() || writing.events() == 0;
            for (SpoolSegment segment : segments) {
                if (segment == writing && empty) {
                    segment.delete();
                } else {
                    segment.close();
                }
            }
            mark.close();
        } finally {
            forcing.unlock();
        }
        lockFile.close();
    }
}
