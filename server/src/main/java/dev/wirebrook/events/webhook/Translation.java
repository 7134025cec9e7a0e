package dev.wirebrook.events.webhook;

import java.util.List;

/**
 * What a delivery means, beside that it came. Immutable.
 *
 * @param header of the batch
 * @param times where the time of the events may stand, the first that is one wins; without any it
 *     is the time of arrival
 * @param events may be empty
 */
record Translation(MessageFields header, List<JsonPath> times, List<EventMapping> events) {
    Translation {
        times = List.copyOf(times);
        events = List.copyOf(events);
    }
}
