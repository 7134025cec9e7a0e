package dev.wirebrook.events;

import dev.wirebrook.events.RouteRecord.TypeStart;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.ScannedBatch;
import dev.wirebrook.schema.UnknownTypes;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * Where a route's part of each event type begins: earlier events were settled by the route that
 * took the type before. Immutable and thread-safe.
 */
final class TypeStarts {
    static final TypeStarts NONE =
            new TypeStarts(new Cursor[0], Cursor.START, Map.of(), Cursor.START, Cursor.START);

    /** Of the catalogue's types; empty where every type begins at the start of the log. */
    private final Cursor[] byOrdinal;

    private final Cursor others;

    /** Of types that the catalogue no longer has, by number. */
    private final Map<Integer, Cursor> gone;

    private final Cursor first;
    private final Cursor last;

    private TypeStarts(
            Cursor[] byOrdinal,
            Cursor others,
            Map<Integer, Cursor> gone,
            Cursor first,
            Cursor last) {
        this.byOrdinal = byOrdinal;
        this.others = others;
        this.gone = Map.copyOf(gone);
        this.first = first;
        this.last = last;
    }

    static TypeStarts of(SortedMap<Integer, TypeStart> types, EventCatalog catalog) {
        Cursor[] byOrdinal = new Cursor[catalog.types().size()];
        Arrays.fill(byOrdinal, Cursor.START);
        Map<Integer, Cursor> gone = new HashMap<>();
        types.forEach((number, type) -> gone.put(number, type.from()));
        for (EventType type : catalog.types()) {
            Cursor from = gone.remove(type.field().getNumber());
            if (from != null) {
                byOrdinal[type.ordinal()] = from;
            }
        }
        Cursor others = gone.remove(RouteRecord.OTHERS);
        Cursor first = Collections.min(types.values().stream().map(TypeStart::from).toList());
        Cursor last = Collections.max(types.values().stream().map(TypeStart::from).toList());
        return new TypeStarts(byOrdinal, others == null ? first : others, gone, first, last);
    }

    /** Before this place there is nothing for the route. */
    Cursor first() {
        return first;
    }

    /** From this place on every event is the route's. */
    Cursor last() {
        return last;
    }

    /** Whether an event of a route's type was settled by another route before. */
    boolean isSettled(ScannedBatch scanned, int event, long position) {
        if (position > last.position()) {
            return false;
        }
        Cursor from = from(scanned, event);
        return position < from.position() || (position == from.position() && event < from.index());
    }

    private Cursor from(ScannedBatch scanned, int event) {
        int ordinal = scanned.typeOrdinal(event);
        if (ordinal >= 0) {
            return byOrdinal.length == 0 ? Cursor.START : byOrdinal[ordinal];
        }
        if (gone.isEmpty()) {
            return others;
        }
        int number =
                UnknownTypes.number(
                        scanned.bytes(), scanned.start(event), scanned.end(event), gone.keySet());
        return gone.getOrDefault(number, others);
    }
}
