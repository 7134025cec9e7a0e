package dev.wirebrook.cli.load;

import dev.wirebrook.cli.CommandFailure;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A file to load, or standard input; unpacked when it is gzip, whatever its name says. */
public final class InputFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int GZIP_MAGIC = 0x1f8b;

    private final CountingStream raw;
    private final long sizeBytes;
    private final RowSource rows;

    /** What the lines are. */
    public enum Format {
        CSV,
        TSV,
        JSONL;

        /** By the name's ending, before {@code .gz}. */
        public static Optional<Format> ofName(String name) {
            String plain = name.toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
            return switch (plain.substring(plain.lastIndexOf('.') + 1)) {
                case "csv" -> Optional.of(CSV);
                case "tsv", "tab" -> Optional.of(TSV);
                case "jsonl", "ndjson", "json" -> Optional.of(JSONL);
                default -> Optional.empty();
            };
        }
    }

    private InputFile(CountingStream raw, long sizeBytes, RowSource rows) {
        this.raw = raw;
        this.sizeBytes = sizeBytes;
        this.rows = rows;
    }

    public static InputFile open(
            Path file, Format format, Optional<Character> delimiter, Charset charset)
            throws IOException {
        return open(Files.newInputStream(file), Files.size(file), format, delimiter, charset);
    }

    /**
     * @param sizeBytes of the stream; 0: not known
     */
    public static InputFile open(
            InputStream stream,
            long sizeBytes,
            Format format,
            Optional<Character> delimiter,
            Charset charset)
            throws IOException {
        CountingStream raw = new CountingStream(stream);
        try {
            Reader reader =
                    new InputStreamReader(
                            unpacked(new BufferedInputStream(raw, BUFFER_BYTES)),
                            charset.newDecoder()
                                    .onMalformedInput(CodingErrorAction.REPORT)
                                    .onUnmappableCharacter(CodingErrorAction.REPORT));
            RowSource rows =
                    switch (format) {
                        case CSV -> new CsvSource(reader, delimiter.orElse(','));
                        case TSV -> new CsvSource(reader, delimiter.orElse('\t'));
                        case JSONL -> new JsonLinesSource(reader);
                    };
            return new InputFile(raw, sizeBytes, rows);
        } catch (IOException | RuntimeException e) {
            raw.close();
            throw e;
        }
    }

    private static InputStream unpacked(BufferedInputStream stream) throws IOException {
        stream.mark(2);
        int magic = stream.read() << 8 | stream.read();
        stream.reset();
        return magic == GZIP_MAGIC ? new GZIPInputStream(stream, BUFFER_BYTES) : stream;
    }

    public RowSource rows() {
        return rows;
    }

    /** How much of the file was read, 0 to 1; negative when its size is not known. */
    public double fractionRead() {
        return sizeBytes == 0 ? -1 : Math.min(1, (double) raw.count / sizeBytes);
    }

    /** What a failed read means, for a person. */
    public static CommandFailure explain(IOException failure, String name, Charset charset) {
        return switch (failure) {
            case java.nio.charset.CharacterCodingException coding ->
                    CommandFailure.failed(
                            name + " is not " + charset + " throughout",
                            "Name its encoding, such as --encoding ISO-8859-1");
            case ZipException zip ->
                    CommandFailure.failed(
                            name + ": the gzip data is damaged: " + zip.getMessage(), "");
            case java.io.EOFException end ->
                    CommandFailure.failed(name + ": the gzip data ends too early", "");
            default -> CommandFailure.failed(name + ": " + failure.getMessage(), "");
        };
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }

    /** Confined to the reader's thread. */
    private static final class CountingStream extends FilterInputStream {
        private long count;

        CountingStream(InputStream stream) {
            super(stream);
        }

        @Override
        public int read() throws IOException {
            int b = in.read();
            count += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] bytes, int start, int length) throws IOException {
            int read = in.read(bytes, start, length);
            count += Math.max(0, read);
            return read;
        }
    }
}
