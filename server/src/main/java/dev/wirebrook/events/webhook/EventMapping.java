package dev.wirebrook.events.webhook;

import java.util.Optional;

/**
 * One type of event, or one for each element of an array, made of a delivery's body. Immutable.
 *
 * @param type name of the event's message
 * @param each the array of which each element makes an event; the paths of the fields then begin at
 *     the element
 */
record EventMapping(String type, Optional<JsonPath> each, MessageFields fields) {
    static EventMapping one(String type, MessageFields fields) {
        return new EventMapping(type, Optional.empty(), fields);
    }

    static EventMapping forEach(String array, String type, MessageFields fields) {
        return new EventMapping(type, Optional.of(JsonPath.parse(array)), fields);
    }
}
