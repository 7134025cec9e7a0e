package dev.wirebrook.events;

import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.time.Duration;
import java.util.List;

/**
 * Which events go to which sink, and when: a batch is written when it has {@code rowsMax} rows or
 * {@code bytesMax} bytes, or when its first event has waited for {@code interval}.
 *
 * @param types names of event types; {@code *} stands for all that no other route names, and for
 *     those that the catalogue does not know
 * @param sink name of the sink
 * @param partitions ways side by side, each with a batch and a window of ids of its own; an event's
 *     client and id decide which one it goes
 */
public record RouteSpec(
        String name,
        List<String> types,
        String sink,
        int rowsMax,
        long bytesMax,
        Duration interval,
        int partitions) {
    private static final String ALL_OTHERS = "*";

    /** A route that is not partitioned. */
    public RouteSpec(
            String name,
            List<String> types,
            String sink,
            int rowsMax,
            long bytesMax,
            Duration interval) {
        this(name, types, sink, rowsMax, bytesMax, interval, 1);
    }

    public RouteSpec {
        types = List.copyOf(types);
        if (types.isEmpty() || rowsMax < 1 || bytesMax < 1 || interval.isNegative()) {
            throw new IllegalArgumentException(
                    "route " + name + " takes nothing or has a bound below its least");
        }
        if (partitions < 1 || partitions > EventPartition.PARTITIONS_MAX) {
            throw new IllegalArgumentException(
                    "route %s has %d partitions; expected 1 to %d"
                            .formatted(name, partitions, EventPartition.PARTITIONS_MAX));
        }
    }

    /**
     * For each type of the catalogue the index of its route.
     *
     * @throws IllegalArgumentException when a type has no route or two, or a name is no type's
     */
    static int[] routeOfType(List<RouteSpec> routes, EventCatalog catalog) {
        for (RouteSpec route : routes) {
            for (String name : route.types()) {
                if (!name.equals(ALL_OTHERS) && catalog.typeNamed(name).isEmpty()) {
                    throw new IllegalArgumentException(
                            "route %s: \"%s\" is no event type of the catalogue"
                                    .formatted(route.name(), name));
                }
            }
        }
        int others = routeOfOthers(routes);
        int[] routeOfType = new int[catalog.types().size()];
        for (EventType type : catalog.types()) {
            int named = only(routes, type.name());
            routeOfType[type.ordinal()] = named < 0 ? others : named;
        }
        return routeOfType;
    }

    /**
     * The types whose events end in a sink.
     *
     * @throws IllegalArgumentException when a type has no route or two, or a name is no type's
     */
    public static List<EventType> typesOf(
            String sink, List<RouteSpec> routes, EventCatalog catalog) {
        int[] routeOfType = routeOfType(routes, catalog);
        return catalog.types().stream()
                .filter(type -> routes.get(routeOfType[type.ordinal()]).sink().equals(sink))
                .toList();
    }

    /** Index of the route with {@code *}. */
    static int routeOfOthers(List<RouteSpec> routes) {
        int others = only(routes, ALL_OTHERS);
        if (others < 0) {
            throw new IllegalArgumentException(
                    "no route takes the types that are not named; add types: [\"*\"] to one");
        }
        return others;
    }

    private static int only(List<RouteSpec> routes, String name) {
        int found = -1;
        for (int i = 0; i < routes.size(); i++) {
            if (routes.get(i).types().contains(name)) {
                if (found >= 0) {
                    throw new IllegalArgumentException(
                            "\"%s\" is in the routes %s and %s; an event goes one way"
                                    .formatted(
                                            name, routes.get(found).name(), routes.get(i).name()));
                }
                found = i;
            }
        }
        return found;
    }
}
