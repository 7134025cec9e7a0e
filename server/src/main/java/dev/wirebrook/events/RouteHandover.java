package dev.wirebrook.events;

import dev.wirebrook.events.RouteRecord.Route;
import dev.wirebrook.events.RouteRecord.TypeStart;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The passage from the routes that a log was used with to those that are configured now: for each
 * event type the place up to which its former route has settled it, which is where its new route
 * begins.
 *
 * <p>A route keeps its cursor, and so its progress and counts, if nothing that it takes has to be
 * read from before that cursor. Otherwise it gets a new one, and the former one never moves again.
 * Nothing takes effect before the result is durable; until then the same result comes out again.
 */
public final class RouteHandover {
    /** Reads what sinks have committed. */
    @FunctionalInterface
    public interface Progress {
        /**
         * @throws UncheckedIOException when the sink cannot be asked
         */
        SinkProgress of(String sink, String cursorName);
    }

    /** A sink has to be asked where a type is stored up to, and does not answer. */
    public static final class UnknownProgressException extends Exception {
        private static final long serialVersionUID = 1;

        private UnknownProgressException(String message, UncheckedIOException cause) {
            super(message, cause);
        }
    }

    private final RouteRecord former;
    private final Progress progress;
    private final Supplier<String> suffixes;
    private final Map<Route, SinkProgress> asked = new HashMap<>();
    private final Set<Route> claimed = new HashSet<>();

    private RouteHandover(RouteRecord former, Progress progress, Supplier<String> suffixes) {
        this.former = former;
        this.progress = progress;
        this.suffixes = suffixes;
    }

