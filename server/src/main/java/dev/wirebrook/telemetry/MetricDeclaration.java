package dev.wirebrook.telemetry;

import java.util.List;

/**
 * One line of the metric catalogue.
 *
 * @param name as it is scraped, without the suffixes that a histogram adds
 * @param labelNames sorted
 */
public record MetricDeclaration(String name, Type type, String help, List<String> labelNames) {
    public MetricDeclaration {
        labelNames = labelNames.stream().sorted().toList();
    }

    /** What the value may do. */
    public enum Type {
        /** Only rises. */
        COUNTER,
        GAUGE,
        HISTOGRAM
    }
}
