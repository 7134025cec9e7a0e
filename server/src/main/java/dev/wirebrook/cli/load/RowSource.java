package dev.wirebrook.cli.load;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of a file, in order. Confined to one thread. */
public interface RowSource extends AutoCloseable {
    /** The columns that every row has; empty where each row has its own. */
    List<String> columns();

    /**
     * The next row; null at the end.
     *
     * @throws RowFault when this row cannot be read and the next one may be
     */
    @Nullable SourceRow next() throws IOException, RowFault;

    /** Number of the row that {@link #next} gave or refused last. */
    long number();

    @Override
    void close() throws IOException;
}
