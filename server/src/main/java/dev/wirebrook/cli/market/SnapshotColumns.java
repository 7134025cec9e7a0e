package dev.wirebrook.cli.market;

import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.cli.output.RowWriter.Column;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A snapshot as a row: what was never published is empty. The depth is left out. */
final class SnapshotColumns {
    static final List<Column> ALL =
            List.of(
                    Column.number("id"),
                    Column.text("symbol"),
                    Column.text("exchange"),
                    Column.number("ltp"),
                    Column.number("bid"),
                    Column.number("ask"),
                    Column.number("open"),
                    Column.number("high"),
                    Column.number("low"),
                    Column.number("close"),
                    Column.number("volume"),
                    Column.number("open_interest"),
                    Column.text("exchange_time"),
                    Column.number("sequence"));

    private SnapshotColumns() {}

    static List<@Nullable Object> row(Snapshot snapshot) {
        return Arrays.asList(
                snapshot.getSymbolId(),
                snapshot.getSymbol(),
                snapshot.getExchange(),
                snapshot.hasLtp() ? (Double) snapshot.getLtp() : null,
                snapshot.hasBid() ? (Double) snapshot.getBid() : null,
                snapshot.hasAsk() ? (Double) snapshot.getAsk() : null,
                snapshot.hasOpen() ? (Double) snapshot.getOpen() : null,
                snapshot.hasHigh() ? (Double) snapshot.getHigh() : null,
                snapshot.hasLow() ? (Double) snapshot.getLow() : null,
                snapshot.hasClose() ? (Double) snapshot.getClose() : null,
                snapshot.hasVolume() ? (Double) snapshot.getVolume() : null,
                snapshot.hasOpenInterest() ? (Double) snapshot.getOpenInterest() : null,
                Timestamps.toString(snapshot.getExchangeTime()),
                snapshot.getSequence());
    }
}
