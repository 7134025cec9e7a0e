package dev.wirebrook.bench.events;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.LoggedRequest;
import dev.wirebrook.events.SettledCounts;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.util.ArrayList;
import java.util.List;

/** Batches for a sink: the same AddToCart events each time, at places of their own in the log. */
final class CartBatches {
    private static final String ROUTE = "warehouse";
    private static final long FIRST_TIME_MICROS = 1_795_000_000_000_000L;

    private final EventCatalog catalog;
    private final int eventsPerRequest;
    private final List<byte[]> requests = new ArrayList<>();
    private final List<int[]> ranges = new ArrayList<>();
    private final EventType[] types;
    private long position;

    /**
     * @param types to spread the events over
     */
    CartBatches(int rows, int eventsPerRequest, int types) {
        catalog = Carts.catalog(types);
        this.eventsPerRequest = eventsPerRequest;
        this.types = new EventType[types];
        for (int i = 0; i < types; i++) {
            this.types[i] =
                    catalog.typeNamed(i == 0 ? "AddToCartEvent" : "Cart" + i + "Event")
                            .orElseThrow();
        }
        Carts carts = new Carts(1, eventsPerRequest, types);
        for (int i = 0; i < rows / eventsPerRequest; i++) {
            byte[] request = carts.request();
            requests.add(request);
            ranges.add(Carts.ranges(request, catalog.events().getNumber()));
        }
    }

    EventCatalog catalog() {
        return catalog;
    }

    String route() {
        return ROUTE;
    }

    FrozenBatch next(Cursor from) {
        List<LoggedRequest> logged = new ArrayList<>();
        position = Math.max(position, from.position());
        long time = FIRST_TIME_MICROS + position * 1_000;
        int header = catalog.header().getNumber();
        for (byte[] request : requests) {
            int[] at = Carts.ranges(request, header);
            logged.add(
                    new LoggedRequest(
                            position++,
                            "",
                            time,
                            request,
                            0,
                            request.length,
                            request,
                            at[0],
                            at[1]));
        }
        return new Batch(this, from, new Cursor(position, 0), logged, time);
    }

    private record Batch(
            CartBatches carts, Cursor from, Cursor to, List<LoggedRequest> requests, long time)
            implements FrozenBatch {
        @Override
        public String route() {
            return ROUTE;
        }

        @Override
        public SettledCounts counts() {
            return new SettledCounts(size(), 0, 0, 0);
        }

        @Override
        public int size() {
            return requests.size() * carts.eventsPerRequest;
        }

        @Override
        public int request(int row) {
            return row / carts.eventsPerRequest;
        }

        @Override
        public int index(int row) {
            return row % carts.eventsPerRequest;
        }

        @Override
        public EventType type(int row) {
            return carts.types[index(row) % carts.types.length];
        }

        @Override
        public int start(int row) {
            return carts.ranges.get(request(row))[2 * index(row)];
        }

        @Override
        public int end(int row) {
            return carts.ranges.get(request(row))[2 * index(row) + 1];
        }

        @Override
        public long eventTimeMicros(int row) {
            return time + row;
        }
    }
}
