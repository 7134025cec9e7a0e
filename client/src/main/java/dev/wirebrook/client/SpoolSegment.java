package dev.wirebrook.client;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * One file of a spool, mapped: a put into it is the operating system's at once, without a call, and
 * stays when the process is killed. The file is written with zeros first, so that a full disk is
 * met when it is made and never by a put.
 *
 * <pre>
 * head    magic:8 base:8 headerLength:4 crc:4 header
 * record  length:4 crc:4 event         length 0: the end
 * </pre>
 *
 * <p>A record's CRC32C is mixed with its position, so that it is right in one place alone. Guarded
 * by its owner's lock.
 */
final class SpoolSegment {
    static final int RECORD_HEAD_BYTES = 8;
    static final String SUFFIX = ".spool";
    private static final int HEAD_BYTES = 24;
    private static final long MAGIC = 0x5742_5350_4f4f_4c31L;
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;
    private static final int ZEROS_BYTES = 64 << 10;

    // immutable state
    private final Path file;
    private final long base;
    private final ByteString header;
    private final Arena arena;
    private final MemorySegment memory;
    private final ByteBuffer buffer;
    private final CRC32C crc = new CRC32C();

    // mutable state
    /** Where the next record goes. */
    private int end;

    private long events;

    private SpoolSegment(
            Path file, long base, ByteString header, Arena arena, MemorySegment memory) {
        this.file = file;
        this.base = base;
        this.header = header;
        this.arena = arena;
        this.memory = memory;
        this.buffer = memory.asByteBuffer();
        this.end = HEAD_BYTES + header.size();
    }

    static Path path(Path directory, long base) {
        return directory.resolve("%016x".formatted(base) + SUFFIX);
    }

    /** The longest event for which a segment of that length has room. */
    static int eventBytesMax(int segmentBytes, ByteString header) {
        return segmentBytes - HEAD_BYTES - header.size() - RECORD_HEAD_BYTES;
    }

    /** A new file, as long as it will ever be. */
    static SpoolSegment create(Path directory, long base, int bytes, ByteString header)
            throws IOException {
        Path file = path(directory, base);
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS_BYTES);
            for (long left = bytes; left > 0; left -= channel.write(zeros)) {
                zeros.clear().limit((int) Math.min(left, ZEROS_BYTES));
            }
            Arena arena = Arena.ofShared();
            SpoolSegment segment =
                    new SpoolSegment(
                            file,
                            base,
                            header,
                            arena,
                            channel.map(MapMode.READ_WRITE, 0, bytes, arena));
            segment.writeHead();
            segment.force();
            channel.force(true);
            forceName(directory);
            return segment;
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** What is forced into a file is worth nothing while its name is not. */
    private static void forceName(Path directory) throws IOException {
        // Elsewhere a folder cannot be opened, and need not be.
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }

    private void writeHead() {
        buffer.putLong(0, MAGIC).putLong(Long.BYTES, base).putInt(2 * Long.BYTES, header.size());
        buffer.put(HEAD_BYTES, header.toByteArray());
        buffer.putInt(HEAD_BYTES - Integer.BYTES, headCheck(buffer, header.size()));
    }

