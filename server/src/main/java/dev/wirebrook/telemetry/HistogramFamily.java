package dev.wirebrook.telemetry;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.List;

/** Histograms under one name. */
final class HistogramFamily extends MetricFamily<Histogram> {
    HistogramFamily(MetricDeclaration declaration) {
        super(declaration);
    }

    @Override
    public MetricSnapshot collect() {
        List<HistogramSnapshot.HistogramDataPointSnapshot> points = new ArrayList<>();
        seriesByLabels()
                .forEach((labels, histogram) ->
                        points.add(
                                new HistogramSnapshot.HistogramDataPointSnapshot(
                                        ClassicHistogramBuckets.of(
                                                histogram.scale().shownUpperBounds(),
                                                histogram.bucketCounts()),
                                        histogram.shownSum(),
                                        labels,
                                        Exemplars.EMPTY,
                                        0)));
        return new HistogramSnapshot(metadata(), points);
    }
}
