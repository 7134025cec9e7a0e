package dev.wirebrook.cli;

import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.cli.output.RowWriter.Column;
import dev.wirebrook.journal.JournalDamage;
import dev.wirebrook.journal.JournalDamagedException;
import dev.wirebrook.journal.JournalInUseException;
import dev.wirebrook.journal.JournalInspection;
import dev.wirebrook.journal.JournalReport;
import dev.wirebrook.journal.RepairOptions;
import dev.wirebrook.journal.RepairReport;
import dev.wirebrook.journal.SegmentReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code wirebrook journal}. */
@Command(
        name = "journal",
        synopsisSubcommandLabel = "(inspect | verify | repair) DIR",
        description = "Looks at the log of a server on disk, checks it, and repairs it.",
        footer = {
            "",
            "DIR is the server's data folder, or the log's folder in it.",
            "inspect and verify only read, also while a server runs; repair needs the log for itself."
        })
final class JournalCommand implements Runnable {
    private final CommandContext context;

    @Spec private @Nullable CommandSpec spec;

    JournalCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public void run() {
        if (spec != null) {
            spec.commandLine().usage(context.terminal().out());
        }
    }

    @Command(name = "inspect", description = "Lists the log's files.")
    int inspect(
            @Parameters(paramLabel = "DIR", description = "Folder of the log.") Path folder,
            @Mixin OutputOptions output)
            throws IOException {
        JournalReport report = JournalInspection.inspect(log(folder));
        RowWriter writer = output.writer(context.terminal());
        writer.columns(
                List.of(
                        Column.text("file"),
                        Column.number("from"),
                        Column.number("to"),
                        Column.number("epoch"),
                        Column.number("bytes"),
                        Column.number("groups"),
                        Column.number("records"),
                        Column.text("made"),
                        Column.text("last_written")));
        for (SegmentReport segment : report.segments()) {
            writer.row(
                    String.valueOf(Path.of(segment.file()).getFileName()),
                    segment.base(),
                    segment.end(),
                    segment.epoch(),
                    segment.fileBytes(),
                    segment.groups(),
                    segment.records(),
                    segment.made().toString(),
                    segment.lastWritten().map(Object::toString).orElse(""));
        }
        writer.end();
        note(report);
        return report.damages().isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
    }

    @Command(
            name = "verify",
            description = "Reads and checks every record. Exit code 1: there is damage.")
    int verify(@Parameters(paramLabel = "DIR", description = "Folder of the log.") Path folder)
            throws IOException {
        JournalReport report = JournalInspection.verify(log(folder));
        if (report.damages().isEmpty()) {
            context.terminal()
                    .out()
                    .printf(
                            Locale.ROOT,
                            "%,d records from position %d to %d read back as they were written%n",
                            report.records(),
                            report.startPosition(),
                            report.endPosition());
        }
        note(report);
        return report.damages().isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
    }

    @Command(
            name = "repair",
            description = {
                "Makes a log that opens. Cuts off a group that a crash interrupted, which opening does too;"
                        + " damage before it stays unless --skip-damage is given.",
                "What is given up is saved aside in files of its own before anything is changed."
            })
    int repair(
            @Parameters(paramLabel = "DIR", description = "Folder of the log.") Path folder,
            @Option(
                            names = "--skip-damage",
                            description =
                                    "Gives up what does not read, and keeps every record that does.")
                    boolean skipDamage,
            @Option(
                            names = "--continue-at",
                            paramLabel = "POSITION",
                            description =
                                    "Continues the log at this position or behind it, because a sink has stored more of it than there is.")
                    @Nullable Long continueAt)
            throws IOException {
        long position = continueAt == null ? 0 : continueAt;
        if (position < 0 || position % 8 != 0) {
            throw CommandFailure.usage(
                    "--continue-at "
                            + position
                            + " is not a position; expected a multiple of 8, as the server's message names it",
                    "");
        }
        RepairReport report;
        try {
            report = JournalInspection.repair(log(folder), new RepairOptions(skipDamage, position));
        } catch (JournalInUseException e) {
            throw CommandFailure.failed(
                    String.valueOf(e.getMessage()),
                    "Stop the server first: wirebrook drain --stop");
        } catch (JournalDamagedException e) {
            throw CommandFailure.failed(
                    String.valueOf(e.getMessage()),
                    "To give up what does not read and keep the rest: wirebrook journal repair --skip-damage "
                            + folder);
        }
        context.terminal()
                .out()
                .printf(
                        Locale.ROOT,
                        "%d damaged stretches, %,d records rescued from them, %,d%s lost; %,d bytes given up, %,d cut off the end%n",
                        report.repaired().size(),
                        report.recordsRescued(),
                        report.recordsLostAtLeast(),
                        report.recordsLostUnknown() ? " or more" : "",
                        report.bytesLost(),
                        report.cutBytes());
        report.renamed().forEach(names -> context.terminal().out().println("renamed: " + names));
        report.savedAside()
                .forEach(file -> context.terminal().out().println("saved aside: " + file));
        note(report.after());
        return ExitCodes.OK;
    }

    /** Takes the server's data folder too. */
    private static Path log(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw CommandFailure.usage(folder + ": there is no such folder", "");
        }
        Path inside = folder.resolve("journal");
        return Files.isDirectory(inside) ? inside : folder;
    }

    private void note(JournalReport report) {
        Terminal terminal = context.terminal();
        terminal.out().flush();
        for (JournalDamage damage : report.damages()) {
            terminal.note(
                    terminal.red("damaged: ")
                            + "%s at byte %,d, position %d, %,d bytes: %s"
                                    .formatted(
                                            damage.file(),
                                            damage.fileOffset(),
                                            damage.position(),
                                            damage.bytes(),
                                            damage.reason()));
        }
        String state =
                switch (report.endState()) {
                    case CLEAN ->
                            report.inUse() ? "in use by a running server" : "closed in good order";
                    case NOT_CLOSED -> "not closed; opening it goes on at the end";
                    case TORN ->
                            "the last group was interrupted; opening it cuts that off, and nobody was told it is durable";
                };
        terminal.note(
                String.format(
                        Locale.ROOT,
                        "%,d records, %,d bytes in %d files and %d spare; %s",
                        report.records(),
                        report.fileBytes(),
                        report.segments().size(),
                        report.spareSegments(),
                        state));
    }
}
