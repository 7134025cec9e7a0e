package dev.wirebrook.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.ingest.v1.TailRequest;
import dev.wirebrook.api.ingest.v1.TailResponse;
import dev.wirebrook.api.ingest.v1.TailedEvent;
import dev.wirebrook.cli.output.Cells;
import dev.wirebrook.cli.output.OutputFormat;
import dev.wirebrook.client.WirebrookClient;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventText;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wirebrook tail}. */
@Command(
        name = "tail",
        description = "Shows events as they become durable, a line each, until interrupted.",
        footer = {
            "",
            "  wirebrook tail --type AddToCartEvent --user-id 7",
            "  wirebrook tail --from-start -o json | jq .event"
        })
final class TailCommand implements Callable<Integer> {
    private static final Duration RECONNECT_WAIT = Duration.ofSeconds(1);

    private final CommandContext context;

    @Mixin private final ServerOptions server;

    @Option(
            names = "--type",
            split = ",",
            paramLabel = "TYPE",
            description = "Only events of these types.")
    private List<String> types = new ArrayList<>();

    @Option(
            names = "--client-id",
            paramLabel = "ID",
            description = "Only events under this client id.")
    private String clientId = "";

    @Option(
            names = "--session-id",
            paramLabel = "ID",
            description = "Only events under this session id.")
    private String sessionId = "";

    @Option(names = "--user-id", paramLabel = "N", description = "Only events under this user id.")
    private long userId;

    @Option(
            names = "--user-key",
            paramLabel = "TEXT",
            description = "Only events under this user key.")
    private String userKey = "";

    @Option(names = "--limit", paramLabel = "N", description = "Ends after so many events.")
    private long limit;

    @ArgGroup private @Nullable Begin begin;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "table, or json for an object a line (default: table).")
    private OutputFormat format = OutputFormat.TABLE;

    /** Where it begins, if not with what arrives from now on. */
    private static final class Begin {
        @Option(names = "--from-start", description = "Begins with the oldest event kept.")
        private boolean fromStart;

        @Option(
                names = "--from-position",
                paramLabel = "N",
                description = "Begins at a position of the log.")
        private long position;
    }

    TailCommand(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (WirebrookClient client = server.connect()) {
            EventCatalog catalog =
                    EventCatalog.parse(client.admin().catalog().getDescriptorSet().toByteArray());
            EventText text = new EventText(catalog);
            TailRequest.Builder request = request();
            long shown = 0;
            while (true) {
                try {
                    Iterator<TailResponse> responses = client.events().tail(request.build());
                    // Who reads may have seen enough, as head does.
                    while (!context.terminal().out().checkError() && responses.hasNext()) {
                        TailResponse response = responses.next();
                        show(response, text);
                        shown += response.getEventsCount();
                        request.setPosition(response.getPosition());
                        request.setLimit(limit == 0 ? 0 : Math.max(1, limit - shown));
                    }
                    return ExitCodes.OK;
                } catch (StatusRuntimeException e) {
                    if (e.getStatus().getCode() != Status.Code.UNAVAILABLE
                            || !request.hasPosition()) {
                        throw e;
                    }
                    context.terminal().note("the server is away, trying again");
                    Thread.sleep(RECONNECT_WAIT);
                }
            }
        }
    }

    private TailRequest.Builder request() {
        TailRequest.Builder request =
                TailRequest.newBuilder()
                        .addAllTypes(types)
                        .setClientId(clientId)
                        .setSessionId(sessionId)
                        .setUserId(userId)
                        .setUserKey(userKey)
                        .setLimit(limit);
        if (begin != null) {
            request.setPosition(begin.fromStart ? 0 : begin.position);
        }
        return request;
    }

    private void show(TailResponse response, EventText text) {
        if (response.getMissedBytes() > 0) {
            context.terminal()
                    .note(
                            "%,d bytes of the log were no longer kept when this reader came to them"
                                    .formatted(response.getMissedBytes()));
        }
        PrintStream out = context.terminal().out();
        for (TailedEvent event : response.getEventsList()) {
            JsonObject json =
                    JsonParser.parseString(
                                    text.toJson(
                                            event.getHeader().toByteString(),
                                            event.getEvent().toByteString()))
                            .getAsJsonObject();
            out.println(format == OutputFormat.JSON ? object(event, json) : line(event, json));
        }
        out.flush();
    }

    private static JsonObject object(TailedEvent event, JsonObject json) {
        JsonObject object = new JsonObject();
        object.addProperty("position", event.getPosition());
        object.addProperty("index", event.getIndex());
        object.addProperty("ingestTime", Timestamps.toString(event.getIngestTime()));
        json.entrySet().forEach(member -> object.add(member.getKey(), member.getValue()));
        return object;
    }

    /** Time, type, and what is set of header and event. */
    private String line(TailedEvent event, JsonObject json) {
        StringBuilder line = new StringBuilder();
        line.append(Timestamps.toString(event.getIngestTime()))
                .append("  ")
                .append(context.terminal().bold(Cells.printable(event.getType())))
                .append("  ");
        append(line, json.get("event"));
        append(line, json.get("header"));
        return line.toString().stripTrailing();
    }

    /** The event's own fields stand in an object of their own; they come without its name. */
    private static void append(StringBuilder line, @Nullable JsonElement element) {
        if (!(element instanceof JsonObject object)) {
            return;
        }
        for (Map.Entry<String, JsonElement> member : object.entrySet()) {
            if (member.getValue() instanceof JsonObject inner) {
                append(line, inner);
            } else {
                String value =
                        member.getValue().isJsonPrimitive()
                                ? member.getValue().getAsString()
                                : member.getValue().toString();
                line.append(member.getKey())
                        .append('=')
                        .append(Cells.printable(value.contains(" ") ? '"' + value + '"' : value))
                        .append(' ');
            }
        }
    }
}
