package dev.wirebrook.cli.load;

import dev.wirebrook.cli.CommandFailure;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** How rows become events. */
final class MappingOptions {
    @Option(
            names = "--type",
            required = true,
            paramLabel = "TYPE",
            description = "The event type, such as AddToCartEvent.")
    private String type = "";

    @Option(
            names = "--map",
            paramLabel = "FIELD=EXPRESSION",
            description =
                    "What goes into a field of the event; timestamp, currentURL and id are fields of every event.")
    private List<String> fields = new ArrayList<>();

    @Option(
            names = "--header",
            paramLabel = "FIELD=EXPRESSION",
            description = "What goes into a field of the header, such as userId.")
    private List<String> header = new ArrayList<>();

    @Option(
            names = "--group-by",
            split = ",",
            paramLabel = "COLUMN",
            description =
                    "One event for all rows that agree in these columns, wherever they stand.")
    private List<String> groupBy = new ArrayList<>();

    @Option(
            names = "--groups-max",
            paramLabel = "N",
            description = "Groups that may be held in memory (default: ${DEFAULT-VALUE}).")
    private int groupsMax = 1_000_000;

    @Option(
            names = "--time-format",
            paramLabel = "FORMAT",
            description =
                    "How times are written: s, ms, us or ns since 1970, or a pattern such as 'd/M/yyyy H:mm' (default: ISO 8601, or digits whose number tells the unit).")
    private String timeFormat = "";

    @Option(
            names = "--time-zone",
            paramLabel = "ZONE",
            description = "Of times that do not say, such as Europe/London (default: UTC).")
    private String timeZone = "UTC";

    int groupsMax() {
        return groupsMax;
    }

    /**
     * @throws CommandFailure when something of it cannot be
     */
    MappingSpec spec() {
        if (groupsMax < 1) {
            throw CommandFailure.usage("--groups-max: is below 1", "");
        }
        return new MappingSpec(
                type,
                assignments("--map", fields),
                assignments("--header", header),
                groupBy,
                timeFormat,
                zone());
    }

    private ZoneId zone() {
        try {
            return ZoneId.of(timeZone);
        } catch (DateTimeException e) {
            throw CommandFailure.usage(
                    "--time-zone: there is no zone " + timeZone, "Zones are such as Europe/London");
        }
    }

    private static Map<String, String> assignments(String option, List<String> texts) {
        Map<String, String> assignments = new LinkedHashMap<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals <= 0 || equals == text.length() - 1) {
                throw CommandFailure.usage(
                        option + " " + text + ": not of the form FIELD=EXPRESSION", "");
            }
            String name = text.substring(0, equals).strip();
            if (assignments.put(name, text.substring(equals + 1).strip()) != null) {
                throw CommandFailure.usage(option + " " + name + " is given twice", "");
            }
        }
        return assignments;
    }
}
