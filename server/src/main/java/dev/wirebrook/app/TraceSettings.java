package dev.wirebrook.app;

import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.SettingProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * That calls are traced, and what OpenTelemetry's own variables say of it. They are no settings of
 * ours: whoever runs programs that are traced has set them for all of them.
 *
 * @param properties by the names that the SDK has for them, such as {@code otel.traces.sampler}
 */
record TraceSettings(Map<String, String> properties) {
    private static final String PREFIX = "OTEL_";
    private static final String DISABLED = "OTEL_SDK_DISABLED";
    private static final String EXPORTER = "OTEL_TRACES_EXPORTER";
    private static final List<String> ENDPOINTS =
            List.of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT");
    private static final List<String> PROTOCOLS =
            List.of("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL");
    private static final String PROTOCOL = "http/protobuf";

    TraceSettings {
        properties = Map.copyOf(properties);
    }

    /** Empty: nobody asks for traces. */
    static Optional<TraceSettings> of(Environment environment) {
        if (!isAsked(environment)) {
            return Optional.empty();
        }
        Map<String, String> properties = new TreeMap<>();
        environment
                .variables()
                .forEach((name, text) -> {
                    if (name.startsWith(PREFIX) && !text.isBlank()) {
                        properties.put(
                                name.toLowerCase(Locale.ROOT).replace('_', '.'), text.strip());
                    }
                });
        return Optional.of(new TraceSettings(properties));
    }

    private static boolean isAsked(Environment environment) {
        if (environment.find(DISABLED).filter("true"::equalsIgnoreCase).isPresent()) {
            return false;
        }
        Optional<String> exporter = environment.find(EXPORTER);
        return exporter.isPresent()
                ? !exporter.get().equals("none")
                : ENDPOINTS.stream().anyMatch(name -> environment.find(name).isPresent());
    }

    /** What of the variables cannot be done; nothing when nobody asks for traces. */
    static List<SettingProblem> problems(Environment environment) {
        List<SettingProblem> problems = new ArrayList<>();
        if (isAsked(environment)) {
            environment
                    .find(EXPORTER)
                    .filter(exporter -> !exporter.equals("otlp"))
                    .ifPresent(exporter ->
                            problems.add(
                                    problem(EXPORTER, exporter, "otlp, or none for no traces")));
            // The first that is there is the one that counts.
            PROTOCOLS.stream()
                    .filter(name -> environment.find(name).isPresent())
                    .findFirst()
                    .ifPresent(name ->
                            environment
                                    .find(name)
                                    .filter(protocol -> !protocol.equals(PROTOCOL))
                                    .ifPresent(protocol ->
                                            problems.add(
                                                    problem(
                                                            name,
                                                            protocol,
                                                            PROTOCOL
                                                                    + ", and an endpoint that speaks it"))));
        }
        return problems;
    }

    private static SettingProblem problem(String variable, String text, String right) {
        return new SettingProblem(
                "environment", variable, "'%s' cannot be done here; use %s".formatted(text, right));
    }
}