    private static int headCheck(ByteBuffer buffer, int headerLength) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(0, HEAD_BYTES - Integer.BYTES));
        crc.update(buffer.slice(HEAD_BYTES, headerLength));
        return (int) crc.getValue();
    }

    /**
     * Opens a file of an earlier process and cuts it behind its last whole record. No event can be
     * added to it.
     *
     * @param mayBeTorn whether something else may stand behind the last whole record
     * @throws DamagedException when its head cannot be read, or what stands behind its records
     */
    static Opened open(Path file, boolean mayBeTorn) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            int tornBytes;
            int length;
            try (Arena scan = Arena.ofConfined()) {
                SpoolSegment whole = map(file, channel, scan);
                tornBytes = whole.tornBytes();
                if (tornBytes > 0 && !mayBeTorn) {
                    throw new DamagedException(
                            "%s cannot be read from byte %d on".formatted(file, whole.end));
                }
                length = whole.end;
            }
            // While nothing is mapped.
            channel.truncate(length);
            Arena arena = Arena.ofShared();
            try {
                return new Opened(map(file, channel, arena), tornBytes);
            } catch (IOException | RuntimeException e) {
                arena.close();
                throw e;
            }
        }
    }

    /**
     * @param tornBytes that stood behind the last whole record
     */
    record Opened(SpoolSegment segment, int tornBytes) {}

    private static SpoolSegment map(Path file, FileChannel channel, Arena arena)
            throws IOException {
        MemorySegment memory = channel.map(MapMode.READ_WRITE, 0, channel.size(), arena);
        ByteBuffer buffer = memory.asByteBuffer();
        int headerLength = buffer.capacity() < HEAD_BYTES ? -1 : buffer.getInt(2 * Long.BYTES);
        if (headerLength < 0
                || headerLength > buffer.capacity() - HEAD_BYTES
                || buffer.getLong(0) != MAGIC
                || buffer.getInt(HEAD_BYTES - Integer.BYTES) != headCheck(buffer, headerLength)) {
            throw new DamagedException(file + " has no head of a spool's segment");
        }
        SpoolSegment segment =
                new SpoolSegment(
                        file,
                        buffer.getLong(Long.BYTES),
                        ByteString.copyFrom(buffer.slice(HEAD_BYTES, headerLength)),
                        arena,
                        memory);
        segment.findEnd();
        return segment;
    }

    private void findEnd() {
        while (isRecord(end)) {
            end = after(end);
            events++;
        }
    }

    private boolean isRecord(int at) {
        int room = buffer.capacity() - at - RECORD_HEAD_BYTES;
        int length = room < 0 ? 0 : buffer.getInt(at);
        return length > 0
                && length <= room
                && buffer.getInt(at + Integer.BYTES)
                        == check(at, buffer.slice(at + RECORD_HEAD_BYTES, length));
    }

    /** Bytes behind the last whole record, up to the last that is not zero. */
    private int tornBytes() {
        int last = buffer.capacity();
        while (last > end && buffer.get(last - 1) == 0) {
            last--;
        }
        return last - end;
    }

    boolean hasRoomFor(int length) {
        return length <= buffer.capacity() - end - RECORD_HEAD_BYTES;
    }

    void append(byte[] event) {
        buffer.put(end + RECORD_HEAD_BYTES, event);
        buffer.putInt(end + Integer.BYTES, check(end, ByteBuffer.wrap(event)));
        // Last: without a length there is no record.
        buffer.putInt(end, event.length);
        end = after(end);
        events++;
    }

    private int check(int at, ByteBuffer event) {
        int length = event.remaining();
        crc.reset();
        crc.update(event);
        return (int) crc.getValue() ^ (int) (((base + at) * MIX) >>> Integer.SIZE) ^ length;
    }

    int start() {
        return HEAD_BYTES + header.size();
    }

    int end() {
        return end;
    }

    /** Offset behind the record at this offset. */
    int after(int at) {
        return at + RECORD_HEAD_BYTES + buffer.getInt(at);
    }

    int length(int at) {
        return buffer.getInt(at);
    }

    ByteString event(int at) {
        return ByteString.copyFrom(buffer.slice(at + RECORD_HEAD_BYTES, length(at)));
    }

    ByteString header() {
        return header;
    }

    long events() {
        return events;
    }

    long base() {
        return base;
    }

    /** Position behind the last record. */
    long endPosition() {
        return base + end;
    }

    /** Position behind the file. */
    long limitPosition() {
        return base + buffer.capacity();
    }

    int fileBytes() {
        return buffer.capacity();
    }

    void force() {
        memory.force();
    }

    void close() {
        arena.close();
    }

    void delete() throws IOException {
        close();
        Files.deleteIfExists(file);
    }

    /** A file is not what was written. */
    static final class DamagedException extends IOException {
        DamagedException(String message) {
            super(message);
        }
    }
}
