package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.RealEngine;
import dev.wirebrook.SmallDisk;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole server whose RabbitMQ blocks publishers, and what clients over gRPC see of it. */
@Timeout(120)
class BlockedRabbitIT {
    private static final int DISK_MIB = 256;

    /** Less than RabbitMQ wants to have free, and more than it needs for what it has at hand. */
    private static final long LEFT_BYTES = 24 << 20;

    @TempDir private Path folder;

    private TestNode start(RealEngine engine) {
        URI broker = URI.create(engine.url());
        return TestNode.start(
                folder,
                Map.of(
                        "events.log", "rabbitmq",
                        "rabbitmq.url",
                                "amqp://%s:%d".formatted(broker.getHost(), broker.getPort()),
                        "rabbitmq.password", "guest",
                        "rabbitmq.confirm-timeout", "2s",
                        "events.routes.warehouse.interval", "50ms"));
    }

    @Test
    void tells_clients_to_come_again_while_it_is_out_of_memory() {
        try (RealEngine engine = RealEngine.start("rabbitmq")) {
            refuses_and_goes_on(
                    engine,
                    "memory",
                    () -> engine.control("set_vm_memory_high_watermark", "0"),
                    () -> engine.control("set_vm_memory_high_watermark", "0.4"));
        }
    }

    @Test
    void tells_clients_to_come_again_while_its_disk_is_full() {
        try (SmallDisk disk = SmallDisk.mount(DISK_MIB);
                RealEngine engine = RealEngine.start("rabbitmq", disk.path().resolve("engine"))) {
            refuses_and_goes_on(engine, "disk", () -> disk.fill(LEFT_BYTES), disk::makeRoom);
        }
    }

    private void refuses_and_goes_on(
            RealEngine engine, String alarm, Runnable begin, Runnable end) {
        try (TestNode server = start(engine)) {
            AcknowledgedEvents events = new AcknowledgedEvents(server);
            events.sendUntilAccepted();
            begin.run();
            try {
                String reason = events.sendUntilRefused();
                assertThat(reason).contains("RabbitMQ blocks publishers", alarm);
                int acknowledged = events.size();
                for (int i = 0; i < 2; i++) {
                    events.sendUntilRefused();
                }
                assertThat(events.size()).as("while it is blocked").isEqualTo(acknowledged);
            } finally {
                end.run();
            }
            events.sendUntilAccepted();
            events.sendUntilAccepted();
            events.assertStoredOnce();
        }
    }
}
