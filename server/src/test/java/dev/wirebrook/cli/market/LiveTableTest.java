package dev.wirebrook.cli.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.cli.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LiveTableTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8);
    private final LiveTable table =
            new LiveTable(new Terminal(InputStream.nullInputStream(), out, out, true, true, false));

    private static SortedMap<Integer, Snapshot> snapshots(int count) {
        SortedMap<Integer, Snapshot> snapshots = new TreeMap<>();
        IntStream.rangeClosed(1, count)
                .forEach(id ->
                        snapshots.put(
                                id,
                                Snapshot.newBuilder()
                                        .setSymbolId(id)
                                        .setSymbol("S" + id)
                                        .setLtp(id)
                                        .build()));
        return snapshots;
    }

    private String drawn(int symbols) {
        bytes.reset();
        table.draw(snapshots(symbols), "remark");
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void is_drawn_again_over_the_lines_of_before() {
        String first = drawn(2);
        assertThat(first).doesNotContain("\u001b[5A").contains("S2").contains("remark\u001b[K\n");
        // A header, a rule, two symbols and the remark.
        assertThat(drawn(1)).contains("\u001b[5A").doesNotContain("S2");
        assertThat(drawn(1)).contains("\u001b[4A").endsWith("\u001b[J\u001b[?7h");
    }

    @Test
    void names_no_more_symbols_than_fit_and_says_how_many_there_are() {
        String drawn = drawn(LiveTable.ROWS_MAX + 3);
        assertThat(drawn)
                .contains("S" + LiveTable.ROWS_MAX)
                .doesNotContain("S" + (LiveTable.ROWS_MAX + 1))
                .contains("and 3 more");
    }
}
