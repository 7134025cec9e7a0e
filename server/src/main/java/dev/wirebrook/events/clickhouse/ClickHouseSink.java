package dev.wirebrook.events.clickhouse;

import com.google.gson.JsonArray;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.SettledCounts;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.RowFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A route's sink into ClickHouse: each batch is one synchronous insert for each event type at hand,
 * and one of the route's progress behind them.
 *
 * <p>The engine has no transaction over tables, so after a failure, or a crash of either side, some
 * of a batch's rows may be there and their cursor not. Each row carries its place in the log.
 * Before it writes again, the sink waits until the server is at work on none of its inserts, asks
 * for the last place that has a row, and leaves out of every batch up to there the rows that it
 * finds. So each row is stored once, however the log is cut into batches the second time. Tokens
 * absorb an insert that comes twice all the same, such as one that the network held back; since a
 * killed server may know a token whose rows it has lost, what was written after a failure is looked
 * for once more.
 */
final class ClickHouseSink implements EventSink {
    private static final int ROUNDS_MAX = 3;
    private static final List<String> PROGRESS_COLUMNS =
            List.of(
                    "route",
                    "sequence",
                    "position",
                    "`index`",
                    "stored",
                    "duplicate",
                    "quarantined",
                    "dead_lettered");

    // immutable state
    private final String route;
    private final ClickHouseDatabase database;
    private final BatchEncoder encoder;
    private final String comment;

    // mutable state, guarded by this
    private boolean ready;
    private boolean closed;
    /** Also at the start, for nobody knows what was before it. */
    private boolean afterFailure = true;

    private Cursor lastStored = Cursor.START;
    private long sequence;

    // written under the lock, read by any thread
    private volatile @Nullable SinkProgress progress;

    ClickHouseSink(String route, ClickHouseDatabase database) {
        this.route = route;
        this.database = database;
        encoder = new BatchEncoder(database.catalog());
        comment = "wirebrook " + database.name() + " route " + route;
    }

    /**
     * {@inheritDoc}
     *
     * @throws UncheckedIOException while the server has not yet said; the next call asks again
     */
    @Override
    public SinkProgress progress() {
        SinkProgress known = progress;
        return known == null ? askedProgress() : known;
    }

    private synchronized SinkProgress askedProgress() {
        try {
            return recovered();
        } catch (ClickHouseFault e) {
            throw new UncheckedIOException(
                    new IOException("the warehouse does not open: " + e.reason(), e));
        }
    }

    @Override
    public synchronized SinkResult write(FrozenBatch batch) {
        try {
            SinkProgress before = recovered();
            if (batch.to().compareTo(before.cursor()) <= 0) {
                return new SinkResult.Stored();
            }
            if (batch.from().compareTo(before.cursor()) < 0) {
                throw new IllegalArgumentException(
                        "batch %s to %s begins before what is committed: %s"
                                .formatted(batch.from(), batch.to(), before.cursor()));
            }
            insertRows(batch);
            commit(batch, before);
            afterFailure = false;
            return new SinkResult.Stored();
        } catch (RowFormatException e) {
            return new SinkResult.Permanent(String.valueOf(e.getMessage()));
        } catch (ClickHouseFault e) {
            ready = false;
            afterFailure = true;
            database.doubt();
            return e.isCausedByData()
                    ? new SinkResult.Permanent(e.reason())
                    : new SinkResult.Transient(e.reason());
        }
    }

    /** As a rule one round, without a look at what is stored. */
    private void insertRows(FrozenBatch batch) throws ClickHouseFault {
        boolean doubtful = afterFailure || batch.from().compareTo(lastStored) <= 0;
        for (int round = 0; ; round++) {
            encoder.begin(batch, doubtful ? stored(batch) : Set.of());
            if (encoder.size() == 0) {
                return;
            }
            if (round == ROUNDS_MAX) {
                throw new ClickHouseFault(
                        0, "rows are not there that the server has taken, or had before", null);
            }
            for (EventType type : database.catalog().events().types()) {
                if (encoder.size(type) > 0) {
                    insert(batch, type, round);
                }
            }
            if (!afterFailure) {
                return;
            }
        }
    }

    private void insert(FrozenBatch batch, EventType type, int round)
            throws ClickHouseFault {
        StoreTable table = database.tables().get(type.ordinal());
        database.client()
                .insert(
                        table.qualifiedName(database.name()),
                        table.insertColumns(),
                        token(batch) + ' ' + table.name() + ' ' + round,
                        comment,
                        out -> {
                            encoder.write(batch, type, table, out);
                            out.close();
                        });
    }

    private static String token(FrozenBatch batch) {
        return "%s %d.%d %d.%d"
                .formatted(
                        batch.route(),
                        batch.from().position(),
                        batch.from().index(),
                        batch.to().position(),
                        batch.to().index());
    }

