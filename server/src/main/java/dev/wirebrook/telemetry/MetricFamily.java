package dev.wirebrook.telemetry;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.MetricType;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All series of one metric: one type, one help text, one set of label names. Thread-safe.
 *
 * @param <S> where the value of one series comes from
 */
abstract sealed class MetricFamily<S> implements Collector permits ValueFamily, HistogramFamily {
    /** So that a label whose values are not bounded cannot fill the memory. */
    static final int SERIES_MAX = 5_000;

    private final MetricDeclaration declaration;
    private final Map<Labels, S> seriesByLabels = new ConcurrentHashMap<>();

    MetricFamily(MetricDeclaration declaration) {
        this.declaration = declaration;
    }

    final MetricDeclaration declaration() {
        return declaration;
    }

    final Map<Labels, S> seriesByLabels() {
        return seriesByLabels;
    }

    final MetricMetadata metadata() {
        String name = declaration.name();
        return new MetricMetadata(
                name.endsWith("_total") ? name.substring(0, name.length() - 6) : name,
                declaration.help());
    }

    /**
     * @throws IllegalArgumentException when the label names are not those of the declaration, or a
     *     series with these labels is there already
     * @throws IllegalStateException when there are too many series
     */
    final void add(Map<String, String> labels, S series) {
        Set<String> names = new TreeSet<>(labels.keySet());
        if (!names.equals(new TreeSet<>(declaration.labelNames()))) {
            throw new IllegalArgumentException(
                    "%s has the labels %s, not %s"
                            .formatted(declaration.name(), declaration.labelNames(), names));
        }
        if (seriesByLabels.size() >= SERIES_MAX) {
            throw new IllegalStateException(
                    "%s has %d series already: its labels are not bounded"
                            .formatted(declaration.name(), SERIES_MAX));
        }
        Labels key = labels(labels);
        if (seriesByLabels.putIfAbsent(key, series) != null) {
            throw new IllegalArgumentException(declaration.name() + key + " is declared twice");
        }
    }

    private static Labels labels(Map<String, String> values) {
        Labels.Builder labels = Labels.builder();
        values.forEach(labels::label);
        return labels.build();
    }

    @Override
    public final MetricFamilyDescriptor getMetricFamilyDescriptor() {
        MetricType type =
                switch (declaration.type()) {
                    case COUNTER -> MetricType.COUNTER;
                    case GAUGE -> MetricType.GAUGE;
                    case HISTOGRAM -> MetricType.HISTOGRAM;
                };
        return MetricFamilyDescriptor.of(type, metadata(), declaration.labelNames());
    }
}
