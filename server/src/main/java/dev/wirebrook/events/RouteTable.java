package dev.wirebrook.events;

import dev.wirebrook.schema.EventCatalog;
import java.util.List;

/**
 * Which route each event type belongs to, and the window that its ids are remembered in. Immutable.
 */
final class RouteTable {
    private final int[] routeOfType;
    private final int routeOfUnknown;
    private final int[] partitions;
    private final int[] firstWindow;
    private final List<IdempotencyWindow> windows;

    /**
     * @param windows one for each partition of each route, in the order of {@code routes}
     */
    RouteTable(List<RouteSpec> routes, EventCatalog catalog, List<IdempotencyWindow> windows) {
        routeOfType = RouteSpec.routeOfType(routes, catalog);
        this.windows = List.copyOf(windows);
        routeOfUnknown = RouteSpec.routeOfOthers(routes);
        partitions = routes.stream().mapToInt(RouteSpec::partitions).toArray();
        firstWindow = new int[partitions.length];
        for (int route = 1; route < partitions.length; route++) {
            firstWindow[route] = firstWindow[route - 1] + partitions[route - 1];
        }
    }

    /**
     * @param typeOrdinal ordinal of a type, or below 0 for a type that the catalogue does not know
     */
    int route(int typeOrdinal) {
        return typeOrdinal < 0 ? routeOfUnknown : routeOfType[typeOrdinal];
    }

    /** How many partitions the route of a type has. */
    int partitions(int typeOrdinal) {
        return partitions[route(typeOrdinal)];
    }

    /** The window of a partition of the type's route. */
    IdempotencyWindow window(int typeOrdinal, int partition) {
        return windows.get(firstWindow[route(typeOrdinal)] + partition);
    }
}
