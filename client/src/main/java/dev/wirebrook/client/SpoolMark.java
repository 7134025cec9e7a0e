package dev.wirebrook.client;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The position before which everything is acknowledged, in a file. Not forced: where it is behind,
 * or was torn, events are sent again under their ids, which the server stores once. Guarded by its
 * owner's lock.
 */
final class SpoolMark implements AutoCloseable {
    private static final String FILE = "acknowledged";

    private final Arena arena = Arena.ofShared();
    private final ByteBuffer buffer;

    SpoolMark(Path directory) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        directory.resolve(FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            buffer = channel.map(MapMode.READ_WRITE, 0, 2 * Long.BYTES, arena).asByteBuffer();
        }
    }

    /** 0 where there is none, or it is torn. */
    long position() {
        long position = buffer.getLong(0);
        return buffer.getLong(Long.BYTES) == ~position ? position : 0;
    }

    void moveTo(long position) {
        buffer.putLong(0, position).putLong(Long.BYTES, ~position);
    }

    @Override
    public void close() {
        arena.close();
    }
}