    /** The route's progress goes in last: with it, and not before, the batch is settled. */
    private void commit(FrozenBatch batch, SinkProgress before) throws ClickHouseFault {
        SinkProgress next = new SinkProgress(batch.to(), before.counts().plus(batch.counts()));
        SettledCounts counts = next.counts();
        byte[] name = route.getBytes(StandardCharsets.UTF_8);
        database.client()
                .insert(
                        Sql.name(database.name(), StoreSchema.PROGRESS),
                        PROGRESS_COLUMNS,
                        token(batch) + ' ' + (sequence + 1),
                        comment,
                        out -> {
                            RowBinaryOutput row = new RowBinaryOutput(out);
                            row.putText(name, 0, name.length);
                            row.putLong(sequence + 1);
                            row.putLong(next.cursor().position());
                            row.putInt(next.cursor().index());
                            row.putLong(counts.stored());
                            row.putLong(counts.duplicate());
                            row.putLong(counts.quarantined());
                            row.putLong(counts.deadLettered());
                            row.flush();
                            out.close();
                        });
        sequence++;
        progress = next;
    }

    /** Takes up from the server what is committed, and how far rows reach beyond it. */
    private SinkProgress recovered() throws ClickHouseFault {
        if (closed) {
            throw new IllegalStateException("the sink of route " + route + " is closed");
        }
        SinkProgress known = progress;
        if (ready && known != null) {
            return known;
        }
        List<StoreTable> tables = database.tables();
        if (database.client().isRunning(comment)) {
            throw new ClickHouseFault(
                    0, "the server is still at work on an insert that was given up", null);
        }
        SinkProgress read = readProgress();
        lastStored = readLastStored(tables, read.cursor());
        progress = read;
        ready = true;
        if (known != null && read.cursor().compareTo(known.cursor()) < 0) {
            throw new IllegalStateException(
                    "the server has lost what it had committed: %s, and now %s"
                            .formatted(known.cursor(), read.cursor()));
        }
        return read;
    }

    private SinkProgress readProgress() throws ClickHouseFault {
        List<JsonArray> rows =
                database.client()
                        .rows(
                                "SELECT "
                                        + String.join(", ", PROGRESS_COLUMNS)
                                        + " FROM "
                                        + Sql.name(database.name(), StoreSchema.PROGRESS)
                                        + " WHERE route = "
                                        + Sql.literal(route)
                                        + " ORDER BY sequence DESC LIMIT 1");
        if (rows.isEmpty()) {
            sequence = 0;
            return SinkProgress.NONE;
        }
        JsonArray row = rows.getFirst();
        sequence = row.get(1).getAsLong();
        return new SinkProgress(
                new Cursor(row.get(2).getAsLong(), row.get(3).getAsInt()),
                new SettledCounts(
                        row.get(4).getAsLong(),
                        row.get(5).getAsLong(),
                        row.get(6).getAsLong(),
                        row.get(7).getAsLong()));
    }

    private Cursor readLastStored(List<StoreTable> tables, Cursor from) throws ClickHouseFault {
        String places = places(tables, "`#position` >= " + from.position());
        JsonArray last =
                database.client()
                        .rows("SELECT max((position, place)) FROM (" + places + ')')
                        .getFirst()
                        .get(0)
                        .getAsJsonArray();
        return new Cursor(last.get(0).getAsLong(), last.get(1).getAsInt());
    }

    /** Which rows of the batch's stretch are there already, by their places in the log. */
    private Set<Cursor> stored(FrozenBatch batch) throws ClickHouseFault {
        BitSet types = new BitSet();
        for (int row = 0; row < batch.size(); row++) {
            types.set(batch.type(row).ordinal());
        }
        if (types.isEmpty()) {
            return Set.of();
        }
        List<StoreTable> tables = types.stream().mapToObj(database.tables()::get).toList();
        Set<Cursor> places = new HashSet<>();
        String stretch =
                "`#position` BETWEEN %d AND %d"
                        .formatted(batch.from().position(), batch.to().position());
        for (JsonArray row : database.client().rows(places(tables, stretch))) {
            places.add(new Cursor(row.get(0).getAsLong(), row.get(1).getAsInt()));
        }
        return places;
    }

    private String places(List<StoreTable> tables, String condition) {
        return tables.stream()
                .map(table ->
                        "SELECT `#position` AS position, `#index` AS place FROM "
                                + table.qualifiedName(database.name())
                                + " WHERE "
                                + condition)
                .collect(Collectors.joining(" UNION ALL "));
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Idempotent. Waits for a write under way. */
    @Override
    public synchronized void close() {
        closed = true;
    }
}
