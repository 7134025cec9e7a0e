package dev.wirebrook.events.webhook;

import java.util.Optional;

/**
 * One type of event, or one for each element of an array, made of a delivery's body. Immutable.
 *
 * @param type name of the event's message
 * @param each the array of which each element makes an event; the paths of the fields then begin at
 *     the element
 * @param always whether an array that is not there or has no element makes one event too
 */
record EventMapping(String type, Optional<JsonPath> each, boolean always, MessageFields fields) {
    static EventMapping one(String type, MessageFields fields) {
        return new EventMapping(type, Optional.empty(), true, fields);
    }

    static EventMapping forEach(String array, String type, MessageFields fields) {
        return new EventMapping(type, Optional.of(JsonPath.parse(array)), false, fields);
    }

    /** An event for each element, and one without fields where there is none. */
    static EventMapping forEachOrOne(String array, String type, MessageFields fields) {
        return new EventMapping(type, Optional.of(JsonPath.parse(array)), true, fields);
    }
}
