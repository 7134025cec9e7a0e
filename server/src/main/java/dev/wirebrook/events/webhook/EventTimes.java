package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import dev.wirebrook.schema.EventTime;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The time of a delivery, as an event's timestamp: RFC 3339, or a number since 1970 whose unit
 * follows from its magnitude. Numbers below 10^11 are seconds (until the year 5138), below 10^14
 * milliseconds, below 10^17 microseconds, below 10^20 nanoseconds; the last three from 1973 on.
 */
final class EventTimes {
    /** Some senders leave out the colon that RFC 3339 has in an offset. */
    private static final Pattern PLAIN_OFFSET = Pattern.compile("(?<=[+-]\\d\\d)(?=\\d\\d$)");

    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,20}(\\.\\d{1,20})?");

    private static final int SECONDS_DIGITS_MAX = 11;
    private static final int DIGITS_OF_A_STEP = 3;
    private static final int STEPS_MAX = 3;
    private static final int MICRO_DIGITS = 6;
    private static final BigDecimal MICROS_PER_SECOND = BigDecimal.valueOf(1_000_000);

    private EventTimes() {}

    /**
     * The first time that stands at one of the paths; empty when none does. Senders have their own
     * forms, and a delivery is not refused for its time: the payload keeps what was sent.
     */
    static String of(List<JsonPath> paths, JsonElement document) {
        for (JsonPath path : paths) {
            JsonElement found = path.find(document);
            if (found != null && found.isJsonPrimitive()) {
                Optional<String> time = time(found.getAsString().strip());
                if (time.isPresent()) {
                    return time.get();
                }
            }
        }
        return "";
    }

    private static Optional<String> time(String text) {
        if (NUMBER.matcher(text).matches()) {
            return sinceEpoch(new BigDecimal(text)).filter(EventTimes::isTime);
        }
        return List.of(text, PLAIN_OFFSET.matcher(text).replaceFirst(":")).stream()
                .filter(EventTimes::isTime)
                .findFirst();
    }

    private static boolean isTime(String form) {
        byte[] bytes = form.getBytes(StandardCharsets.UTF_8);
        return bytes.length > 0
                && EventTime.parseMicros(bytes, 0, bytes.length) != EventTime.INVALID;
    }

    /** The moment in RFC 3339; digits beyond microseconds are cut off. */
    private static Optional<String> sinceEpoch(BigDecimal number) {
        int digits = number.signum() == 0 ? 1 : number.precision() - number.scale();
        int steps = Math.max(0, Math.ceilDiv(digits - SECONDS_DIGITS_MAX, DIGITS_OF_A_STEP));
        if (steps > STEPS_MAX) {
            return Optional.empty();
        }
        BigDecimal[] parts =
                number.movePointLeft(steps * DIGITS_OF_A_STEP)
                        .setScale(MICRO_DIGITS, RoundingMode.FLOOR)
                        .divideAndRemainder(BigDecimal.ONE);
        long micros = parts[1].multiply(MICROS_PER_SECOND).longValueExact();
        return Optional.of(
                Instant.ofEpochSecond(parts[0].longValueExact(), Math.multiplyExact(micros, 1_000L))
                        .toString());
    }
}
