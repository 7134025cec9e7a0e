package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.app.config.Environment;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceSettingsTest {
    private static Environment environment(String name, String text) {
        return new Environment(Map.of(name, text));
    }

    @ParameterizedTest
    @CsvSource({
        "OTEL_TRACES_EXPORTER, otlp, true",
        "OTEL_TRACES_EXPORTER, none, false",
        "OTEL_EXPORTER_OTLP_ENDPOINT, http://a:4318, true",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, http://a:4318/v1/traces, true",
        "OTEL_SERVICE_NAME, orders, false",
        "OTEL_EXPORTER_OTLP_ENDPOINT, '', false"
    })
    void calls_are_traced_where_a_variable_asks_for_it(String name, String text, boolean asked) {
        assertThat(TraceSettings.of(environment(name, text)).isPresent()).isEqualTo(asked);
    }

    @ParameterizedTest
    @CsvSource({"OTEL_SDK_DISABLED, true", "OTEL_TRACES_EXPORTER, none"})
    void what_forbids_it_wins_over_an_endpoint(String name, String text) {
        Environment both =
                new Environment(Map.of(name, text, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4318"));
        assertThat(TraceSettings.of(both)).isEmpty();
        assertThat(TraceSettings.problems(both)).isEmpty();
    }

    @Test
    void the_sdk_gets_every_variable_of_its_own_under_its_name() {
        Environment environment =
                new Environment(
                        Map.of(
                                "OTEL_EXPORTER_OTLP_ENDPOINT",
                                "http://a:4318",
                                "OTEL_TRACES_SAMPLER",
                                "always_off",
                                "HOME",
                                "/"));
        assertThat(TraceSettings.of(environment).orElseThrow().properties())
                .isEqualTo(
                        Map.of(
                                "otel.exporter.otlp.endpoint",
                                "http://a:4318",
                                "otel.traces.sampler",
                                "always_off"));
    }

    @ParameterizedTest
    @CsvSource({
        "OTEL_TRACES_EXPORTER, zipkin, none for no traces",
        "OTEL_EXPORTER_OTLP_PROTOCOL, grpc, http/protobuf"
    })
    void refuses_what_it_cannot_do(String name, String text, String right) {
        Environment environment =
                new Environment(
                        Map.of(name, text, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a:4318"));
        assertThat(TraceSettings.problems(environment))
                .singleElement()
                .satisfies(problem -> assertThat(problem.toString()).contains(name, text, right));
    }

    @Test
    void the_protocol_of_traces_wins_over_that_of_everything() {
        assertThat(
                        TraceSettings.problems(
                                new Environment(
                                        Map.of(
                                                "OTEL_TRACES_EXPORTER",
                                                "otlp",
                                                "OTEL_EXPORTER_OTLP_PROTOCOL",
                                                "grpc",
                                                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
                                                "http/protobuf"))))
                .isEmpty();
    }
}
