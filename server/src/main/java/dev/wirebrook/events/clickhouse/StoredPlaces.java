package dev.wirebrook.events.clickhouse;

import com.google.gson.JsonArray;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.CursorNames;
import dev.wirebrook.events.FrozenBatch;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks which places of a log have their row already, whichever route's cursor they were stored
 * under: an event may have been stored by a route that no longer takes its type, in a batch that
 * route never committed. Used by one sink.
 */
final class StoredPlaces {
    private final ClickHouseDatabase database;
    private final String isOfLog;

    /**
     * @param log identity of the log
     */
    StoredPlaces(ClickHouseDatabase database, String log, String cursorName) {
        this.database = database;
        String sources = log + '/';
        isOfLog =
                CursorNames.isOfQueue(cursorName)
                        ? "`#source` = " + Sql.literal(sources + cursorName)
                        : "startsWith(`#source`, %s) AND NOT endsWith(`#source`, %s)"
                                .formatted(
                                        Sql.literal(sources), Sql.literal(CursorNames.ofQueue("")));
    }

    /** The last place with a row, or {@link Cursor#START} when there is none from a cursor on. */
    Cursor lastSince(Cursor from) throws ClickHouseFault {
        String rows = rows(database.tables(), "`#position` >= " + from.position());
        // Of no rows at all, the engine's maximum is a pair of zeros.
        JsonArray last =
                database.client()
                        .rows("SELECT max((position, place)) FROM (" + rows + ')')
                        .getFirst()
                        .get(0)
                        .getAsJsonArray();
        return cursor(last);
    }

    /** Those of the batch's stretch, of the types that are in the batch. */
    Set<Cursor> within(FrozenBatch batch) throws ClickHouseFault {
        BitSet types = new BitSet();
        for (int row = 0; row < batch.size(); row++) {
            types.set(batch.type(row).ordinal());
        }
        if (types.isEmpty()) {
            return Set.of();
        }
        List<StoreTable> tables = types.stream().mapToObj(database.tables()::get).toList();
        String stretch =
                "`#position` BETWEEN %d AND %d"
                        .formatted(batch.from().position(), batch.to().position());
        Set<Cursor> places = new HashSet<>();
        for (JsonArray row : database.client().rows(rows(tables, stretch))) {
            places.add(cursor(row));
        }
        return places;
    }

    private static Cursor cursor(JsonArray place) {
        return new Cursor(place.get(0).getAsLong(), place.get(1).getAsInt());
    }

    private String rows(List<StoreTable> tables, String stretch) {
        return tables.stream()
                .map(table ->
                        "SELECT `#position` AS position, `#index` AS place FROM %s WHERE %s AND %s"
                                .formatted(table.qualifiedName(database.name()), isOfLog, stretch))
                .collect(Collectors.joining(" UNION ALL "));
    }
}