    /**
     * The record of a log whose events no route has settled yet.
     *
     * @param from where the log begins
     */
    public static RouteRecord first(List<RouteSpec> routes, EventCatalog catalog, Cursor from) {
        List<Route> first = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            RouteSpec route = routes.get(i);
            SortedMap<Integer, TypeStart> types = new TreeMap<>();
            namesOf(i, routes, catalog)
                    .forEach((number, name) -> types.put(number, new TypeStart(name, from)));
            first.add(new Route(route.name(), route.sink(), route.name(), types));
        }
        return new RouteRecord(first, SettledCounts.ZERO, new TreeMap<>());
    }

    /**
     * The record of the routes that are configured now. Equal to the former one when nothing has
     * changed; no sink is asked then.
     *
     * @param suffixes make cursor names unique
     * @throws UnknownProgressException when a sink does not say up to where it has stored a type
     *     that has moved
     */
    public static RouteRecord next(
            RouteRecord former,
            List<RouteSpec> routes,
            EventCatalog catalog,
            Progress progress,
            Supplier<String> suffixes)
            throws UnknownProgressException {
        return new RouteHandover(former, progress, suffixes).next(routes, catalog);
    }

    private RouteRecord next(List<RouteSpec> routes, EventCatalog catalog)
            throws UnknownProgressException {
        List<SortedMap<Integer, String>> names = new ArrayList<>();
        Set<Integer> known = new HashSet<>();
        for (int i = 0; i < routes.size(); i++) {
            SortedMap<Integer, String> own = namesOf(i, routes, catalog);
            names.add(own);
            known.addAll(own.keySet());
        }
        addGoneTypes(known, names.get(RouteSpec.routeOfOthers(routes)));
        List<@Nullable Route> kept = claim(routes, names);
        List<Route> next = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            next.add(route(routes.get(i), names.get(i), kept.get(i)));
        }
        SettledCounts retired = former.retired();
        for (Route route : former.routes()) {
            if (!claimed.contains(route)) {
                retired = retired.plus(ask(route).counts());
            }
        }
        return new RouteRecord(next, retired, former.unverified());
    }

    /** Types that were there before are unknown ones now, which may come back. */
    private void addGoneTypes(Set<Integer> known, SortedMap<Integer, String> others) {
        for (Route route : former.routes()) {
            route.types()
                    .forEach((number, type) -> {
                        if (!known.contains(number)) {
                            others.put(number, type.name());
                        }
                    });
        }
    }

    /** For each route the former one whose cursor it goes on with, or null. */
    private List<@Nullable Route> claim(
            List<RouteSpec> routes, List<SortedMap<Integer, String>> names)
            throws UnknownProgressException {
        List<@Nullable Route> kept = new ArrayList<>();
        routes.forEach(_ -> kept.add(null));
        for (boolean sameName : List.of(true, false)) {
            for (boolean allOfOne : List.of(true, false)) {
                for (int i = 0; i < routes.size(); i++) {
                    if (kept.get(i) == null) {
                        kept.set(i, claimed(routes.get(i), names.get(i), sameName, allOfOne));
                    }
                }
            }
        }
        return kept;
    }

    private @Nullable Route claimed(
            RouteSpec route, SortedMap<Integer, String> names, boolean sameName, boolean allOfOne)
            throws UnknownProgressException {
        for (Route candidate : owners(names.keySet())) {
            if (!claimed.contains(candidate)
                    && candidate.sink().equals(route.sink())
                    && (!sameName || candidate.name().equals(route.name()))
                    && (allOfOne
                            ? owners(names.keySet()).equals(Set.of(candidate))
                            : allBehind(names.keySet(), candidate))) {
                claimed.add(candidate);
                return candidate;
            }
        }
        return null;
    }

    private Set<Route> owners(Set<Integer> numbers) {
        Set<Route> owners = new LinkedHashSet<>();
        numbers.forEach(number -> owners.add(former.owner(number)));
        return owners;
    }

    /** Whether nothing of the types has to be read from before the cursor. */
    private boolean allBehind(Set<Integer> numbers, Route candidate)
            throws UnknownProgressException {
        Cursor cursor = ask(candidate).cursor();
        for (int number : numbers) {
            if (!former.owner(number).equals(candidate) && settled(number).compareTo(cursor) < 0) {
                return false;
            }
        }
        return true;
    }

    private Route route(RouteSpec route, SortedMap<Integer, String> names, @Nullable Route kept)
            throws UnknownProgressException {
        SortedMap<Integer, TypeStart> types = new TreeMap<>();
        for (Map.Entry<Integer, String> entry : names.entrySet()) {
            int number = entry.getKey();
            Cursor from = former.owner(number).equals(kept) ? former.from(number) : settled(number);
            types.put(number, new TypeStart(entry.getValue(), from));
        }
        String cursorName = kept == null ? route.name() + '@' + suffixes.get() : kept.cursorName();
        return new Route(route.name(), route.sink(), cursorName, types);
    }

    /** Everything of the type before this place is settled. */
    private Cursor settled(int number) throws UnknownProgressException {
        Cursor from = former.from(number);
        Cursor cursor = ask(former.owner(number)).cursor();
        return cursor.compareTo(from) < 0 ? from : cursor;
    }

    private SinkProgress ask(Route route) throws UnknownProgressException {
        SinkProgress known = asked.get(route);
        if (known == null) {
            try {
                known = progress.of(route.sink(), route.cursorName());
            } catch (UncheckedIOException e) {
                throw new UnknownProgressException(
                        "the sink of the former route %s (%s) does not answer: %s"
                                .formatted(route.name(), route.sink(), e.getMessage()),
                        e);
            }
            asked.put(route, known);
        }
        return known;
    }

    /** Numbers and names of what a route takes. */
    private static SortedMap<Integer, String> namesOf(
            int route, List<RouteSpec> routes, EventCatalog catalog) {
        int[] routeOfType = RouteSpec.routeOfType(routes, catalog);
        SortedMap<Integer, String> names = new TreeMap<>();
        for (EventType type : catalog.types()) {
            if (routeOfType[type.ordinal()] == route) {
                names.put(type.field().getNumber(), type.name());
            }
        }
        if (RouteSpec.routeOfOthers(routes) == route) {
            names.put(RouteRecord.OTHERS, "*");
        }
        return names;
    }
}
