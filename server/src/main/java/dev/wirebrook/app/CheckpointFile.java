package dev.wirebrook.app;

import com.google.protobuf.CodedInputStream;
import dev.wirebrook.api.market.v1.BookCheckpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/** Keeps the last checkpoint of the market's book: its CRC-32C in eight bytes, and its message. */
record CheckpointFile(Path file) {
    /**
     * @throws IOException when it does not read back as it was written, too
     */
    Optional<BookCheckpoint> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        byte[] content = Files.readAllBytes(file);
        int message = content.length - Long.BYTES;
        if (message < 0 || ByteBuffer.wrap(content).getLong() != crc(content)) {
            throw new IOException(
                    file
                            + ": is not as it was written; restore it from a backup, or move it away and publish every snapshot anew");
        }
        CodedInputStream in = CodedInputStream.newInstance(content, Long.BYTES, message);
        in.setSizeLimit(Integer.MAX_VALUE);
        return Optional.of(BookCheckpoint.parseFrom(in));
    }

    /** Returns how many bytes it has; durable by then. */
    long write(BookCheckpoint checkpoint) throws IOException {
        byte[] message = checkpoint.toByteArray();
        byte[] content = new byte[Long.BYTES + message.length];
        System.arraycopy(message, 0, content, Long.BYTES, message.length);
        ByteBuffer.wrap(content).putLong(crc(content));
        DurableFile.write(file, content);
        return content.length;
    }

    private static long crc(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content, Long.BYTES, content.length - Long.BYTES);
        return crc.getValue();
    }
}
