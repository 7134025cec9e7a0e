package dev.wirebrook.cli.load;

import org.jspecify.annotations.Nullable;

/** One row of a file. */
public interface SourceRow {
    /** From 1; a header line does not count. */
    long number();

    /** The column's text; null when the row has none or it is empty. */
    @Nullable String value(String column);
}
