package dev.wirebrook.cli.market;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.api.market.v1.PublishResult;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.ServerOptions;
import dev.wirebrook.client.MarketDataClient;
import dev.wirebrook.client.SnapshotOutcome;
import dev.wirebrook.client.SnapshotSession;
import dev.wirebrook.client.SnapshotSessionOptions;
import dev.wirebrook.client.WirebrookClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code wirebrook market publish}. */
@Command(
        name = "publish",
        description = "Publishes what has changed of a symbol, or a stream of updates in JSON.",
        footer = {
            "",
            "  wirebrook market publish EURUSD bid=1.0841 ask=1.0843 ltp=1.0842",
            "  wirebrook market publish 13 symbol=TCS exchange=NSE ltp=3520.5",
            "  wirebrook market publish - < updates.jsonl     an object a line: {\"symbol\": \"EURUSD\", \"ltp\": 1.0842}",
            "",
            "Exit code 0: every update is durable; 1: one is not."
        })
final class PublishMarket implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ServerOptions server;

    @Parameters(
            index = "0",
            paramLabel = "SYMBOL|ID",
            description = "Name or number; - reads JSON lines from standard input.")
    private String symbol = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "FIELD=VALUE",
            description = "What has changed.")
    private List<String> fields = new ArrayList<>();

    PublishMarket(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (symbol.equals("-")) {
            if (!fields.isEmpty()) {
                throw CommandFailure.usage(
                        "with -, the updates come from standard input",
                        "Leave out " + String.join(" ", fields));
            }
            try (WirebrookClient client = server.connect()) {
                return lines(client.market());
            }
        }
        if (fields.isEmpty()) {
            throw CommandFailure.usage(
                    "nothing to publish of " + symbol,
                    "Say what has changed: wirebrook market publish %s ltp=PRICE"
                            .formatted(symbol));
        }
        Snapshot update = SnapshotArguments.parse(symbol, fields);
        try (WirebrookClient client = server.connect()) {
            return one(client.market(), update);
        }
    }

    private int one(MarketDataClient market, Snapshot update) {
        SnapshotOutcome outcome = market.publish(List.of(update));
        for (PublishResult result : outcome.rejected()) {
            throw CommandFailure.failed("rejected: " + result.getStatus().getMessage(), "");
        }
        context.terminal().out().println("1 update accepted");
        return ExitCodes.OK;
    }

    private int lines(MarketDataClient market) throws IOException, InterruptedException {
        BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(context.terminal().in(), StandardCharsets.UTF_8));
        try (SnapshotSession session = market.session(SnapshotSessionOptions.DEFAULT)) {
            Publication publication = new Publication(session, context.terminal(), "line");
            long number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (!line.isBlank()) {
                    publication.add(number, update(line, number));
                }
                // A feed that pauses is not kept waiting for more.
                if (!lines.ready()) {
                    publication.flush();
                }
            }
            publication.finish();
            context.terminal().out().println(publication.summary());
            return publication.isComplete() ? ExitCodes.OK : ExitCodes.FAILED;
        }
    }

    private static Snapshot update(String line, long number) {
        Snapshot.Builder update = Snapshot.newBuilder();
        try {
            JsonFormat.parser().merge(line, update);
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw CommandFailure.usage(
                    "line %d: %s".formatted(number, e.getMessage()),
                    "A line is an object such as {\"symbol\": \"EURUSD\", \"ltp\": 1.0842}; those before it are published");
        }
        return update.build();
    }
}
