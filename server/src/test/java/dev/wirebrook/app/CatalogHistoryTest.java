package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.LogCollector;
import dev.wirebrook.market.TickType;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogHistoryTest {
    @TempDir private Path folder;

    @Test
    void the_servers_own_types_may_come_to_a_folder_and_go_from_it() throws IOException {
        EventCatalog plain = EventCatalog.standard();
        try (LogCollector log = new LogCollector(CatalogHistory.class.getName())) {
            new CatalogHistory(folder).admit(plain);
            new CatalogHistory(folder).admit(TickType.addedTo(plain));
            assertThat(log.messages()).isEmpty();
            new CatalogHistory(folder).admit(plain);
            assertThat(log.messages()).singleElement().asString().contains("MarketTick");
            new CatalogHistory(folder).admit(TickType.addedTo(plain));
            assertThat(log.messages()).hasSize(1);
        }
    }
}
