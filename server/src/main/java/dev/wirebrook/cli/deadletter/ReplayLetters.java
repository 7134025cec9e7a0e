package dev.wirebrook.cli.deadletter;

import dev.wirebrook.api.admin.v1.ReplayDeadLettersRequest;
import dev.wirebrook.api.admin.v1.ReplayDeadLettersResponse;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.cli.output.RowWriter.Column;
import dev.wirebrook.client.AdminClient;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wirebrook dlq replay}. */
@Command(
        name = "replay",
        description =
                "Sends dead letters through the pipeline again, under their own event ids. Exit code 1: some cannot go through yet, or came back.")
final class ReplayLetters extends LettersCommand {
    @Mixin private final DeadLetterFilters filters = new DeadLetterFilters();
    @Mixin private final OutputOptions output = new OutputOptions();

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Events a second at most (default: as the log takes them).")
    private double rate;

    @Option(names = "--dry-run", description = "Checks what a replay checks, and changes nothing.")
    private boolean dryRun;

    ReplayLetters(CommandContext context) {
        super(context);
    }

    @Override
    int run(AdminClient admin) {
        Iterator<ReplayDeadLettersResponse> progress =
                admin.replayDeadLetters(
                        ReplayDeadLettersRequest.newBuilder()
                                .setFilter(filters.toProto())
                                .setRate(rate)
                                .setDryRun(dryRun)
                                .build());
        ReplayDeadLettersResponse last = ReplayDeadLettersResponse.getDefaultInstance();
        while (progress.hasNext()) {
            last = progress.next();
            if (!last.getDone()) {
                context.terminal()
                        .note(
                                "%,d of %,d"
                                        .formatted(
                                                last.getReplayed() + last.getFailed(),
                                                last.getMatched()));
            }
        }
        RowWriter writer = output.writer(context.terminal());
        writer.columns(
                List.of(
                        Column.number("matched"),
                        Column.number(dryRun ? "would_replay" : "replayed"),
                        Column.number("failed"),
                        Column.number("came_back")));
        writer.row(last.getMatched(), last.getReplayed(), last.getFailed(), last.getCameBack());
        writer.end();
        if (last.getCameBack() > 0) {
            context.terminal()
                    .note(
                            "%,d replayed, %,d came back"
                                    .formatted(last.getReplayed(), last.getCameBack()));
        }
        last.getFailuresList().forEach(failure -> context.terminal().note("  " + failure));
        return last.getFailed() + last.getCameBack() == 0 ? ExitCodes.OK : ExitCodes.FAILED;
    }
}
