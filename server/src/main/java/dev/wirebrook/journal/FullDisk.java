package dev.wirebrook.journal;

import java.io.IOException;

/** Whether a fault passes when there is room on the disk again. */
final class FullDisk {
    private FullDisk() {}

    /** Java tells it by the system's words only. */
    static boolean isReason(Throwable fault) {
        String message = String.valueOf(fault.getMessage());
        return fault instanceof IOException
                && (message.contains("No space left") || message.contains("quota exceeded"));
    }
}
