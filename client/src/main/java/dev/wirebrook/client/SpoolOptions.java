package dev.wirebrook.client;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where and how a publisher keeps events on disk until they are acknowledged.
 *
 * <p>An event is in the operating system's hands before {@code publish} returns: it survives the
 * end of the process, however that ends. Whether it also survives the end of the machine is what
 * {@code forceInterval} says.
 *
 * @param directory of this publisher alone; made when it is not there
 * @param bytesMax of all files together, at least two segments
 * @param segmentBytes of one file, from 64 KiB; an event must fit into one
 * @param forceInterval zero: {@code publish} returns after its event was forced to the disk
 *     (threads that publish together share a force); else the longest time that an event stands
 *     unforced
 */
public record SpoolOptions(
        Path directory, long bytesMax, int segmentBytes, Duration forceInterval) {
    private static final int SEGMENT_BYTES_MIN = 64 << 10;
    private static final int SEGMENT_BYTES = 8 << 20;
    private static final int SEGMENTS_MIN = 2;

    public SpoolOptions {
        if (segmentBytes < SEGMENT_BYTES_MIN) {
            throw new IllegalArgumentException(
                    "segmentBytes below " + SEGMENT_BYTES_MIN + ": " + segmentBytes);
        }
        if (bytesMax < (long) SEGMENTS_MIN * segmentBytes) {
            throw new IllegalArgumentException(
                    "a spool of %d bytes has no room for %d segments of %d"
                            .formatted(bytesMax, SEGMENTS_MIN, segmentBytes));
        }
        if (forceInterval.isNegative()) {
            throw new IllegalArgumentException("forceInterval below 0: " + forceInterval);
        }
    }

    /** Files of 8 MiB, or of a quarter of the spool where that is less; forced every second. */
    public static SpoolOptions of(Path directory, long bytesMax) {
        return new SpoolOptions(
                directory,
                bytesMax,
                (int) Math.max(SEGMENT_BYTES_MIN, Math.min(SEGMENT_BYTES, bytesMax / 4)),
                Duration.ofSeconds(1));
    }

    /** The same, with every event forced to the disk before {@code publish} returns. */
    public SpoolOptions forcingEach() {
        return new SpoolOptions(directory, bytesMax, segmentBytes, Duration.ZERO);
    }
}
