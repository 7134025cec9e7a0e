package dev.wirebrook.cli.deadletter;

import dev.wirebrook.api.admin.v1.DeadLetter;
import dev.wirebrook.api.admin.v1.ListDeadLettersRequest;
import dev.wirebrook.api.admin.v1.ListDeadLettersResponse;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.cli.output.RowWriter.Column;
import dev.wirebrook.client.AdminClient;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wirebrook dlq list}. */
@Command(name = "list", description = "Lists dead letters, the oldest first.")
final class ListLetters extends LettersCommand {
    private static final int PAGE = 500;

    @Mixin private final OutputOptions output = new OutputOptions();
    @Mixin private final DeadLetterFilters filters = new DeadLetterFilters();

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Ends after so many (default: ${DEFAULT-VALUE}).")
    private int limit = 1_000;

    ListLetters(CommandContext context) {
        super(context);
    }

    @Override
    int run(AdminClient admin) {
        RowWriter writer = output.writer(context.terminal());
        writer.columns(
                List.of(
                        Column.number("id"),
                        Column.text("parked"),
                        Column.text("type"),
                        Column.text("event_id"),
                        Column.text("client"),
                        Column.text("route"),
                        Column.text("stage"),
                        Column.text("state"),
                        Column.number("attempts"),
                        Column.text("reason")));
        int left = limit;
        String page = "";
        do {
            ListDeadLettersResponse response =
                    admin.listDeadLetters(
                            ListDeadLettersRequest.newBuilder()
                                    .setFilter(filters.toProto())
                                    .setPageSize(Math.min(left, PAGE))
                                    .setPageToken(page)
                                    .build());
            for (DeadLetter letter : response.getLettersList()) {
                writer.row(
                        letter.getLetterId(),
                        LetterText.of(letter.getParkedTime()),
                        letter.getType(),
                        letter.getEventId(),
                        letter.getClientId(),
                        letter.getRoute(),
                        letter.getStage(),
                        LetterText.of(letter.getState()),
                        letter.getAttempts(),
                        letter.getReason());
            }
            left -= response.getLettersCount();
            page = response.getNextPageToken();
        } while (left > 0 && !page.isEmpty());
        writer.end();
        if (!page.isEmpty()) {
            context.terminal().note("There are more: --limit N shows them.");
        }
        return ExitCodes.OK;
    }
}
