package dev.wirebrook.events.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.events.EventSinkContract;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseSinkIT extends EventSinkContract {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    @TempDir private static Path data;
    private static TestClickHouse server;

    private final String database = "contract" + DATABASES.incrementAndGet();

    @BeforeAll
    static void start() {
        server = TestClickHouse.start(data);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    protected Engine open(EventCatalog catalog) {
        return new TestStore(catalog, server.url(), database);
    }

    @Test
    void a_large_batch_is_one_part_of_its_table() throws ClickHouseFault {
        EventCatalog standard = EventCatalog.standard();
        TestBatches batch = TestBatches.of(standard, "r");
        for (int request = 1; request <= 50; request++) {
            Events.Builder events = Events.newBuilder();
            for (int i = 0; i < 1_000; i++) {
                events.addEvents(
                        Event.newBuilder()
                                .setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(i)));
            }
            batch.request(request, events.build());
        }
        try (TestStore store = new TestStore(standard, server.url(), database);
                ClickHouseClient client =
                        new ClickHouseClient(ClickHouseSettings.of(server.url(), database))) {
            assertThat(store.sink("r").write(batch.freeze())).isEqualTo(new SinkResult.Stored());
            assertThat(
                            client.rows(
                                    "SELECT rows FROM system.parts WHERE database = %s AND table = 'add_to_cart_event'"
                                            .formatted(Sql.literal(database))))
                    .singleElement()
                    .satisfies(part -> assertThat(part.get(0).getAsInt()).isEqualTo(50_000));
        }
    }
}
