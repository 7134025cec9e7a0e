package dev.wirebrook.cli.output;

import dev.wirebrook.cli.Terminal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Aligned columns. The first rows are held back to measure them; later ones that are wider push
 * their line out.
 */
public final class TableWriter implements RowWriter {
    private static final int MEASURED_ROWS = 1_000;

    /** Where a person reads: whoever wants more of a cell asks for JSON or CSV. */
    private static final int CELL_WIDTH_MAX = 60;

    private static final String GAP = "  ";

    private final Terminal terminal;
    private final List<List<String>> held = new ArrayList<>();
    private List<Column> columns = List.of();
    private int[] widths = {};
    private boolean started;

    public TableWriter(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void columns(List<Column> all) {
        columns = List.copyOf(all);
        widths =
                columns.stream().mapToInt(column -> DisplayWidth.of(cell(column.name()))).toArray();
    }

    @Override
    public void row(List<@Nullable Object> values) {
        List<String> cells = values.stream().map(value -> cell(Cells.text(value))).toList();
        if (started) {
            printLine(cells);
            return;
        }
        held.add(cells);
        for (int i = 0; i < cells.size(); i++) {
            widths[i] = Math.max(widths[i], DisplayWidth.of(cells.get(i)));
        }
        if (held.size() == MEASURED_ROWS) {
            start();
        }
    }

    @Override
    public void end() {
        if (!started) {
            start();
        }
        terminal.out().flush();
    }

    private String cell(String text) {
        String visible = Cells.printable(text);
        return terminal.outIsTerminal() ? DisplayWidth.truncate(visible, CELL_WIDTH_MAX) : visible;
    }

    private void start() {
        started = true;
        if (columns.isEmpty()) {
            return;
        }
        terminal.out()
                .println(terminal.bold(line(columns.stream().map(c -> cell(c.name())).toList())));
        List<String> rule = new ArrayList<>();
        for (int width : widths) {
            rule.add("-".repeat(width));
        }
        printLine(rule);
        held.forEach(this::printLine);
        held.clear();
    }

    private void printLine(List<String> cells) {
        terminal.out().println(line(cells));
    }

    private String line(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            String padding = " ".repeat(Math.max(0, widths[i] - DisplayWidth.of(cell)));
            line.append(i == 0 ? "" : GAP);
            line.append(columns.get(i).numeric() ? padding + cell : cell + padding);
        }
        return line.toString().stripTrailing();
    }
}
