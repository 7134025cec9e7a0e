package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import dev.wirebrook.schema.EventTime;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** The time of a delivery, as an event's timestamp. */
final class EventTimes {
    /** Some senders leave out the colon that RFC 3339 has in an offset. */
    private static final Pattern PLAIN_OFFSET = Pattern.compile("(?<=[+-]\\d\\d)(?=\\d\\d$)");

    private EventTimes() {}

    /**
     * The first time that stands at one of the paths; empty when none does. Senders have their own
     * forms, and a delivery is not refused for its time: the payload keeps what was sent.
     */
    static String of(List<JsonPath> paths, JsonElement document) {
        for (JsonPath path : paths) {
            JsonElement found = path.find(document);
            if (found != null && found.isJsonPrimitive()) {
                String text = found.getAsString();
                for (String form : List.of(text, PLAIN_OFFSET.matcher(text).replaceFirst(":"))) {
                    byte[] bytes = form.getBytes(StandardCharsets.UTF_8);
                    if (bytes.length > 0
                            && EventTime.parseMicros(bytes, 0, bytes.length) != EventTime.INVALID) {
                        return form;
                    }
                }
            }
        }
        return "";
    }
}
