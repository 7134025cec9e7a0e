package dev.wirebrook.events;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the routes of a pipeline continue from.
 *
 * @param routes in the order of the settings; empty for a log whose feeds say themselves what is
 *     left to do
 * @param retired counts of cursors that no route uses any more
 * @param lastKnown the last progress seen by an earlier process, by cursor name: what is known of a
 *     sink that does not answer
 * @param silentSinks sinks that did not answer just now
 * @param check compares a sink with the log when it is first reached
 */
public record RouteStarts(
        List<RouteRecord.Route> routes,
        SettledCounts retired,
        Map<String, SinkProgress> lastKnown,
        Set<String> silentSinks,
        SinkCheck check) {
    public static final RouteStarts NONE =
            new RouteStarts(
                    List.of(), SettledCounts.ZERO, Map.of(), Set.of(), _ -> Optional.empty());

    public RouteStarts {
        routes = List.copyOf(routes);
        lastKnown = Map.copyOf(lastKnown);
        silentSinks = Set.copyOf(silentSinks);
    }

    /** Compares what a sink has committed with the log. Thread-safe. */
    @FunctionalInterface
    public interface SinkCheck {
        /**
         * Why no route to a sink may go on: the sink has seen more of the log than there is.
         * Blocks.
         *
         * @throws java.io.UncheckedIOException when the sink does not answer, or when it cannot be
         *     recorded that it was checked; to be tried again
         */
        Optional<String> refusal(String sink);
    }

    Optional<RouteRecord.Route> route(int index) {
        return routes.isEmpty() ? Optional.empty() : Optional.of(routes.get(index));
    }
}
