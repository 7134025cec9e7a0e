package dev.wirebrook.events.rabbitmq;

import dev.wirebrook.RealEngine;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventPipelineContract;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RabbitPipelineTest extends EventPipelineContract {
    private static @Nullable RealEngine engine;

    @BeforeAll
    static void startEngine() {
        engine = RealEngine.start("rabbitmq");
    }

    @AfterAll
    static void stopEngine() {
        if (engine != null) {
            engine.close();
        }
    }

    private static RealEngine engine() {
        return Objects.requireNonNull(engine);
    }

    private final String exchange = "test." + System.nanoTime();

    @Override
    protected EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers) {
        return new RabbitEventLog(
                RabbitSettings.of(URI.create(engine().url())).withExchange(exchange),
                routes,
                catalog,
                new Backoff(Duration.ofMillis(10), Duration.ofMillis(100)),
                workers,
                InstantSource.system());
    }
}
