package dev.wirebrook.cli.deadletter;

import dev.wirebrook.api.admin.v1.DeadLetterCount;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.cli.output.RowWriter.Column;
import dev.wirebrook.client.AdminClient;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code wirebrook dlq stats}. */
@Command(name = "stats", description = "Counts dead letters by type, stage, reason and state.")
final class CountLetters extends LettersCommand {
    @Mixin private final OutputOptions output = new OutputOptions();

    CountLetters(CommandContext context) {
        super(context);
    }

    @Override
    int run(AdminClient admin) {
        RowWriter writer = output.writer(context.terminal());
        writer.columns(
                List.of(
                        Column.number("count"),
                        Column.text("type"),
                        Column.text("stage"),
                        Column.text("state"),
                        Column.text("oldest"),
                        Column.text("newest"),
                        Column.text("reason")));
        for (DeadLetterCount count : admin.deadLetterStats().getCountsList()) {
            writer.row(
                    count.getCount(),
                    count.getType(),
                    count.getStage(),
                    LetterText.of(count.getState()),
                    LetterText.of(count.getOldest()),
                    LetterText.of(count.getNewest()),
                    count.getReason());
        }
        writer.end();
        return ExitCodes.OK;
    }
}
