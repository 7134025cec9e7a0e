package dev.wirebrook.events.clickhouse;

import com.google.gson.JsonArray;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.RowInspector;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.RowFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /**
     * The server will not take these rows. The same answer to any other statement says nothing
     * about the rows.
     */
    private static final class RefusedRowsException extends Exception {
        private static final long serialVersionUID = 1;

        private final transient ClickHouseFault fault;

        RefusedRowsException(ClickHouseFault fault) {
            super(fault);
            this.fault = fault;
        }
    }

    // immutable state
    private final String route;
    private final String source;
    private final ClickHouseDatabase database;
    private final StoredPlaces places;
    private final BatchEncoder encoder;
    private final RowInspector inspector;
    private final String comment;

    // mutable state, guarded by this
    private @Nullable ProgressRow committed;
    private boolean closed;

    /** Also at the start, for nobody knows what was before it. */
    private boolean afterFailure = true;

    private Cursor lastStored = Cursor.START;

    // written under the lock, read by any thread
    private volatile @Nullable SinkProgress progress;

    /**
     * @param log identity of the log that the route reads
     */
    ClickHouseSink(String log, String route, ClickHouseDatabase database) {
        this.route = route;
        this.database = database;
        source = log + '/' + route;
        places = new StoredPlaces(database, log, route);
        encoder = new BatchEncoder(database.catalog());
        inspector = new RowInspector(database.catalog(), BatchEncoder.LIMITS);
        comment = comment(database, source);
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
            return recovered().progress();
        } catch (ClickHouseFault e) {
            String reason = "the warehouse does not open: " + e.advice();
            throw new UncheckedIOException(reason, new IOException(e));
        }
    }

    @Override
    public synchronized SinkResult write(FrozenBatch batch) {
        try {
            ProgressRow before = recovered();
            Cursor cursor = before.progress().cursor();
            if (batch.to().compareTo(cursor) <= 0) {
                return new SinkResult.Stored();
            }
            if (batch.from().compareTo(cursor) < 0) {
                throw new IllegalArgumentException(
                        "batch %s to %s begins before what is committed: %s"
                                .formatted(batch.from(), batch.to(), cursor));
            }
            insertRows(batch);
            commit(batch, before.next(batch.to(), batch.counts()));
            afterFailure = false;
            return new SinkResult.Stored();
        } catch (RowFormatException e) {
            return new SinkResult.Permanent(String.valueOf(e.getMessage()));
        } catch (RefusedRowsException e) {
            return refused(e);
        } catch (ClickHouseFault e) {
            doubt();
            return new SinkResult.Transient(e.advice());
        }
    }

    @Override
    public Map<Integer, String> misfits(FrozenBatch batch) {
        return inspector.misfits(batch);
    }

    @Override
    public synchronized void recentIds(long idsMax, long sinceMicros, IdVisitor visitor) {
        String client =
                database.catalog()
                        .clientId()
                        .map(column -> "ifNull(" + Sql.name(column.name()) + ", '')")
                        .orElse("''");
        String since = "fromUnixTimestamp64Micro(%d)".formatted(sinceMicros);
        try {
            String rows =
                    database.tables().stream()
                            .map(table ->
                                    ("SELECT %s AS client, event_id AS id,"
                                                    + " toUnixTimestamp64Micro(ingest_time) AS ingested"
                                                    + " FROM %s WHERE event_id != '' AND ingest_time >= %s")
                                            .formatted(
                                                    client,
                                                    table.qualifiedName(database.name()),
                                                    since))
                            .collect(Collectors.joining(" UNION ALL "));
            database.client()
                    .forEach(
                            "SELECT client, id, ingested FROM (SELECT * FROM (%s) ORDER BY ingested DESC LIMIT %d) ORDER BY ingested"
                                    .formatted(rows, idsMax),
                            row ->
                                    visitor.id(
                                            row.get(0).getAsString(),
                                            row.get(1).getAsString(),
                                            row.get(2).getAsLong()));
        } catch (ClickHouseFault e) {
            throw new UncheckedIOException(
                    "the warehouse does not say what it stored lately: " + e.advice(),
                    new IOException(e));
        }
    }

    /** Permanent, unless the tables have changed since they were looked at: then they may fit. */
    private SinkResult refused(RefusedRowsException refusal) {
        try {
            List<StoreTable> before = database.tables();
            doubt();
            return database.tables().equals(before)
                    ? new SinkResult.Permanent(refusal.fault.reason())
                    : new SinkResult.Transient(refusal.fault.reason());
        } catch (ClickHouseFault e) {
            return new SinkResult.Transient(e.advice());
        }
    }

    /** Nobody knows what of the last batch is there. */
    private void doubt() {
        committed = null;
        afterFailure = true;
        database.doubt();
    }

    /** As a rule one round, without a look at what is stored. */
    private void insertRows(FrozenBatch batch) throws ClickHouseFault, RefusedRowsException {
        boolean doubtful = afterFailure || batch.from().compareTo(lastStored) <= 0;
        for (int round = 0; ; round++) {
            encoder.begin(batch, doubtful ? places.within(batch) : Set.of());
            if (encoder.size() == 0) {
                return;
            }
            if (round == ROUNDS_MAX) {
                throw ClickHouseFault.passing(
                        "rows are not there that the server has taken, or had before");
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
            throws ClickHouseFault, RefusedRowsException {
        StoreTable table = database.tables().get(type.ordinal());
        try {
            database.client()
                    .insert(
                            table.qualifiedName(database.name()),
                            table.insertColumns(),
                            token(batch) + ' ' + round,
                            comment,
                            out -> {
                                encoder.write(batch, type, table, source, out);
                                out.close();
                            });
        } catch (ClickHouseFault e) {
            if (e.isCausedByData()) {
                throw new RefusedRowsException(e);
            }
            throw e;
        }
    }

    /** The batch's name. With the table that it is used for, it is an insert's. */
    private String token(FrozenBatch batch) {
        return source + ' ' + batch.from() + ' ' + batch.to();
    }

    /** The route's progress goes in last: with it, and not before, the batch is settled. */
    private void commit(FrozenBatch batch, ProgressRow next) throws ClickHouseFault {
        database.client()
                .insert(
                        Sql.name(database.name(), StoreSchema.PROGRESS),
                        ProgressRow.COLUMNS,
                        token(batch) + ' ' + next.sequence(),
                        comment,
                        out -> {
                            next.write(new RowBinaryOutput(out));
                            out.close();
                        });
        committed = next;
        progress = next.progress();
    }

    private static String comment(ClickHouseDatabase database, String source) {
        return "wirebrook " + database.name() + ' ' + source;
    }

    /** What the server knows of a log, by cursor name. */
    static Map<String, SinkProgress> committed(String log, ClickHouseDatabase database)
            throws ClickHouseFault {
        database.tables();
        Map<String, SinkProgress> committed = new HashMap<>();
        String table = Sql.name(database.name(), StoreSchema.PROGRESS);
        String prefix = log + '/';
        for (JsonArray row : database.client().rows(ProgressRow.queryAll(table, prefix))) {
            String source = row.get(0).getAsString();
            requireQuiet(database, comment(database, source));
            committed.put(
                    source.substring(prefix.length()),
                    ProgressRow.read(
                                    source,
                                    database.client()
                                            .rows(ProgressRow.query(table, source))
                                            .getFirst())
                            .progress());
        }
        return committed;
    }

    private static void requireQuiet(ClickHouseDatabase database, String comment)
            throws ClickHouseFault {
        if (database.client().isRunning(comment)) {
            throw ClickHouseFault.passing(
                    "the server is still at work on an insert that was given up");
        }
    }

    /** Takes up from the server what is committed, and how far rows reach beyond it. */
    private ProgressRow recovered() throws ClickHouseFault {
        if (closed) {
            throw new IllegalStateException("the sink of route " + route + " is closed");
        }
        ProgressRow known = committed;
        if (known != null) {
            return known;
        }
        database.tables();
        requireQuiet(database, comment);
        String table = Sql.name(database.name(), StoreSchema.PROGRESS);
        ProgressRow read =
                ProgressRow.read(
                        source,
                        database.client().rows(ProgressRow.query(table, source)).getFirst());
        SinkProgress before = progress;
        lastStored = places.lastSince(read.progress().cursor());
        committed = read;
        progress = read.progress();
        if (before != null && read.progress().cursor().compareTo(before.cursor()) < 0) {
            // The route then begins again at what is there, for as long as the log goes back.
            throw new IllegalStateException(
                    "the server has lost what it had committed: %s, and now %s"
                            .formatted(before.cursor(), read.progress().cursor()));
        }
        return read;
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
