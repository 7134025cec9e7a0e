package dev.wirebrook.events.duckdb;

import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.EventSinkContract;
import dev.wirebrook.events.Warehouse.Column;
import dev.wirebrook.events.Warehouse.QueryEnd;
import dev.wirebrook.events.Warehouse.QueryObserver;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** A warehouse in a folder, and its answers in a handy form. */
final class TestWarehouse implements EventSinkContract.Engine {
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    final DuckDbWarehouse warehouse;

    /** What a query gave. */
    record Answer(QueryEnd end, List<Column> columns, List<List<@Nullable Object>> rows) {
        @Nullable Object only() {
            return rows.getFirst().getFirst();
        }
    }

    TestWarehouse(EventCatalog catalog, Path folder) {
        this(catalog, DuckDbSettings.of(folder.resolve("warehouse.duckdb")));
    }

    TestWarehouse(EventCatalog catalog, DuckDbSettings settings) {
        warehouse = new DuckDbWarehouse(catalog, settings, timers);
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
        Answer answer = query("FROM \"" + table + "\" ORDER BY event_id");
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
        timers.shutdownNow();
    }
}
