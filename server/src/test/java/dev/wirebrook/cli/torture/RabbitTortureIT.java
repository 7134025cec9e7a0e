package dev.wirebrook.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.RealEngine;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers that are killed while their log is in RabbitMQ. */
class RabbitTortureIT {
    private static final int KILLS = Integer.getInteger("wirebrook.test.kills", 6);

    @TempDir private Path directory;

    @Test
    void every_acknowledged_event_is_stored_once_however_often_the_server_is_killed()
            throws Exception {
        try (RealEngine engine = RealEngine.start("rabbitmq")) {
            URI url = URI.create(engine.url());
            long seed = System.nanoTime();
            Torture torture =
                    new Torture(
                            directory,
                            KILLS,
                            4,
                            Duration.ofMillis(200),
                            Duration.ofMillis(2_500),
                            seed,
                            List.of(
                                    "--events-log=rabbitmq",
                                    "--rabbitmq-url=amqp://%s:%d"
                                            .formatted(url.getHost(), url.getPort()),
                                    "--rabbitmq-password=guest"),
                            System.out::println);
            assertThat(torture.run()).as("seed %d: %s", seed, torture.summary()).isEmpty();
            System.out.println(torture.summary());
        }
    }
}
