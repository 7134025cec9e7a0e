package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;

/** Why an update is refused for what is known already; said in the same words wherever that is. */
public final class Refusals {
    private Refusals() {}

    /** The symbol has another id. */
    public static Failure otherId(String symbol, int knownId, int id) {
        return Failure.InvalidRequest.of(
                "symbol_id", "%s is symbol %d, not %d".formatted(symbol, knownId, id));
    }

    /** The id has another symbol. */
    public static Failure otherSymbol(int id, String knownSymbol, String symbol) {
        return Failure.InvalidRequest.of(
                "symbol", "symbol %d is %s, not %s".formatted(id, knownSymbol, symbol));
    }

    /** No more symbols are taken. */
    public static Failure full(long symbols, int symbolsMax) {
        return new Failure.TooLarge(
                "%,d symbols are known, and no more are taken; raise market.symbols-max"
                        .formatted(symbols),
                "market.symbols-max",
                symbolsMax);
    }

    /**
     * Nothing was published for the symbol.
     *
     * @param id 0: it was asked for by its name
     */
    public static Failure unknown(int id, String symbol) {
        String name = id == 0 ? symbol : Integer.toUnsignedString(id);
        return new Failure.NotFound(
                "nothing was published for symbol '%s' yet".formatted(name), "snapshot", name);
    }

    /** A later snapshot is known. */
    public static Failure late() {
        return Failure.InvalidRequest.of(
                "exchange_time",
                "is earlier than that of the snapshot known, which stays as it is; if that one is wrong, an operator can forget it with `wirebrook market reset`");
    }
}
