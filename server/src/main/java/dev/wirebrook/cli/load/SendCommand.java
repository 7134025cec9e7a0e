package dev.wirebrook.cli.load;

import com.google.protobuf.Message;
import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.EventResult.Verdict;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.ServerOptions;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.client.DispatchOutcome;
import dev.wirebrook.client.WirebrookClient;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wirebrook send}. */
@Command(
        name = "send",
        description = "Sends one event, or a batch in JSON, and says what became of it.",
        footer = {
            "",
            "  wirebrook send AddToCartEvent productId=A1 price=9.99 quantity=2 --header userId=7",
            "  wirebrook send --json '{\"addToCartEvent\": {\"productId\": \"A1\"}}'",
            "  wirebrook send --json - < batch.json     an event, or {\"header\": {..}, \"events\": [..]}",
            "",
            "Exit code 0: every event is durable; 1: an event is not."
        })
public final class SendCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ServerOptions server;
    @Mixin private final OutputOptions output = new OutputOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "TYPE",
            description = "The event type, such as AddToCartEvent.")
    private String type = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "FIELD=VALUE",
            description = "The event's fields.")
    private List<String> fields = new ArrayList<>();

    @Option(
            names = "--header",
            paramLabel = "FIELD=VALUE",
            description = "A field of the header, such as userId=7 or userKey=anna.")
    private List<String> header = new ArrayList<>();

    @Option(
            names = "--id",
            paramLabel = "TEXT",
            description =
                    "The event's id; sent again under the same id it is stored once (default: a random one).")
    private @Nullable String id;

    @Option(
            names = "--timestamp",
            paramLabel = "TIME",
            description = "When it happened (default: when it arrives).")
    private @Nullable String timestamp;

    @Option(names = "--url", paramLabel = "URL", description = "The event's currentURL.")
    private @Nullable String url;

    @Option(
            names = "--json",
            paramLabel = "JSON",
            description = "The event or batch as JSON; - reads it from standard input.")
    private @Nullable String json;

    public SendCommand(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (type.isEmpty() == (json == null)) {
            throw CommandFailure.usage(
                    "give either TYPE and FIELD=VALUE, or --json", "Try: wirebrook send --help");
        }
        try (WirebrookClient client = server.connect()) {
            EventCatalog catalog =
                    EventCatalog.parse(client.admin().catalog().getDescriptorSet().toByteArray());
            BatchMessages messages = new BatchMessages(catalog);
            Message batch = json == null ? single(catalog, messages) : fromJson(messages, json);
            DispatchOutcome outcome = client.events().dispatch(messages.encode(batch));
            print(messages.ids(batch), outcome);
            return outcome.isComplete() ? ExitCodes.OK : ExitCodes.FAILED;
        }
    }

    private Message single(EventCatalog catalog, BatchMessages messages) {
        List<String> arguments = new ArrayList<>(fields);
        if (timestamp != null) {
            arguments.add(MappingBinder.ENVELOPE + "timestamp=" + timestamp);
        }
        if (url != null) {
            arguments.add(MappingBinder.ENVELOPE + "currentURL=" + url);
        }
        ArgumentScope scope = new ArgumentScope();
        MappingSpec spec =
                new MappingSpec(
                        type,
                        scope.add("", arguments),
                        scope.add("header ", header),
                        List.of(),
                        "",
                        ZoneOffset.UTC);
        try {
            return messages.of(
                    EventMapping.of(catalog, spec, List.of())
                            .map(scope, id == null ? UUID.randomUUID().toString() : id));
        } catch (RowFault e) {
            throw CommandFailure.usage(e.text().replaceFirst("^column [^:]*: ", ""), "");
        }
    }

    private Message fromJson(BatchMessages messages, String argument) throws IOException {
        String text =
                argument.equals("-")
                        ? new String(context.terminal().in().readAllBytes(), StandardCharsets.UTF_8)
                        : argument;
        try {
            return messages.ofJson(text);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("--json: " + e.getMessage(), "");
        }
    }

    private void print(List<String> ids, DispatchOutcome outcome) {
        Map<Integer, EventResult> results =
                outcome.results().stream()
                        .collect(Collectors.toMap(EventResult::getIndex, result -> result));
        RowWriter writer = output.writer(context.terminal());
        writer.columns(
                List.of(
                        RowWriter.Column.text("id"),
                        RowWriter.Column.text("verdict"),
                        RowWriter.Column.text("why")));
        for (int i = 0; i < ids.size(); i++) {
            Optional<EventResult> result = Optional.ofNullable(results.get(i));
            writer.row(
                    ids.get(i),
                    result.map(EventResult::getVerdict)
                            .orElse(Verdict.ACCEPTED)
                            .name()
                            .toLowerCase(Locale.ROOT),
                    result.map(SendCommand::reasons).orElse(""));
        }
        writer.end();
    }

    /** What was wrong with the event. */
    static String reasons(EventResult result) {
        return result.getViolationsList().stream()
                .map(violation -> violation.getField() + ": " + violation.getDescription())
                .collect(Collectors.joining("; "));
    }
}
