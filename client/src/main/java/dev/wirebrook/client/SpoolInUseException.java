package dev.wirebrook.client;

import java.io.IOException;
import java.nio.file.Path;

/** Another publisher, in this process or another, has the spool open. */
public final class SpoolInUseException extends IOException {
    SpoolInUseException(Path directory) {
        super(
                "the spool "
                        + directory
                        + " is open in another publisher: give each one a directory of its own");
    }
}
