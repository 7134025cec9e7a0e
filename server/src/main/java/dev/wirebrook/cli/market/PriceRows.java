package dev.wirebrook.cli.market;

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
import java.util.List;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/** Rows of prices as updates. Confined to one thread. */
final class PriceRows {
    private static final List<String> REQUIRED = List.of("ts_ms", "symbol");

    private final RowSource rows;
    private final String file;

    /**
     * One row.
     *
     * @param atMillis its time, since 1970
     */
    record Tick(long row, long atMillis, Snapshot update) {}

    /**
     * @param file as the user named it
     */
    PriceRows(RowSource rows, String file) {
        this.rows = rows;
        this.file = file;
        List<String> missing = new ArrayList<>(REQUIRED);
        missing.removeAll(rows.columns());
        if (!missing.isEmpty()) {
            throw CommandFailure.usage(
                    "%s has no column %s".formatted(file, String.join(" and no ", missing)),
                    "Its first line names the columns: ts_ms, symbol, and any of open, high, low, close, volume, bid, ask");
        }
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
        long millis = millis(row);
        String symbol = row.value("symbol");
        if (symbol == null) {
            throw wrong(row.number(), "symbol is empty");
        }
        Snapshot.Builder update =
                Snapshot.newBuilder()
                        .setSymbol(symbol)
                        .setExchangeTime(Timestamps.fromMillis(millis));
        number(row, "open", update::setOpen);
        number(row, "high", update::setHigh);
        number(row, "low", update::setLow);
        number(row, "close", update::setClose);
        number(row, "close", update::setLtp);
        number(row, "volume", update::setVolume);
        number(row, "bid", update::setBid);
        number(row, "ask", update::setAsk);
        return new Tick(row.number(), millis, update.build());
    }

    private long millis(SourceRow row) {
        String text = row.value("ts_ms");
        if (text == null) {
            throw wrong(row.number(), "ts_ms is empty");
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw wrong(
                    row.number(),
                    "ts_ms: \"%s\" is no number of milliseconds since 1970".formatted(text));
        }
    }

    private void number(SourceRow row, String column, DoubleConsumer setter) {
        String text = row.value(column);
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
