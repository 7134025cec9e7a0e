package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.LogCollector;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogEngineTest {
    /** Nobody listens there: the server waits for its broker, and serves what needs none. */
    private static final Map<String, String> ON_RABBITMQ =
            Map.of("events.log", "rabbitmq", "rabbitmq.url", "amqp://127.0.0.1:1");

    @TempDir private Path directory;

    @Test
    void warns_of_a_journal_that_is_read_no_more() {
        assertThat(warnings(ON_RABBITMQ)).isEmpty();
        assertThat(warnings(Map.of())).isEmpty();
        assertThat(warnings(ON_RABBITMQ))
                .singleElement()
                .asString()
                .contains(directory.resolve("journal").toString(), "events.log=journal", "delete");
    }

    private List<String> warnings(Map<String, String> settings) {
        LogCollector log = new LogCollector(LogEngine.class.getName());
        try (log;
                TestNode server = TestNode.start(directory, settings)) {
            assertThat(server.client().admin().status().getRoutesCount()).isPositive();
        }
        return log.messages();
    }
}
