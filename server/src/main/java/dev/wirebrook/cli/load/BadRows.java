package dev.wirebrook.cli.load;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows that did not go in: counted, the first of them kept, all of them in a file if wanted. */
final class BadRows implements AutoCloseable {
    private static final int KEPT = 10;

    private final @Nullable CsvWriter file;
    private final List<String> first = new ArrayList<>();
    private long count;

    BadRows(Optional<Path> path) throws IOException {
        file =
                path.isPresent()
                        ? CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(path.get())
                        : null;
        if (file != null) {
            file.writeRecord("row", "reason");
        }
    }

    void add(long number, String reason) {
        count++;
        if (first.size() < KEPT) {
            first.add("row " + number + (reason.startsWith("group ") ? ": " : ", ") + reason);
        }
        if (file != null) {
            file.writeRecord(Long.toString(number), reason);
        }
    }

    long count() {
        return count;
    }

    /** The first ten, a line each. */
    List<String> first() {
        return List.copyOf(first);
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
