package dev.wirebrook.telemetry;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The metric catalogue: everything this process counts, each name declared once with its help text
 * and its label names. Values of labels come from a set that is fixed when the program starts
 * (methods, routes, verdicts), never from a request.
 *
 * <p>Rooms that know only the JDK keep their own counts; what assembles them declares those here
 * with a supplier that is asked at each scrape, from the scraping thread. Suppliers must not block.
 *
 * <p>Several series share a name when they differ in the values of their labels; type, help and
 * label names must then agree. Thread-safe.
 */
public final class Metrics {
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final ExpositionFormats formats = ExpositionFormats.init();
    // Guarded by itself.
    private final Map<String, MetricFamily<?>> familyByName = new TreeMap<>();
    private boolean jvmDeclared;

    /**
     * Declares a count that is kept here.
     *
     * @param name ends in {@code _total}
     */
    public Counter counter(String name, String help, Map<String, String> labels) {
        Counter counter = new Counter();
        counter(name, help, labels, counter::value);
        return counter;
    }

    /**
     * Declares a count that is kept elsewhere.
     *
     * @param value never falls
     */
    public void counter(String name, String help, Map<String, String> labels, LongSupplier value) {
        addCounter(name, help, labels, new ValueFamily.Series(value::getAsLong, false));
    }

    /** As {@link #counter}, for a sum of seconds, which has fractions. */
    public void secondsCounter(
            String name, String help, Map<String, String> labels, DoubleSupplier value) {
        addCounter(name, help, labels, new ValueFamily.Series(value, false));
    }

    /**
     * As {@link #counter(String, String, Map, LongSupplier)}, for series of which most are never
     * used: it is left out of the scrape while it is zero.
     */
    public void rareCounter(
            String name, String help, Map<String, String> labels, LongSupplier value) {
        addCounter(name, help, labels, new ValueFamily.Series(value::getAsLong, true));
    }

    private void addCounter(
            String name, String help, Map<String, String> labels, ValueFamily.Series series) {
        if (!name.endsWith("_total")) {
            throw new IllegalArgumentException("a counter's name ends in _total: " + name);
        }
        family(
                        name,
                        MetricDeclaration.Type.COUNTER,
                        help,
                        labels,
                        ValueFamily.class,
                        ValueFamily::new)
                .add(labels, series);
    }

    /** Declares a value that rises and falls. */
    public void gauge(String name, String help, Map<String, String> labels, DoubleSupplier value) {
        family(
                        name,
                        MetricDeclaration.Type.GAUGE,
                        help,
                        labels,
                        ValueFamily.class,
                        ValueFamily::new)
                .add(labels, new ValueFamily.Series(value, false));
    }

    /**
     * Declares a distribution.
     *
     * @param name names the unit that is shown, such as {@code wirebrook_grpc_call_seconds}
     */
    public Histogram histogram(
            String name, String help, Map<String, String> labels, HistogramScale scale) {
        Histogram histogram = new Histogram(scale);
        family(
                        name,
                        MetricDeclaration.Type.HISTOGRAM,
                        help,
                        labels,
                        HistogramFamily.class,
                        HistogramFamily::new)
                .add(labels, histogram);
        return histogram;
    }

    private <F extends MetricFamily<?>> F family(
            String name,
            MetricDeclaration.Type type,
            String help,
            Map<String, String> labels,
            Class<F> kind,
            Function<MetricDeclaration, F> maker) {
        MetricDeclaration declaration =
                new MetricDeclaration(name, type, help, List.copyOf(labels.keySet()));
        synchronized (familyByName) {
            MetricFamily<?> family = familyByName.get(name);
            if (family == null) {
                F made = maker.apply(declaration);
                registry.register(made);
                familyByName.put(name, made);
                return made;
            }
            if (!family.declaration().equals(declaration)) {
                throw new IllegalArgumentException(
                        name
                                + " is declared as "
                                + family.declaration()
                                + " and as "
                                + declaration);
            }
            return kind.cast(family);
        }
    }

    /** What is declared, by name. Without the metrics of the JVM, which follow its version. */
    public List<MetricDeclaration> catalogue() {
        synchronized (familyByName) {
            return familyByName.values().stream()
                    .<MetricDeclaration>map(MetricFamily::declaration)
                    .sorted(Comparator.comparing(MetricDeclaration::name))
                    .toList();
        }
    }

    /** The value of {@code Content-Type} for what {@link #write} gives for the same argument. */
    public String contentType(@Nullable String accept) {
        return writer(accept).getContentType();
    }

    /**
     * Writes all values. The first call also declares the metrics of the JVM, so that starting does
     * not wait for them.
     *
     * @param accept the request's header of that name: OpenMetrics when asked for, else Prometheus'
     *     text
     */
    public void write(@Nullable String accept, OutputStream target) throws IOException {
        declareJvm();
        writer(accept).write(target, registry.scrape());
    }

    private ExpositionFormatWriter writer(@Nullable String accept) {
        return formats.findWriter(accept);
    }

    private void declareJvm() {
        synchronized (familyByName) {
            if (!jvmDeclared) {
                JvmMetrics.builder().register(registry);
                jvmDeclared = true;
            }
        }
    }
}
