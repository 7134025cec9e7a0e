package dev.wirebrook.app;

import dev.wirebrook.telemetry.Tracing;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * OpenTelemetry's SDK, which samples spans and sends them to a collector from a thread of its own.
 * Its queue is bounded ({@code OTEL_BSP_MAX_QUEUE_SIZE}, 2048 spans); a span that finds it full is
 * dropped, so that a collector that is slow or away costs no call anything. Not one of its classes
 * is loaded before this one is used.
 */
final class TraceExport implements AutoCloseable {
    private static final long FLUSH_SECONDS_MAX = 5;
    private static final AttributeKey<String> SERVICE_NAME = AttributeKey.stringKey("service.name");

    /** What the SDK takes where the variables say nothing. */
    private static final Map<String, String> DEFAULTS =
            Map.of("otel.exporter.otlp.protocol", "http/protobuf");

    /** Metrics are scraped, and the log is the process's output. */
    private static final Map<String, String> TRACES_ONLY =
            Map.of("otel.metrics.exporter", "none", "otel.logs.exporter", "none");

    private final OpenTelemetrySdk sdk;

    private TraceExport(OpenTelemetrySdk sdk) {
        this.sdk = sdk;
    }

    /**
     * Connects to nothing yet.
     *
     * @throws IOException when the SDK refuses what is set; the message says what
     */
    static TraceExport open(TraceSettings settings) throws IOException {
        try {
            return new TraceExport(
                    AutoConfiguredOpenTelemetrySdk.builder()
                            .disableShutdownHook()
                            .addPropertiesSupplier(() -> DEFAULTS)
                            .addPropertiesCustomizer(_ -> settings.properties())
                            .addPropertiesCustomizer(_ -> TRACES_ONLY)
                            .addResourceCustomizer((resource, _) -> named(resource))
                            .build()
                            .getOpenTelemetrySdk());
        } catch (ConfigurationException e) {
            throw new IOException("OTEL_ variables: " + e.getMessage(), e);
        }
    }

    private static Resource named(Resource resource) {
        String name = resource.getAttribute(SERVICE_NAME);
        return name == null || name.startsWith("unknown_service")
                ? resource.toBuilder().put(SERVICE_NAME, "wirebrook").build()
                : resource;
    }

    Tracing tracing() {
        return new Tracing(sdk.getTracer("dev.wirebrook", Version.current()));
    }

    /** Sends what waits, for five seconds at most. */
    @Override
    public void close() {
        sdk.getSdkTracerProvider().shutdown().join(FLUSH_SECONDS_MAX, TimeUnit.SECONDS);
    }
}
