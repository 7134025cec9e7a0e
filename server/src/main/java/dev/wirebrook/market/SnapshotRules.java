package dev.wirebrook.market;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.DepthLevel;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Violation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a publisher may say of a symbol. */
final class SnapshotRules {
    static final int NAME_BYTES_MAX = 64;
    static final int LEVELS_MAX = 5;

    /** From 0001-01-01 to 9999-12-31, as a Timestamp is defined. */
    private static final long SECONDS_MIN = -62_135_596_800L;

    private static final long SECONDS_MAX = 253_402_300_799L;
    private static final int NANOS_MAX = 999_999_999;

    private SnapshotRules() {}

    /** What is wrong with an update, or null. */
    static @Nullable Violation violation(Snapshot update) {
        if (update.getSymbolId() < 0) {
            return new Violation("symbol_id", "is 1 to 2147483647");
        }
        if (update.getSymbolId() == 0 && update.getSymbol().isEmpty()) {
            return new Violation("symbol_id", "is missing, and so is symbol; send one of them");
        }
        if (isTooLong(update.getSymbol())) {
            return new Violation("symbol", "has more than " + NAME_BYTES_MAX + " bytes");
        }
        if (isTooLong(update.getExchange())) {
            return new Violation("exchange", "has more than " + NAME_BYTES_MAX + " bytes");
        }
        if (!isTime(update.getExchangeTime())) {
            return new Violation("exchange_time", "is no time between the years 1 and 9999");
        }
        Violation number = number(update);
        return number == null ? depth(update) : number;
    }

    static boolean isTime(Timestamp time) {
        return time.getSeconds() >= SECONDS_MIN
                && time.getSeconds() <= SECONDS_MAX
                && time.getNanos() >= 0
                && time.getNanos() <= NANOS_MAX;
    }

    private static boolean isTooLong(String name) {
        return name.length() > NAME_BYTES_MAX
                || name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX;
    }

    private static @Nullable Violation number(Snapshot update) {
        Violation violation = price("ltp", update.getLtp());
        violation = violation == null ? price("open", update.getOpen()) : violation;
        violation = violation == null ? price("high", update.getHigh()) : violation;
        violation = violation == null ? price("low", update.getLow()) : violation;
        violation = violation == null ? price("close", update.getClose()) : violation;
        violation = violation == null ? price("bid", update.getBid()) : violation;
        violation = violation == null ? price("ask", update.getAsk()) : violation;
        violation = violation == null ? quantity("volume", update.getVolume()) : violation;
        return violation == null ? quantity("open_interest", update.getOpenInterest()) : violation;
    }

    private static @Nullable Violation price(String field, double price) {
        return Double.isFinite(price)
                ? null
                : new Violation(field, "is %s, and a price is a finite number".formatted(price));
    }

    private static @Nullable Violation quantity(String field, double quantity) {
        return Double.isFinite(quantity) && quantity >= 0
                ? null
                : new Violation(
                        field,
                        "is %s, and a quantity is a finite number, 0 or more".formatted(quantity));
    }

    private static @Nullable Violation depth(Snapshot update) {
        Violation violation = levels("depth.bids", update.getDepth().getBidsList());
        return violation == null
                ? levels("depth.asks", update.getDepth().getAsksList())
                : violation;
    }

    private static @Nullable Violation levels(String field, List<DepthLevel> levels) {
        if (levels.size() > LEVELS_MAX) {
            return new Violation(
                    field, "has %d levels, and at most 5 are taken".formatted(levels.size()));
        }
        for (int i = 0; i < levels.size(); i++) {
            String level = field + "[" + i + "]";
            Violation violation = price(level + ".price", levels.get(i).getPrice());
            if (violation == null) {
                violation = quantity(level + ".quantity", levels.get(i).getQuantity());
            }
            if (violation == null && levels.get(i).getOrders() < 0) {
                violation = new Violation(level + ".orders", "is negative");
            }
            if (violation != null) {
                return violation;
            }
        }
        return null;
    }
}
