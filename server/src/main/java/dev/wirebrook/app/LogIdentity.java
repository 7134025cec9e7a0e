package dev.wirebrook.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A log's name, for engines that several nodes share: positions mean something in one log only. It
 * stands among the log's files, so that whoever begins a new log has a new name too.
 */
final class LogIdentity {
    private static final String NAME = "identity";

    private LogIdentity() {}

    /** The name, durable; made the first time. Used by one process at a time: the log's lock. */
    static String of(Path logFolder) throws IOException {
        Path file = logFolder.resolve(NAME);
        if (!Files.exists(file)) {
            DurableFile.write(
                    file, UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII));
        }
        String text = Files.readString(file, StandardCharsets.UTF_8).strip();
        try {
            return UUID.fromString(text).toString();
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    file
                            + " does not hold the log's name, a UUID; restore it from a backup, for"
                            + " transactional sinks know under it how far they are",
                    e);
        }
    }
}
