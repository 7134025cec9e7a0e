package dev.wirebrook.cli.load;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads points in time as files have them: ISO 8601 with a T or a space, with an offset or in the
 * given zone, a date alone, or a number since 1970 whose length tells its unit. Confined to one
 * thread.
 */
final class Timestamps {
    private static final Pattern DIGITS = Pattern.compile("\\d{9,19}");

    private static final DateTimeFormatter ISO =
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE)
                    .optionalStart()
                    .appendPattern("[ ]['T']")
                    .append(DateTimeFormatter.ISO_LOCAL_TIME)
                    .optionalStart()
                    .appendPattern("[ ][XXX][XX][X]['UTC']")
                    .toFormatter(Locale.ROOT);

    private final Optional<DateTimeFormatter> format;
    private final Optional<ChronoUnit> unit;
    private final ZoneId zone;

    /** Neighbouring rows often have the same time. */
    private String lastText = "";

    private Instant lastInstant = Instant.EPOCH;

    private Timestamps(Optional<DateTimeFormatter> format, Optional<ChronoUnit> unit, ZoneId zone) {
        this.format = format;
        this.unit = unit;
        this.zone = zone;
    }

    /**
     * @param format empty is what the class says; s, ms, us or ns is a number since 1970; else a
     *     pattern of {@link DateTimeFormatter}
     * @param zone of times that do not say
     * @throws IllegalArgumentException when the pattern is none
     */
    static Timestamps of(String format, ZoneId zone) {
        return switch (format) {
            case "" -> new Timestamps(Optional.empty(), Optional.empty(), zone);
            case "s" -> new Timestamps(Optional.empty(), Optional.of(ChronoUnit.SECONDS), zone);
            case "ms" -> new Timestamps(Optional.empty(), Optional.of(ChronoUnit.MILLIS), zone);
            case "us" -> new Timestamps(Optional.empty(), Optional.of(ChronoUnit.MICROS), zone);
            case "ns" -> new Timestamps(Optional.empty(), Optional.of(ChronoUnit.NANOS), zone);
            default ->
                    new Timestamps(
                            Optional.of(
                                    new DateTimeFormatterBuilder()
                                            .parseCaseInsensitive()
                                            .appendPattern(format)
                                            .toFormatter(Locale.ENGLISH)),
                            Optional.empty(),
                            zone);
        };
    }

    Instant parse(String text) throws RowFault {
        if (!text.equals(lastText)) {
            lastInstant = read(text.strip());
            lastText = text;
        }
        return lastInstant;
    }

    private Instant read(String text) throws RowFault {
        try {
            if (unit.isPresent()) {
                return Instant.EPOCH.plus(Long.parseLong(text), unit.get());
            }
            if (format.isEmpty() && DIGITS.matcher(text).matches()) {
                return Instant.EPOCH.plus(Long.parseLong(text), unitOf(text.length()));
            }
            return instant(format.orElse(ISO).parse(text));
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw new RowFault(
                    '"'
                            + text
                            + "\" is no time"
                            + (format.isEmpty() && unit.isEmpty()
                                    ? " that can be told by its form, such as 2026-01-31T12:00:00Z"
                                    : " of the given form"));
        }
    }

    /** Today's times have 10 digits in seconds, 13 in milliseconds, and so on. */
    private static ChronoUnit unitOf(int digits) {
        if (digits <= 11) {
            return ChronoUnit.SECONDS;
        }
        if (digits <= 14) {
            return ChronoUnit.MILLIS;
        }
        return digits <= 17 ? ChronoUnit.MICROS : ChronoUnit.NANOS;
    }

    private Instant instant(TemporalAccessor parsed) {
        if (parsed.isSupported(ChronoField.INSTANT_SECONDS)) {
            return Instant.from(parsed);
        }
        LocalDate date = LocalDate.from(parsed);
        LocalTime time = parsed.query(TemporalQueries.localTime());
        LocalDateTime local = date.atTime(time == null ? LocalTime.MIDNIGHT : time);
        ZoneOffset offset = parsed.query(TemporalQueries.offset());
        return offset == null ? local.atZone(zone).toInstant() : local.toInstant(offset);
    }
}
