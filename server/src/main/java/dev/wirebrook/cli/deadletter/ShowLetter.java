package dev.wirebrook.cli.deadletter;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParser;
import dev.wirebrook.api.admin.v1.DeadLetter;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.output.Cells;
import dev.wirebrook.client.AdminClient;
import java.io.PrintStream;
import java.util.Base64;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code wirebrook dlq show}. */
@Command(name = "show", description = "Shows one dead letter with its event.")
final class ShowLetter extends LettersCommand {
    private static final Gson PRETTY =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    @Parameters(paramLabel = "ID", description = "The letter's number.")
    private long id;

    ShowLetter(CommandContext context) {
        super(context);
    }

    @Override
    int run(AdminClient admin) {
        DeadLetter letter = admin.deadLetter(id);
        PrintStream out = context.terminal().out();
        line(out, "letter", Long.toString(letter.getLetterId()));
        line(out, "state", LetterText.of(letter.getState()));
        line(out, "type", letter.getType());
        line(out, "event id", letter.getEventId());
        line(out, "client", letter.getClientId());
        line(out, "route", letter.getRoute());
        line(out, "stage", letter.getStage());
        line(out, "reason", letter.getReason());
        line(out, "attempts", Integer.toString(letter.getAttempts()));
        line(out, "position", letter.getPosition() + "/" + letter.getIndex());
        line(out, "ingested", LetterText.of(letter.getIngestTime()));
        line(out, "first failed", LetterText.of(letter.getFirstFailureTime()));
        line(out, "parked", LetterText.of(letter.getParkedTime()));
        line(out, "replayed", LetterText.of(letter.getReplayTime()));
        Base64.Encoder base64 = Base64.getEncoder();
        line(out, "header bytes", base64.encodeToString(letter.getHeader().toByteArray()));
        line(out, "event bytes", base64.encodeToString(letter.getEvent().toByteArray()));
        if (!letter.getEventJson().isEmpty()) {
            out.println(PRETTY.toJson(JsonParser.parseString(letter.getEventJson())));
        }
        return ExitCodes.OK;
    }

    private static void line(PrintStream out, String name, String value) {
        if (!value.isEmpty()) {
            out.printf("%-13s %s%n", name, Cells.printable(value));
        }
    }
}
