package dev.wirebrook.telemetry;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.DoubleSupplier;

/** Counters and gauges: the value is asked for when it is scraped. */
final class ValueFamily extends MetricFamily<ValueFamily.Series> {
    /**
     * @param hiddenWhileZero leaves the series out until it has counted something
     */
    record Series(DoubleSupplier value, boolean hiddenWhileZero) {}

    ValueFamily(MetricDeclaration declaration) {
        super(declaration);
    }

    @Override
    public MetricSnapshot collect() {
        if (declaration().type() == MetricDeclaration.Type.COUNTER) {
            return new CounterSnapshot(
                    metadata(),
                    points((value, labels) ->
                            new CounterSnapshot.CounterDataPointSnapshot(
                                    Math.max(0, value), labels, null, 0)));
        }
        return new GaugeSnapshot(
                metadata(),
                points((value, labels) ->
                        new GaugeSnapshot.GaugeDataPointSnapshot(value, labels, null)));
    }

    private <P extends DataPointSnapshot> List<P> points(BiFunction<Double, Labels, P> point) {
        List<P> points = new ArrayList<>();
        seriesByLabels()
                .forEach((labels, series) -> {
                    double value = series.value().getAsDouble();
                    if (value != 0 || !series.hiddenWhileZero()) {
                        points.add(point.apply(value, labels));
                    }
                });
        return points;
    }
}
