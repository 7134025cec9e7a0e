package dev.wirebrook.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.cli.Terminal;
import dev.wirebrook.cli.output.RowWriter.Column;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowWriterTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private Terminal terminal(boolean person) {
        return new Terminal(InputStream.nullInputStream(), out, out, person, person, person);
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void write(RowWriter writer) {
        writer.columns(List.of(Column.text("name"), Column.number("n")));
        writer.row("日本語", 7L);
        writer.row("e\u0301tude, \"x\"", 1234.5);
        writer.row("a\nb\u001b[31m", null);
        writer.end();
    }

    @Test
    void aligns_a_table_by_what_a_person_sees() {
        write(new TableWriter(terminal(false)));
        assertThat(written())
                .isEqualTo(
                        """
                        name               n
                        ------------  ------
                        日本語             7
                        e\u0301tude, "x"    1234.5
                        a\\nb\\x1b[31m
                        """);
    }

    @Test
    void cuts_long_cells_for_a_person_only() {
        RowWriter person = new TableWriter(terminal(true));
        person.columns(List.of(Column.text("x")));
        person.row("y".repeat(100));
        person.end();
        assertThat(written()).contains("y".repeat(59) + "…").contains("\u001b[1mx");
        bytes.reset();
        RowWriter pipe = new TableWriter(terminal(false));
        pipe.columns(List.of(Column.text("x")));
        pipe.row("y".repeat(100));
        pipe.end();
        assertThat(written()).contains("y".repeat(100)).doesNotContain("\u001b");
    }

    @Test
    void writes_rows_beyond_those_it_measured() {
        RowWriter writer = new TableWriter(terminal(false));
        writer.columns(List.of(Column.number("n")));
        for (int i = 0; i < 2_000; i++) {
            writer.row(i);
        }
        writer.end();
        assertThat(written().lines()).hasSize(2_002).contains("  5", "1500");
    }

    @Test
    void writes_an_array_of_objects() {
        write(new JsonRowsWriter(out));
        assertThat(written())
                .isEqualTo(
                        """
                        [{"name": "日本語", "n": 7},
                         {"name": "e\u0301tude, \\"x\\"", "n": 1234.5},
                         {"name": "a\\nb\\u001b[31m", "n": null}]
                        """);
    }

    @Test
    void keeps_digits_that_come_as_text_and_names_that_occur_twice() {
        RowWriter writer = new JsonRowsWriter(out);
        writer.columns(
                List.of(
                        Column.number("a"),
                        Column.number("a"),
                        Column.text("b"),
                        Column.text("c")));
        writer.row("123456789012345678901234567890", "NaN", "12", Map.of("k", List.of(1L, true)));
        writer.end();
        assertThat(written())
                .isEqualTo(
                        "[{\"a\": 123456789012345678901234567890, \"a_2\": \"NaN\", \"b\": \"12\", \"c\": {\"k\":[1,true]}}]\n");
    }

    @Test
    void writes_empty_results() {
        RowWriter json = new JsonRowsWriter(out);
        json.columns(List.of(Column.text("a")));
        json.end();
        assertThat(written()).isEqualTo("[]\n");
    }

    @Test
    void writes_csv() {
        write(new CsvRowsWriter(out));
        assertThat(written())
                .isEqualTo(
                        "name,n\n日本語,7\n\"e\u0301tude, \"\"x\"\"\",1234.5\n\"a\nb\u001b[31m\",\n");
    }

    @ParameterizedTest
    @CsvSource({
        "9747747.93, 9747747.93",
        "9.74774793400317E6, 9747747.93400317",
        "1.0, 1",
        "-0.5, -0.5",
        "0.0, 0",
        "1.0E-5, 0.000010",
        "1.0E-7, 1.0E-7",
        "1.0E20, 1.0E20",
        "NaN, NaN"
    })
    void writes_numbers_without_needless_exponents(double number, String text) {
        assertThat(Cells.text(number)).isEqualTo(text);
    }

    @Test
    void counts_wide_and_combining_characters() {
        assertThat(
                        Arrays.asList(
                                DisplayWidth.of("abc"),
                                DisplayWidth.of("日本"),
                                DisplayWidth.of("e\u0301"),
                                DisplayWidth.of("🎉")))
                .containsExactly(3, 4, 1, 2);
        assertThat(DisplayWidth.truncate("日本語", 5)).isEqualTo("日本…");
        assertThat(DisplayWidth.truncate("abc", 3)).isEqualTo("abc");
    }
}
