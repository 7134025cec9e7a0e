package dev.wirebrook.app;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Small files that a crash leaves whole. */
final class DurableFile {
    private DurableFile() {}

    /** Durable when this returns. A crash leaves all of it or, under another name, a part. */
    static void write(Path file, byte[] content) throws IOException {
        try {
            writeAll(file, content);
        } catch (IOException e) {
            // A full disk is told without a name.
            throw new IOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static void writeAll(Path file, byte[] content) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(unfinished, CREATE, TRUNCATE_EXISTING, WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(file.resolveSibling(""), READ)) {
            directory.force(true);
        }
    }
}
