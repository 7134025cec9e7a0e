package dev.wirebrook.app;

import dev.wirebrook.GoldenFile;
import dev.wirebrook.telemetry.MetricDeclaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics that dashboards and alerts are built on. */
class MetricCatalogIT {
    @TempDir private Path directory;

    @Test
    void every_metric_keeps_its_name_type_labels_and_meaning() throws IOException {
        Path clients = Files.writeString(directory.resolve("clients.jsonl"), "");
        try (TestNode server =
                TestNode.start(
                        directory.resolve("data"), Map.of("auth.clients", clients.toString()))) {
            GoldenFile.resource("app/metrics.txt")
                    .assertHolds(
                            server.node().metricCatalogue().stream()
                                    .map(MetricCatalogIT::describe)
                                    .collect(Collectors.joining()));
        }
    }

    private static String describe(MetricDeclaration metric) {
        return "%s %s %s%n  %s%n"
                .formatted(
                        metric.name(),
                        metric.type(),
                        String.join(",", metric.labelNames()),
                        metric.help())
                .replace(" \n", "\n");
    }
}
