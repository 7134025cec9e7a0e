package dev.wirebrook.events;

import dev.wirebrook.flow.Backoff;
import java.time.Duration;
import java.util.List;

/**
 * How the event pipeline is bounded.
 *
 * @param batchBytesMax largest batch taken, bytes
 * @param batchEventsMax most events in a batch
 * @param admissionBytesMax bytes of batches that may be between arrival and durability
 * @param admissionWaitersMax batches that may wait for room
 * @param admissionWait how long each of them waits before it is refused
 * @param retryDelay what a refused sender is told to wait
 * @param windowIdsMax ids remembered for each route
 * @param window how long an id is remembered
 * @param attemptsMax tries of one event before it is parked
 */
public record PipelineSettings(
        int batchBytesMax,
        int batchEventsMax,
        long admissionBytesMax,
        int admissionWaitersMax,
        Duration admissionWait,
        Duration retryDelay,
        long windowIdsMax,
        Duration window,
        int attemptsMax,
        Backoff backoff,
        List<RouteSpec> routes) {
    public PipelineSettings {
        routes = List.copyOf(routes);
    }
}
