package dev.wirebrook.events.duckdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The driver unpacks its native library, 70 MB, into a temporary file that it deletes when the
 * process ends in peace. A process that is killed would leave it, so where the system lets go of
 * the name of a file in use, it goes right after loading.
 */
final class NativeLibrary {
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final String PREFIX = "libduckdb_java";

    private NativeLibrary() {}

    static void unlink() {
        if (!Files.isReadable(MAPS)) {
            return;
        }
        Path temporary = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        try {
            for (String path : mapped()) {
                Path file = Path.of(path);
                if (temporary.equals(file.getParent())) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            // It stays until the process ends.
        }
    }

    private static List<String> mapped() throws IOException {
        try (var lines = Files.lines(MAPS)) {
            return lines.filter(line -> line.contains("/" + PREFIX))
                    .map(line -> line.substring(line.indexOf('/')))
                    .filter(path -> !path.endsWith(" (deleted)"))
                    .distinct()
                    .toList();
        }
    }
}
