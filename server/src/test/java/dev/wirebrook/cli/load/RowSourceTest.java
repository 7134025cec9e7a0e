package dev.wirebrook.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.load.InputFile.Format;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowSourceTest {
    @Test
    void reads_csv_with_quotes_line_breaks_and_empty_fields() throws Exception {
        String file = "\ufeffid,a b,c\n1,\"x, \"\"y\"\"\nz\",\n\n2,,é\n";
        assertThat(rows(file, Format.CSV, "id", "a b", "c"))
                .containsExactly("1: 1|x, \"y\"\nz|null", "2: 2|null|é");
    }

    @Test
    void a_row_of_another_length_is_bad_and_the_next_is_not() throws Exception {
        assertThat(rows("a,b\n1\n1,2,3\n4,5\n", Format.CSV, "a", "b"))
                .containsExactly(
                        "1: has 1 fields, the header 2", "2: has 3 fields, the header 2", "3: 4|5");
    }

    @Test
    void reads_other_delimiters() throws Exception {
        assertThat(rows("a\tb\n1\t2\n", Format.TSV, "a", "b")).containsExactly("1: 1|2");
        try (InputFile input =
                open("a;b\n1;2\n".getBytes(StandardCharsets.UTF_8), Format.CSV, Optional.of(';'))) {
            assertThat(input.rows().columns()).containsExactly("a", "b");
        }
    }

    @Test
    void refuses_a_header_that_names_a_column_twice() {
        assertThatIOException()
                .isThrownBy(() -> rows("a,b,a\n", Format.CSV))
                .withMessage("the header names column a twice");
        assertThatIOException()
                .isThrownBy(() -> rows("", Format.CSV))
                .withMessageContaining("empty");
    }

    @Test
    void reads_json_lines_by_path() throws Exception {
        String file =
                """
                {"id": 1, "user": {"name": "Ann", "tags": ["a", "b"]}, "n": 1.50, "none": null}

                {"id": 12345678901234567890, "ok": true}
                """;
        assertThat(
                        rows(
                                file,
                                Format.JSONL,
                                "id",
                                "user.name",
                                "user.tags",
                                "user.tags.1",
                                "n",
                                "none",
                                "ok"))
                .containsExactly(
                        "1: 1|Ann|[\"a\",\"b\"]|b|1.50|null|null",
                        "3: 12345678901234567890|null|null|null|null|null|true");
    }

    @Test
    void a_line_that_is_no_object_is_bad_and_the_next_is_not() throws Exception {
        List<String> rows = rows("{\"a\": \n[1]\n{\"a\": 1}{}\n{\"a\": 2}", Format.JSONL, "a");
        assertThat(rows.get(0)).startsWith("1: is no JSON");
        assertThat(rows.get(1)).isEqualTo("2: is no JSON object");
        assertThat(rows.get(2)).startsWith("3: is no JSON");
        assertThat(rows.get(3)).isEqualTo("4: 2");
    }

    @Test
    void a_line_nested_without_end_is_bad() throws Exception {
        String deep = "{\"a\":".repeat(10_000) + "1" + "}".repeat(10_000);
        assertThat(rows(deep + "\n{\"a\": 2}", Format.JSONL, "a"))
                .hasSize(2)
                .last()
                .isEqualTo("2: 2");
    }

    @Test
    void unpacks_gzip_whatever_the_name_says() throws Exception {
        byte[] packed = gzip("a\n1\n");
        try (InputFile input = open(packed, Format.CSV, Optional.empty())) {
            assertThat(read(input.rows(), "a")).containsExactly("1: 1");
            assertThat(input.fractionRead()).isEqualTo(1);
        }
    }

    @Test
    void tells_damaged_gzip_and_wrong_encodings_apart() throws Exception {
        byte[] packed = gzip("a\n" + "1\n".repeat(10_000));
        byte[] cut = java.util.Arrays.copyOf(packed, packed.length / 2);
        assertThat(explained(cut)).contains("ends too early");
        byte[] latin = "a\nÜ\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(explained(latin)).contains("is not UTF-8 throughout");
    }

    private static String explained(byte[] file) {
        try (InputFile input = open(file, Format.CSV, Optional.empty())) {
            read(input.rows(), "a");
            return "";
        } catch (IOException e) {
            CommandFailure failure = InputFile.explain(e, "file.csv", StandardCharsets.UTF_8);
            return String.valueOf(failure.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "a.csv, CSV",
        "A.CSV.GZ, CSV",
        "a.tsv.gz, TSV",
        "a.jsonl, JSONL",
        "a.ndjson, JSONL",
        "a.json, JSONL"
    })
    void tells_the_format_by_the_name(String name, Format format) {
        assertThat(Format.ofName(name)).contains(format);
        assertThat(Format.ofName("data.bin")).isEmpty();
    }

    @Test
    void ids_differ_by_content_and_by_mapping() {
        assertThat(FileIdentity.ofName("a", "m"))
                .isEqualTo(FileIdentity.ofName("a", "m"))
                .hasSize(16);
        assertThat(FileIdentity.ofName("a", "m")).isNotEqualTo(FileIdentity.ofName("a", "n"));
        assertThat(FileIdentity.ofName("a", "m")).isNotEqualTo(FileIdentity.ofName("b", "m"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> FileIdentity.ofFile(java.nio.file.Path.of("none"), "m"));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static InputFile open(byte[] file, Format format, Optional<Character> delimiter)
            throws IOException {
        Charset charset = StandardCharsets.UTF_8;
        return InputFile.open(
                new ByteArrayInputStream(file), file.length, format, delimiter, charset);
    }

    private static List<String> rows(String file, Format format, String... columns)
            throws IOException {
        try (InputFile input =
                open(file.getBytes(StandardCharsets.UTF_8), format, Optional.empty())) {
            return read(input.rows(), columns);
        }
    }

    private static List<String> read(RowSource rows, String... columns) throws IOException {
        List<String> read = new ArrayList<>();
        while (true) {
            try {
                SourceRow row = rows.next();
                if (row == null) {
                    return read;
                }
                List<String> values = new ArrayList<>();
                for (String column : columns) {
                    values.add(String.valueOf(row.value(column)));
                }
                read.add(row.number() + ": " + String.join("|", values));
            } catch (RowFault e) {
                read.add(rows.number() + ": " + e.text());
            }
        }
    }
}
