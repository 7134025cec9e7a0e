package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.Progress;
import dev.wirebrook.api.market.v1.Started;
import dev.wirebrook.api.market.v1.SymbolStatus;
import io.grpc.Status;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * Hears what happens to a {@link MarketSubscription} beside its updates. Called on the network
 * thread: must not block, nor call the subscription.
 */
public interface MarketListener {
    /** Writes what is not in order to the log of this interface's name. */
    MarketListener LOGGING = new MarketListener() {};

    /**
     * The server has begun to send, for the first time or again after {@link #disconnected}.
     *
     * @param started whether it goes on where the stream broke; else each symbol comes fresh
     */
    default void started(Started started) {}

    /** Everything up to this sequence has come, and how sure the server is of what it has. */
    default void progress(Progress progress) {}

    /** Nothing was published yet for a symbol that was asked for. */
    default void missing(SymbolStatus symbol) {
        logger().log(
                        Level.WARNING,
                        "no snapshot of {0}: {1}",
                        symbol.getSymbol().isEmpty() ? symbol.getSymbolId() : symbol.getSymbol(),
                        symbol.getStatus().getMessage());
    }

    /**
     * The stream broke. It is opened again.
     *
     * @param wait until then
     */
    default void disconnected(Status reason, Duration wait) {
        logger().log(
                        Level.DEBUG,
                        "the market stream broke, trying again in {0}: {1}",
                        wait,
                        reason);
    }

    private static Logger logger() {
        return System.getLogger(MarketListener.class.getName());
    }
}
