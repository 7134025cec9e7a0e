package dev.wirebrook.events.clickhouse;

import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.EventSinkContract;
import dev.wirebrook.events.Warehouse.Column;
import dev.wirebrook.events.Warehouse.QueryEnd;
import dev.wirebrook.events.Warehouse.QueryObserver;
import dev.wirebrook.schema.EventCatalog;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A warehouse in a database, and its answers in a handy form. */
final class TestStore implements EventSinkContract.Engine {
    static final String LOG = "log-of-this-test";
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    final ClickHouseWarehouse warehouse;

    /** What a query gave. */
    record Answer(QueryEnd end, List<Column> columns, List<List<@Nullable Object>> rows) {
        @Nullable Object only() {
            return rows.getFirst().getFirst();
        }
    }

    TestStore(EventCatalog catalog, URI url, String database) {
        this(catalog, ClickHouseSettings.of(url, database));
    }

    TestStore(EventCatalog catalog, ClickHouseSettings settings) {
        warehouse = new ClickHouseWarehouse(catalog, settings, LOG);
    }

    @Override
    public EventSink sink(String route) {
        return warehouse.sink(route);
    }

    Answer query(String sql) {
        return query(sql, Long.MAX_VALUE, TIMEOUT);
    }

    Answer query(String sql, long rowLimit, Duration timeout) {
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
                                return rows.add(values);
                            }
                        });
        return new Answer(end, columns, rows);
    }

    @Override
    public List<Map<String, @Nullable String>> rows(String table) {
        // Rows of the same id in the order of the log; the view does not know it.
        String order = table.equals("events") ? "event_id" : "event_id, `#position`";
        Answer answer = query("SELECT * FROM %s ORDER BY %s".formatted(Sql.name(table), order));
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
