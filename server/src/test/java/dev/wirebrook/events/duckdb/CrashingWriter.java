package dev.wirebrook.events.duckdb;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.LaunchEvent;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Path;

/**
 * Writes batch after batch from where the sink stands, and says on standard output what is stored,
 * until it is killed. Small batches go through the write-ahead log, every fourth is large enough to
 * go around it, and the log is folded all the time.
 */
final class CrashingWriter {
    private static final EventCatalog CATALOG = EventCatalog.standard();
    private static final int EVENTS_PER_REQUEST = 500;

    private CrashingWriter() {}

    static DuckDbSettings settings(Path folder) {
        return new DuckDbSettings(
                folder.resolve("warehouse.duckdb"), 1, 512L << 20, 1L << 30, 2, 2, 1L << 20);
    }

    public static void main(String[] arguments) {
        try (TestWarehouse warehouse =
                new TestWarehouse(CATALOG, settings(Path.of(arguments[0])))) {
            EventSink sink = warehouse.sink("warehouse");
            for (int number = 0; ; number++) {
                SinkResult result = sink.write(batch(sink.progress().cursor(), number));
                if (!(result instanceof SinkResult.Stored)) {
                    throw new IllegalStateException(result.toString());
                }
                System.out.println(sink.progress().cursor().position());
            }
        }
    }

    /** The event at a place is always the same, its id says which place. */
    private static FrozenBatch batch(Cursor from, int number) {
        int requests = number % 4 == 3 ? 260 : 4;
        TestBatches batch = TestBatches.of(CATALOG, "warehouse").from(from);
        for (long position = from.position(); position < from.position() + requests; position++) {
            Events.Builder events =
                    Events.newBuilder().setHeader(Header.newBuilder().setUserId(position));
            for (int i = 0; i < EVENTS_PER_REQUEST; i++) {
                Event.Builder event = Event.newBuilder().setId(position + "-" + i);
                if (i == 0) {
                    event.setLaunchEvent(LaunchEvent.getDefaultInstance());
                } else {
                    event.setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(i));
                }
                events.addEvents(event);
            }
            batch.request(position, events.build());
        }
        return batch.freeze();
    }
}
