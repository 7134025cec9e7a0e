package dev.wirebrook.cli.output;

/** What {@code -o} takes. */
public enum OutputFormat {
    /** Aligned columns, for people. */
    TABLE,
    /** An array of objects. */
    JSON,
    /** RFC 4180, with a header line. */
    CSV
}
