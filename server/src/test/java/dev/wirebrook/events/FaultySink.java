package dev.wirebrook.events;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real sink with faults in front of it. Each count falls by one with each fault, and ends at -1.
 */
public final class FaultySink implements EventSink {
    /** What shall go wrong. */
    public static final class Plan {
        /** The sink does not answer. */
        public final AtomicInteger transientFailures = new AtomicInteger(-1);

        /** The sink commits, and its answer is lost. */
        public final AtomicInteger commitThenFail = new AtomicInteger(-1);

        /** The sink throws. */
        public final AtomicInteger unforeseen = new AtomicInteger(-1);

        /** The sink refuses any batch with an event that has such an id. */
        public final Set<String> poisonIds = ConcurrentHashMap.newKeySet();

        /** Calls of {@link EventSink#write}. */
        public final AtomicInteger writes = new AtomicInteger();

        private static boolean strikes(AtomicInteger count) {
            return count.get() >= 0 && count.getAndDecrement() > 0;
        }
    }

    private static final int ID_TAG = 4 << 3 | 2;

    private final EventSink sink;
    private final Plan plan;

    FaultySink(EventSink sink, Plan plan) {
        this.sink = sink;
        this.plan = plan;
    }

    @Override
    public SinkProgress progress() {
        return sink.progress();
    }

    @Override
    public SinkResult write(FrozenBatch batch) {
        plan.writes.incrementAndGet();
        if (Plan.strikes(plan.transientFailures)) {
            return new SinkResult.Transient("does not answer");
        }
        if (Plan.strikes(plan.unforeseen)) {
            throw new IllegalStateException("unforeseen");
        }
        for (int row = 0; row < batch.size(); row++) {
            byte[] bytes = batch.requests().get(batch.request(row)).bytes();
            String event =
                    new String(
                            bytes,
                            batch.start(row),
                            batch.end(row) - batch.start(row),
                            StandardCharsets.ISO_8859_1);
            // The id is the event's first field, if it has one: its tag, its length, its text.
            int length = event.charAt(0) == ID_TAG ? event.charAt(1) : 0;
            if (plan.poisonIds.contains(length == 0 ? "" : event.substring(2, 2 + length))) {
                return new SinkResult.Permanent("poison");
            }
        }
        SinkResult result = sink.write(batch);
        if (Plan.strikes(plan.commitThenFail)) {
            return new SinkResult.Transient("the answer is lost");
        }
        return result;
    }

    @Override
    public Map<Integer, String> misfits(FrozenBatch batch) {
        return sink.misfits(batch);
    }

    @Override
    public void recentIds(long idsMax, long sinceMicros, IdVisitor visitor) {
        sink.recentIds(idsMax, sinceMicros, visitor);
    }

    @Override
    public void close() {
        sink.close();
    }

    /** A warehouse whose sinks are faulty. */
    record FaultyWarehouse(Warehouse warehouse, Plan plan) implements Warehouse {
        @Override
        public EventSink sink(String route) {
            return new FaultySink(warehouse.sink(route), plan);
        }

        @Override
        public Map<String, SinkProgress> committed() {
            return warehouse.committed();
        }

        @Override
        public QueryEnd query(String sql, long rowLimit, Duration timeout, QueryObserver observer) {
            return warehouse.query(sql, rowLimit, timeout, observer);
        }

        @Override
        public void close() {
            warehouse.close();
        }
    }
}
