package dev.wirebrook.cli.output;

import dev.wirebrook.cli.Terminal;
import picocli.CommandLine.Option;

/** The form of a command's result. */
public final class OutputOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "table, json or csv (default: table).")
    private OutputFormat format = OutputFormat.TABLE;

    public OutputFormat format() {
        return format;
    }

    /** Writes rows to the terminal's output in that form. */
    public RowWriter writer(Terminal terminal) {
        return switch (format) {
            case TABLE -> new TableWriter(terminal);
            case JSON -> new JsonRowsWriter(terminal.out());
            case CSV -> new CsvRowsWriter(terminal.out());
        };
    }
}
