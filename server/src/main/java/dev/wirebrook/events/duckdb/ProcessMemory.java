package dev.wirebrook.events.duckdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of this process that is not Java's heap, as the system counts it. The engine does not
 * count all that its functions and aggregates allocate.
 */
final class ProcessMemory {
    private static final Path STATM = Path.of("/proc/self/statm");
    private static final int RESIDENT = 1;
    private static final int SHARED = 2;
    private static final long PAGE_BYTES = 4_096;

    private ProcessMemory() {}

    /** Resident bytes beside the heap; 0 on systems that do not tell. */
    static long nativeBytes() {
        try {
            String[] pages = Files.readString(STATM).strip().split(" ");
            long bytes =
                    (Long.parseLong(pages[RESIDENT]) - Long.parseLong(pages[SHARED])) * PAGE_BYTES;
            return Math.max(0, bytes - Runtime.getRuntime().totalMemory());
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return 0;
        }
    }
}
