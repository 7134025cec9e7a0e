package dev.wirebrook.cli.market;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.load.InputFile;
import dev.wirebrook.cli.load.RowFault;
import dev.wirebrook.cli.load.RowSource;
import dev.wirebrook.cli.load.SourceRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/** Rows of prices as updates. Space around names and values does not count. One thread. */
final class PriceRows {
    private static final String COLUMNS =
            "ts_ms (or ts_s, ts_us, ts_ns), symbol, and any of exchange, ltp, open, high, low, close, volume, open_interest, bid, ask";

    /** Columns of times since 1970, and microseconds of one unit; 0: a thousandth of one. */
    private static final Map<String, Integer> TIMES =
            Map.of("ts_s", 1_000_000, "ts_ms", 1_000, "ts_us", 1, "ts_ns", 0);

    private static final List<String> OTHERS =
            List.of(
                    "symbol",
                    "exchange",
                    "ltp",
                    "open",
                    "high",
                    "low",
                    "close",
                    "volume",
                    "open_interest",
                    "bid",
                    "ask");

    private static final long MICROS_MIN = Timestamps.toMicros(Timestamps.MIN_VALUE);
    private static final long MICROS_MAX = Timestamps.toMicros(Timestamps.MAX_VALUE);

    private final RowSource rows;
    private final String file;

    /** By the name without space around it: the column as the file has it. */
    private final Map<String, String> columns = new HashMap<>();

    private final String timeColumn;
    private final List<String> unused = new ArrayList<>();

    /**
     * One row.
     *
     * @param atMicros its time, since 1970
     */
    record Tick(long row, long atMicros, Snapshot update) {
        /** The same at another time. */
        Snapshot at(Timestamp time) {
            return update.toBuilder().setExchangeTime(time).build();
        }
    }

    /**
     * @param file as the user named it
     */
    PriceRows(RowSource rows, String file) {
        this.rows = rows;
        this.file = file;
        for (String column : rows.columns()) {
            columns.putIfAbsent(column.strip(), column);
        }
        List<String> times = columns.keySet().stream().filter(TIMES::containsKey).toList();
        List<String> missing = new ArrayList<>();
        if (times.isEmpty()) {
            missing.add("ts_ms");
        }
        if (!columns.containsKey("symbol")) {
            missing.add("symbol");
        }
        if (!missing.isEmpty()) {
            throw CommandFailure.usage(
                    "%s has no column %s".formatted(file, String.join(" and no ", missing)),
                    "Its first line names the columns: " + COLUMNS);
        }
        if (times.size() > 1) {
            throw CommandFailure.usage(
                    "%s has several columns of times: %s".formatted(file, String.join(", ", times)),
                    "Keep one of them");
        }
        timeColumn = times.getFirst();
        for (String column : rows.columns()) {
            if (!TIMES.containsKey(column.strip()) && !OTHERS.contains(column.strip())) {
                unused.add(column.strip());
            }
        }
    }

    /** Columns that say nothing about a snapshot, as far as is known here. */
    List<String> unused() {
        return unused;
    }

    /** The next row; null at the end. */
    @Nullable Tick next() {
        try {
            SourceRow row = rows.next();
            return row == null ? null : tick(row);
        } catch (RowFault e) {
            throw wrong(rows.number(), e.text());
        } catch (IOException e) {
            throw InputFile.explain(e, file, StandardCharsets.UTF_8);
        }
    }

    private Tick tick(SourceRow row) {
        long micros = micros(row);
        String symbol = value(row, "symbol");
        if (symbol == null) {
            throw wrong(row.number(), "symbol is empty");
        }
        Snapshot.Builder update =
                Snapshot.newBuilder()
                        .setSymbol(symbol)
                        .setExchangeTime(Timestamps.fromMicros(micros));
        text(row, "exchange", update::setExchange);
        number(row, "open", update::setOpen);
        number(row, "high", update::setHigh);
        number(row, "low", update::setLow);
        number(row, "close", update::setClose);
        number(row, columns.containsKey("ltp") ? "ltp" : "close", update::setLtp);
        number(row, "volume", update::setVolume);
        number(row, "open_interest", update::setOpenInterest);
        number(row, "bid", update::setBid);
        number(row, "ask", update::setAsk);
        return new Tick(row.number(), micros, update.build());
    }

    private @Nullable String value(SourceRow row, String column) {
        String known = columns.get(column);
        String text = known == null ? null : row.value(known);
        return text == null || text.isBlank() ? null : text.strip();
    }

    private long micros(SourceRow row) {
        String text = value(row, timeColumn);
        if (text == null) {
            throw wrong(row.number(), timeColumn + " is empty");
        }
        int factor = TIMES.getOrDefault(timeColumn, 1);
        try {
            long number = Long.parseLong(text);
            long micros =
                    factor == 0 ? Math.floorDiv(number, 1_000) : Math.multiplyExact(number, factor);
            if (micros >= MICROS_MIN && micros <= MICROS_MAX) {
                return micros;
            }
        } catch (NumberFormatException e) {
            throw wrong(
                    row.number(),
                    "%s: \"%s\" is not a whole number; expected %s since 1970"
                            .formatted(timeColumn, text, unit()));
        } catch (ArithmeticException e) {
            // Said below.
        }
        throw wrong(
                row.number(),
                "%s: %s is beyond the year 9999; expected %s since 1970. For a file in another unit, rename the column to ts_s, ts_ms, ts_us or ts_ns"
                        .formatted(timeColumn, text, unit()));
    }

    private String unit() {
        return switch (timeColumn) {
            case "ts_s" -> "seconds";
            case "ts_us" -> "microseconds";
            case "ts_ns" -> "nanoseconds";
            default -> "milliseconds";
        };
    }

    private void text(SourceRow row, String column, Consumer<String> setter) {
        String text = value(row, column);
        if (text != null) {
            setter.accept(text);
        }
    }

    private void number(SourceRow row, String column, DoubleConsumer setter) {
        String text = value(row, column);
        if (text != null) {
            try {
                setter.accept(Double.parseDouble(text));
            } catch (NumberFormatException e) {
                throw wrong(row.number(), "%s: \"%s\" is not a number".formatted(column, text));
            }
        }
    }

    private CommandFailure wrong(long row, String what) {
        return CommandFailure.usage(
                "%s, row %d: %s".formatted(file, row, what), "The rows before it are published");
    }
}
