package dev.wirebrook.cli.deadletter;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.admin.v1.DeadLetter;
import dev.wirebrook.api.admin.v1.DeadLetterFilter;
import dev.wirebrook.app.config.Durations;
import dev.wirebrook.app.config.Nearest;
import dev.wirebrook.cli.CommandFailure;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Which dead letters a command is about. */
final class DeadLetterFilters {
    private static final List<String> KEYS =
            List.of("id", "type", "client", "route", "stage", "reason", "state", "after", "before");

    @Option(
            names = "--filter",
            split = ",",
            paramLabel = "KEY=VALUE",
            description =
                    "All must hold. Keys: id, type, client, route, stage (quarantine, sink or transform), reason (a part of it), state (parked or replayed), after and before (a time, or an age such as 2h).")
    private List<String> filters = new ArrayList<>();

    boolean isEmpty() {
        return filters.isEmpty();
    }

    DeadLetterFilter toProto() {
        DeadLetterFilter.Builder filter = DeadLetterFilter.newBuilder();
        for (String text : filters) {
            int equals = text.indexOf('=');
            if (equals <= 0) {
                throw CommandFailure.usage("--filter " + text + ": not of the form KEY=VALUE", "");
            }
            add(filter, text.substring(0, equals), text.substring(equals + 1));
        }
        return filter.build();
    }

    private static void add(DeadLetterFilter.Builder filter, String key, String value) {
        switch (key) {
            case "id" -> filter.addLetterIds(id(value));
            case "type" -> filter.addTypes(value);
            case "client" -> filter.setClientId(value);
            case "route" -> filter.setRoute(value);
            case "stage" -> filter.setStage(value);
            case "reason" -> filter.setReason(value);
            case "state" -> filter.setState(state(value));
            case "after" -> filter.setParkedAfter(time(value));
            case "before" -> filter.setParkedBefore(time(value));
            default ->
                    throw CommandFailure.usage(
                            "--filter: no key " + key,
                            Nearest.to(key, KEYS)
                                    .map(nearest -> "Did you mean: " + nearest + "?")
                                    .orElse("Keys: " + String.join(", ", KEYS)));
        }
    }

    private static long id(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw CommandFailure.usage("--filter id=" + text + ": not a letter's number", "");
        }
    }

    private static DeadLetter.State state(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "parked" -> DeadLetter.State.STATE_PARKED;
            case "replayed" -> DeadLetter.State.STATE_REPLAYED;
            default ->
                    throw CommandFailure.usage(
                            "--filter state=" + text + ": neither parked nor replayed", "");
        };
    }

    private static Timestamp time(String text) {
        Instant instant;
        try {
            instant =
                    text.contains("T")
                            ? Instant.parse(text)
                            : Instant.now().minus(Durations.parse(text));
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw CommandFailure.usage(
                    "--filter: "
                            + text
                            + " is neither a time such as 2026-01-31T12:00:00Z nor an age such as 2h",
                    "");
        }
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }
}
