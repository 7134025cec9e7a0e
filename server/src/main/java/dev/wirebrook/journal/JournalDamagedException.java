package dev.wirebrook.journal;

import java.io.IOException;

/**
 * The journal does not read back as it was written, and not as a crash leaves it: something that
 * was durable is wrong or missing. Nothing was changed.
 */
public final class JournalDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long position;
    private final long fileOffset;

    JournalDamagedException(String file, long position, long fileOffset, String reason) {
        super(
                "journal damaged at position "
                        + position
                        + ", "
                        + file
                        + " offset "
                        + fileOffset
                        + ": "
                        + reason
                        + ". Nothing was changed. `wirebrook journal verify` lists all damage,"
                        + " `wirebrook journal repair` keeps everything that still reads.");
        this.file = file;
        this.position = position;
        this.fileOffset = fileOffset;
    }

    /** Full name of the segment file. */
    public String file() {
        return file;
    }

    /** The log position from which it does not read. */
    public long position() {
        return position;
    }

    /** Where that position stands in the file, in bytes. */
    public long fileOffset() {
        return fileOffset;
    }
}
