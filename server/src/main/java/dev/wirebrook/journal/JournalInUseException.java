package dev.wirebrook.journal;

import java.io.IOException;

/** Somebody else has this journal open: another process, or another journal of this one. */
public final class JournalInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    JournalInUseException(String directory) {
        super(
                "journal "
                        + directory
                        + " is open in another process. Stop that process first, or give this one a"
                        + " data directory of its own.");
    }
}
