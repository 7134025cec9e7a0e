package dev.wirebrook.events;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The routes that a log was last used with: for each of them its sink, the name under which the
 * sink keeps its progress, and the event types it takes, each with the place in the log from which
 * on that is so.
 *
 * <p>An event of a type is settled if it stands before the larger of two places: the one recorded
 * here and the progress that the sink has committed under the cursor name. A cursor name is never
 * used for a second purpose.
 *
 * @param routes in the order of the settings
 * @param retired counts of all cursors that no route uses any more
 * @param unverified sinks that could not be asked for their progress at a start, each with the end
 *     of the log at the first such start: a sink that is further has seen a later log
 */
public record RouteRecord(
        List<Route> routes, SettledCounts retired, SortedMap<String, Long> unverified) {
    private static final String TITLE = "wirebrook routes";
    private static final String FORMAT = "1";

    /** Stands for the types that the catalogue does not know. */
    public static final int OTHERS = 0;

    public RouteRecord {
        routes = List.copyOf(routes);
        unverified = Collections.unmodifiableSortedMap(new TreeMap<>(unverified));
    }

    /**
     * @param cursorName under which the sink keeps the route's progress
     * @param types by number; those that the catalogue no longer has included, and {@link #OTHERS}
     *     in the route that takes {@code *}
     */
    public record Route(
            String name, String sink, String cursorName, SortedMap<Integer, TypeStart> types) {
        public Route {
            types = Collections.unmodifiableSortedMap(new TreeMap<>(types));
        }

        boolean takesOthers() {
            return types.containsKey(OTHERS);
        }
    }

    /**
     * @param from events before this place are not this route's
     */
    public record TypeStart(String name, Cursor from) {}

    RouteRecord withUnverified(Map<String, Long> sinks) {
        return new RouteRecord(routes, retired, new TreeMap<>(sinks));
    }

    /** The route that takes a type; the one of all others for a type that is not recorded. */
    Route owner(int number) {
        Optional<Route> own =
                routes.stream().filter(route -> route.types().containsKey(number)).findFirst();
        return own.orElseGet(() ->
                routes.stream()
                        .filter(Route::takesOthers)
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "the record has no route for unknown types")));
    }

    /** Where the owner's part of a type begins. */
    Cursor from(int number) {
        SortedMap<Integer, TypeStart> types = owner(number).types();
        TypeStart type = types.get(number);
        if (type == null) {
            type = types.get(OTHERS);
        }
        return type == null ? Cursor.START : type.from();
    }

    /** A text of one line for each fact, which {@link #parse} reads. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(TITLE + ' ' + FORMAT);
        lines.add(
                "retired %d %d %d %d"
                        .formatted(
                                retired.stored(),
                                retired.duplicate(),
                                retired.quarantined(),
                                retired.deadLettered()));
        unverified.forEach((sink, end) -> lines.add("unverified %s %d".formatted(code(sink), end)));
        for (Route route : routes) {
            lines.add(
                    "route %s %s %s"
                            .formatted(
                                    code(route.name()),
                                    code(route.sink()),
                                    code(route.cursorName())));
            route.types()
                    .forEach((number, type) ->
                            lines.add(
                                    "type %d %s %d %d"
                                            .formatted(
                                                    number,
                                                    code(type.name()),
                                                    type.from().position(),
                                                    type.from().index())));
        }
        lines.add("end");
        return lines;
    }

    /**
     * @throws IllegalArgumentException when the lines are not what {@link #lines} wrote; its
     *     message says which
     */
    public static RouteRecord parse(List<String> lines) {
        if (lines.isEmpty() || !lines.getFirst().equals(TITLE + ' ' + FORMAT)) {
            throw new IllegalArgumentException("line 1 is not \"%s %s\"".formatted(TITLE, FORMAT));
        }
        Parser parser = new Parser();
        for (int i = 1; i < lines.size(); i++) {
            try {
                parser.take(lines.get(i).split(" ", -1));
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IllegalArgumentException(
                        "line %d, \"%s\", does not read".formatted(i + 1, lines.get(i)), e);
            }
        }
        return parser.result();
    }

    private static String code(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }

    private static String decode(String code) {
        return URLDecoder.decode(code, StandardCharsets.UTF_8);
    }

    private static final class Parser {
        private final List<Route> routes = new ArrayList<>();
        private final SortedMap<String, Long> unverified = new TreeMap<>();
        private SettledCounts retired = SettledCounts.ZERO;
        private boolean ended;

        void take(String[] words) {
            if (ended) {
                throw new IllegalArgumentException("a line behind the end");
            }
            switch (words[0]) {
                case "retired" ->
                        retired =
                                new SettledCounts(
                                        number(words, 1),
                                        number(words, 2),
                                        number(words, 3),
                                        number(words, 4));
                case "unverified" -> unverified.put(decode(words[1]), number(words, 2));
                case "route" ->
                        routes.add(
                                new Route(
                                        decode(words[1]),
                                        decode(words[2]),
                                        decode(words[3]),
                                        new TreeMap<>()));
                case "type" -> addType(words);
                case "end" -> ended = true;
                default -> throw new IllegalArgumentException("an unknown word");
            }
        }

        private void addType(String[] words) {
            Route last = routes.getLast();
            SortedMap<Integer, TypeStart> types = new TreeMap<>(last.types());
            types.put(
                    Integer.parseInt(words[1]),
                    new TypeStart(
                            decode(words[2]),
                            new Cursor(number(words, 3), Math.toIntExact(number(words, 4)))));
            routes.set(
                    routes.size() - 1,
                    new Route(last.name(), last.sink(), last.cursorName(), types));
        }

        private static long number(String[] words, int at) {
            return Long.parseLong(words[at]);
        }

        RouteRecord result() {
            if (!ended || routes.stream().noneMatch(Route::takesOthers)) {
                throw new IllegalArgumentException("its end is missing");
            }
            return new RouteRecord(routes, retired, unverified);
        }
    }
}
