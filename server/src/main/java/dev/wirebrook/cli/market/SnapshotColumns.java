package dev.wirebrook.cli.market;

import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.Depth;
import dev.wirebrook.api.market.v1.DepthLevel;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.cli.output.RowWriter.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A snapshot as a row: what was never published is empty. */
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

    /** The same, and the depth: for programs. */
    static final List<Column> WITH_DEPTH =
            Stream.concat(ALL.stream(), Stream.of(Column.text("depth"))).toList();

    private SnapshotColumns() {}

    static List<@Nullable Object> rowWithDepth(Snapshot snapshot) {
        List<@Nullable Object> row = new ArrayList<>(row(snapshot));
        row.add(snapshot.hasDepth() ? depth(snapshot.getDepth()) : null);
        return row;
    }

    private static Map<String, Object> depth(Depth depth) {
        Map<String, Object> sides = new LinkedHashMap<>();
        sides.put("bids", levels(depth.getBidsList()));
        sides.put("asks", levels(depth.getAsksList()));
        return sides;
    }

    private static List<Map<String, Object>> levels(List<DepthLevel> levels) {
        return levels.stream()
                .map(level -> {
                    Map<String, Object> fields = new LinkedHashMap<>();
                    fields.put("price", level.getPrice());
                    fields.put("quantity", level.getQuantity());
                    fields.put("orders", level.getOrders());
                    return fields;
                })
                .toList();
    }

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
                snapshot.hasExchangeTime() ? Timestamps.toString(snapshot.getExchangeTime()) : null,
                snapshot.getSequence());
    }
}
