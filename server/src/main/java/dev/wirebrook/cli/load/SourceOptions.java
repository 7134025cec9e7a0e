package dev.wirebrook.cli.load;

import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which file is loaded, and how it is read. */
final class SourceOptions {
    private final CommandContext context;

    @Parameters(
            paramLabel = "FILE",
            description = "CSV, TSV or JSON Lines, also as .gz; - reads standard input.")
    private String file = "";

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "csv, tsv or jsonl (default: by the file's name).")
    private InputFile.@Nullable Format format;

    @Option(
            names = "--delimiter",
            paramLabel = "CHAR",
            description = "Between the fields of a CSV file (default: a comma).")
    private @Nullable Character delimiter;

    @Option(
            names = "--encoding",
            paramLabel = "CHARSET",
            description = "Of the file (default: UTF-8).")
    private Charset encoding = StandardCharsets.UTF_8;

    @Option(
            names = "--source-id",
            paramLabel = "TEXT",
            description =
                    "Makes the ids from this in place of the content: for standard input, or a file that grows.")
    private @Nullable String sourceId;

    SourceOptions(CommandContext context) {
        this.context = context;
    }

    /** As the user named it. */
    String name() {
        return file;
    }

    private boolean isStandardInput() {
        return file.equals("-");
    }

    /** Whether the same command reads the same rows again. */
    boolean isRepeatable() {
        return !isStandardInput() || sourceId != null;
    }

    InputFile open() throws IOException {
        InputFile.Format known =
                Optional.ofNullable(format)
                        .or(() -> InputFile.Format.ofName(file))
                        .orElseThrow(() ->
                                CommandFailure.usage(
                                        (isStandardInput() ? "standard input" : file)
                                                + ": the name does not tell the format",
                                        "Add --format csv, tsv or jsonl"));
        Optional<Character> separator = Optional.ofNullable(delimiter);
        return isStandardInput()
                ? InputFile.open(context.terminal().in(), 0, known, separator, encoding)
                : InputFile.open(Path.of(file), known, separator, encoding);
    }

    /** What the ids of the events begin with. Reads all of the file. */
    String identity(MappingSpec spec) throws IOException {
        if (sourceId != null) {
            return FileIdentity.ofName(sourceId, spec.canonicalText());
        }
        return isStandardInput()
                ? FileIdentity.ofName(UUID.randomUUID().toString(), spec.canonicalText())
                : FileIdentity.ofFile(Path.of(file), spec.canonicalText());
    }

    /** What a failed read means, for a person. */
    CommandFailure explain(IOException failure) {
        return InputFile.explain(failure, file, encoding);
    }
}
