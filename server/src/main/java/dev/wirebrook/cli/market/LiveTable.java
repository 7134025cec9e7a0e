package dev.wirebrook.cli.market;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.cli.Terminal;
import dev.wirebrook.cli.output.TableWriter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;

/**
 * A table that is redrawn in place, with the control sequences of ECMA-48 and a line that says what
 * is going on. Confined to one thread.
 */
final class LiveTable {
    /** More would scroll, and could not be redrawn. */
    static final int ROWS_MAX = 20;

    private static final String WRAP_OFF = "\u001b[?7l";
    private static final String WRAP_ON = "\u001b[?7h";
    private static final String CLEAR_LINE = "\u001b[K";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final Terminal terminal;
    private int drawnLines;

    LiveTable(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Draws over what was drawn before. */
    void draw(SortedMap<Integer, Snapshot> snapshots, String remark) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Terminal page =
                new Terminal(
                        terminal.in(),
                        new PrintStream(bytes, false, StandardCharsets.UTF_8),
                        terminal.err(),
                        terminal.outIsTerminal(),
                        terminal.errIsTerminal(),
                        terminal.color());
        TableWriter table = new TableWriter(page);
        table.columns(SnapshotColumns.ALL);
        snapshots.values().stream()
                .limit(ROWS_MAX)
                .forEach(snapshot -> table.row(SnapshotColumns.row(snapshot)));
        table.end();
        StringBuilder screen = new StringBuilder(WRAP_OFF);
        if (drawnLines > 0) {
            screen.append("\u001b[").append(drawnLines).append('A');
        }
        String text =
                bytes.toString(StandardCharsets.UTF_8)
                        + (snapshots.size() > ROWS_MAX
                                ? "and %,d more: name those that you want, or use -o json%n"
                                        .formatted(snapshots.size() - ROWS_MAX)
                                : "")
                        + remark
                        + '\n';
        drawnLines = (int) text.chars().filter(c -> c == '\n').count();
        screen.append(text.replace("\n", CLEAR_LINE + "\n")).append(CLEAR_BELOW).append(WRAP_ON);
        terminal.out().print(screen);
        terminal.out().flush();
    }
}
