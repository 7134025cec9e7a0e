package dev.wirebrook.app;

import dev.wirebrook.market.history.CandleSql;
import dev.wirebrook.market.history.DuckDbCandles;
import dev.wirebrook.schema.EventCatalog;

class DuckDbCandlesIT extends CandlesContract {
    @Override
    CandleSql sql(EventCatalog extended) {
        return new DuckDbCandles(extended);
    }
}
