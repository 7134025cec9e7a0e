package dev.wirebrook.events.duckdb;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.schema.EventCatalog;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Random;

/**
 * Writes under a limit on the size of files, which to the engine is a full disk, lifts the limit,
 * and goes on. Runs in a process of its own, for the limit is the process's.
 */
@SuppressWarnings("restricted") // the test limits the size of its own files through the C library
final class FullDiskWriter {
    private static final EventCatalog CATALOG = EventCatalog.standard();
    private static final int RLIMIT_FSIZE = 1;
    private static final long UNLIMITED = -1;
    private static final int ROUNDS = 2;

    private FullDiskWriter() {}

    /** Arguments: folder, rows a batch, bytes of log before it is folded, limit in bytes. */
    public static void main(String[] arguments) throws Throwable {
        int rows = Integer.parseInt(arguments[1]);
        long limit = Long.parseLong(arguments[3]);
        DuckDbSettings settings =
                new DuckDbSettings(
                        Path.of(arguments[0]).resolve("warehouse.duckdb"),
                        1,
                        512L << 20,
                        1L << 30,
                        2,
                        2,
                        Long.parseLong(arguments[2]));
        Random random = new Random(1);
        try (TestWarehouse warehouse = new TestWarehouse(CATALOG, settings)) {
            EventSink sink = warehouse.sink("r");
            for (int round = 1; round <= ROUNDS; round++) {
                limitFiles(round * limit);
                FrozenBatch batch = batch(sink.progress().cursor(), rows, random);
                SinkResult result = sink.write(batch);
                while (result instanceof SinkResult.Stored) {
                    batch = batch(sink.progress().cursor(), rows, random);
                    result = sink.write(batch);
                }
                for (int i = 0; i < 3; i++) {
                    result = sink.write(batch);
                }
                System.out.println("full: " + result.getClass().getSimpleName());
                check(warehouse, sink);
                limitFiles(UNLIMITED);
                System.out.println("room: " + sink.write(batch).getClass().getSimpleName());
                check(warehouse, sink);
            }
        }
    }

    private static void check(TestWarehouse warehouse, EventSink sink) {
        Object rows = warehouse.query("SELECT count(DISTINCT event_id) FROM events").only();
        System.out.println(
                "rows: "
                        + (rows instanceof Long count
                                && count == sink.progress().counts().stored()));
    }

    private static FrozenBatch batch(Cursor from, int rows, Random random) {
        Events.Builder events = Events.newBuilder();
        for (int i = 0; i < rows; i++) {
            events.addEvents(
                    Event.newBuilder()
                            .setId(from.position() + "-" + i + "-" + random.nextLong())
                            .setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(i)));
        }
        return TestBatches.of(CATALOG, "r")
                .from(from)
                .request(from.position(), events.build())
                .freeze();
    }

    /** The soft limit; the hard one stays, so that it can be lifted. See setrlimit(2). */
    @SuppressWarnings("restricted") // the only way to a limit that can be lifted again
    private static void limitFiles(long bytes) throws Throwable {
        Linker linker = Linker.nativeLinker();
        var setrlimit =
                linker.downcallHandle(
                        linker.defaultLookup().find("setrlimit").orElseThrow(),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limits = arena.allocateFrom(ValueLayout.JAVA_LONG, bytes, UNLIMITED);
            if ((int) setrlimit.invokeExact(RLIMIT_FSIZE, limits) != 0) {
                throw new IllegalStateException("setrlimit failed");
            }
        }
    }
}
