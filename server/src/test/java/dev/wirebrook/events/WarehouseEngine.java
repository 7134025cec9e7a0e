package dev.wirebrook.events;

import dev.wirebrook.events.Warehouse.Column;
import dev.wirebrook.events.Warehouse.QueryEnd;
import dev.wirebrook.events.Warehouse.QueryObserver;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A warehouse under test, and its answers in a handy form. */
public abstract class WarehouseEngine implements EventSinkContract.Engine {
    public static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Warehouse warehouse;

    /** What a query gave. */
    public record Answer(QueryEnd end, List<Column> columns, List<List<@Nullable Object>> rows) {
        public @Nullable Object only() {
            return rows.getFirst().getFirst();
        }
    }

    protected WarehouseEngine(Warehouse warehouse) {
        this.warehouse = warehouse;
    }

    /** A query for all columns of a table, ordered by event id. */
    protected abstract String all(String table);

    @Override
    public EventSink sink(String route) {
        return warehouse.sink(route);
    }

    public Answer query(String sql) {
        return query(sql, Long.MAX_VALUE, TIMEOUT);
    }

    public Answer query(String sql, long rowLimit, Duration timeout) {
        List<Column> columns = new ArrayList<>();
        List<List<@Nullable Object>> rows = new ArrayList<>();
        QueryEnd end =
                warehouse.query(
                        sql,
                        rowLimit,
                        timeout,
                        new QueryObserver() {
                            @Override
                            public void columns(List<Column> found) {
                                columns.addAll(found);
                            }

                            @Override
                            public boolean row(List<@Nullable Object> values) {
                                return rows.add(narrowed(values));
                            }
                        });
        return new Answer(end, columns, rows);
    }

    /** Wide integers as Long where they fit, which is what tests compare with. */
    private static List<@Nullable Object> narrowed(List<@Nullable Object> values) {
        List<@Nullable Object> narrowed = new ArrayList<>(values);
        narrowed.replaceAll(value ->
                value instanceof BigInteger wide && wide.bitLength() < Long.SIZE
                        ? (Object) wide.longValue()
                        : value);
        return narrowed;
    }

    @Override
    public List<Map<String, @Nullable String>> rows(String table) {
        Answer answer = query(all(table));
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        for (List<@Nullable Object> values : answer.rows()) {
            Map<String, @Nullable String> row = new LinkedHashMap<>();
            for (int i = 0; i < values.size(); i++) {
                Object value = values.get(i);
                row.put(answer.columns().get(i).name(), value == null ? null : value.toString());
            }
            rows.add(row);
        }
        return rows;
    }

    @Override
    public void close() {
        warehouse.close();
    }
}
