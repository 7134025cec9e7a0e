package dev.wirebrook.market.history;

import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.market.TickType;
import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;

/**
 * The names that candles are asked for by. A user's header may have taken a field's plain name.
 * They are made of letters, digits and underscores, and need no quotes.
 */
record TickColumns(
        String table,
        String symbolId,
        String ltp,
        String volume,
        String traded,
        String micros,
        String sequence) {
    static TickColumns of(EventCatalog catalog) {
        EventType type = TickType.of(catalog);
        ColumnCatalog columns = ColumnCatalog.of(catalog);
        return new TickColumns(
                type.table(),
                name(columns, type, MarketTick.SYMBOL_ID_FIELD_NUMBER),
                name(columns, type, MarketTick.LTP_FIELD_NUMBER),
                name(columns, type, MarketTick.VOLUME_FIELD_NUMBER),
                name(columns, type, MarketTick.TRADED_FIELD_NUMBER),
                name(columns, type, MarketTick.EXCHANGE_TIME_MICROS_FIELD_NUMBER),
                name(columns, type, MarketTick.SEQUENCE_FIELD_NUMBER));
    }

    private static String name(ColumnCatalog columns, EventType type, int number) {
        FieldDescriptor field = type.field().getMessageType().findFieldByNumber(number);
        return columns.own(type).stream()
                .filter(column -> column.field() == field)
                .map(Column::name)
                .findFirst()
                .orElseThrow();
    }
}
