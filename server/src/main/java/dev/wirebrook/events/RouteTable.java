package dev.wirebrook.events;

import dev.wirebrook.schema.EventCatalog;
import java.util.List;

/**
 * Which route each event type belongs to, and the window that its ids are remembered in. Immutable.
 */
final class RouteTable {
    private final int[] routeOfType;
    private final int routeOfUnknown;
    private final List<IdempotencyWindow> windows;

    /**
     * @param windows one for each route, in the order of {@code routes}
     */
    RouteTable(List<RouteSpec> routes, EventCatalog catalog, List<IdempotencyWindow> windows) {
        routeOfType = RouteSpec.routeOfType(routes, catalog);
        this.windows = List.copyOf(windows);
        routeOfUnknown = RouteSpec.routeOfOthers(routes);
    }

    /**
     * @param typeOrdinal ordinal of a type, or below 0 for a type that the catalogue does not know
     */
    int route(int typeOrdinal) {
        return typeOrdinal < 0 ? routeOfUnknown : routeOfType[typeOrdinal];
    }

    IdempotencyWindow window(int typeOrdinal) {
        return windows.get(route(typeOrdinal));
    }
}
