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
        this(file, position, fileOffset, reason, true);
    }

    /**
     * @param loses whether a repair has to give something up
     */
    JournalDamagedException(
            String file, long position, long fileOffset, String reason, boolean loses) {
        super(
                "journal damaged at position "
                        + position
                        + ", "
                        + file
                        + " offset "
                        + fileOffset
                        + ": "
                        + reason
                        + ". Nothing was changed. `wirebrook journal verify` lists all damage; "
                        + (loses
                                ? "`wirebrook journal repair --skip-damage` keeps every record that"
                                        + " reads and gives up the rest."
                                : "`wirebrook journal repair` puts it right and loses nothing."));
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
