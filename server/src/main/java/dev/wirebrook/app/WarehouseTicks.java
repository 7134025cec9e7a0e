package dev.wirebrook.app;

import dev.wirebrook.events.Warehouse;
import dev.wirebrook.market.history.TickTable;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The warehouse as market asks it. */
record WarehouseTicks(Warehouse warehouse) implements TickTable {
    @Override
    public void query(
            String sql, long rowsMax, Duration timeout, Consumer<List<@Nullable Object>> row) {
        var _ =
                warehouse.query(
                        sql,
                        rowsMax,
                        timeout,
                        new Warehouse.QueryObserver() {
                            @Override
                            public void columns(List<Warehouse.Column> columns) {}

                            @Override
                            public boolean row(List<@Nullable Object> values) {
                                row.accept(values);
                                return true;
                            }
                        });
    }
}
