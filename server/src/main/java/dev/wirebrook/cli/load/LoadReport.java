package dev.wirebrook.cli.load;

import dev.wirebrook.cli.Terminal;
import dev.wirebrook.cli.output.OutputFormat;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.cli.output.RowWriter.Column;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What a finished load says.
 *
 * @param type of the events
 * @param loaded how long it took until the last event was durable
 * @param stored whether everything can be queried
 * @param firstBadRows the first rows that are not in, with the reasons
 */
record LoadReport(
        String file,
        String type,
        LoadSummary summary,
        Duration loaded,
        boolean stored,
        List<String> firstBadRows) {
    LoadReport {
        firstBadRows = List.copyOf(firstBadRows);
    }

    void print(Terminal terminal, OutputOptions output) {
        if (output.format() == OutputFormat.TABLE) {
            printText(terminal);
        } else {
            printRow(output.writer(terminal));
        }
        terminal.out().flush();
        firstBadRows.forEach(line -> terminal.note("  " + line));
        long more = summary.bad() + summary.rejected() - firstBadRows.size();
        if (more > 0) {
            terminal.note(
                    String.format(
                            Locale.ROOT, "  and %,d more; --bad-rows FILE keeps them all", more));
        }
    }

    private void printText(Terminal terminal) {
        double seconds = Math.max(loaded.toNanos() / 1e9, 1e-3);
        terminal.out()
                .printf(
                        Locale.ROOT,
                        "%s: %,d events of type %s in %.1f s (%,d/s)%n",
                        file,
                        summary.events(),
                        type,
                        seconds,
                        (long) (summary.events() / seconds));
        line(terminal, "accepted", summary.accepted());
        line(terminal, "duplicate", summary.duplicate());
        if (summary.quarantined() > 0) {
            line(terminal, "quarantined", summary.quarantined());
        }
        line(terminal, "rejected", summary.rejected());
        line(terminal, "bad rows", summary.bad());
        if (summary.resent() > 0) {
            terminal.out()
                    .printf(
                            Locale.ROOT,
                            "%,d batches were sent again after the connection broke; what was durable before may count as duplicate%n",
                            summary.resent());
        }
        if (stored) {
            terminal.out().println("stored and ready to query");
        }
    }

    private static void line(Terminal terminal, String name, long count) {
        terminal.out().printf(Locale.ROOT, "  %-11s %,12d%n", name, count);
    }

    private void printRow(RowWriter writer) {
        writer.columns(
                List.of(
                        Column.text("file"),
                        Column.text("type"),
                        Column.number("events"),
                        Column.number("accepted"),
                        Column.number("duplicate"),
                        Column.number("quarantined"),
                        Column.number("rejected"),
                        Column.number("bad_rows"),
                        Column.number("resumed_behind_row"),
                        Column.number("resent_batches"),
                        Column.number("seconds"),
                        Column.text("stored")));
        writer.row(
                file,
                type,
                summary.events(),
                summary.accepted(),
                summary.duplicate(),
                summary.quarantined(),
                summary.rejected(),
                summary.bad(),
                summary.resumedBehind(),
                summary.resent(),
                loaded.toMillis() / 1e3,
                stored);
        writer.end();
    }
}
