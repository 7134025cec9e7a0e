package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;

/**
 * Where a subscription's messages go. Confined to the fan-out's thread, but for {@link #isReady}.
 */
public interface Outlet {
    /** Whether a message would go out at once, rather than pile up. */
    boolean isReady();

    /**
     * @param message not to be written to; the same array may go to many
     */
    void send(byte[] message);

    /**
     * Some of the messages of {@link Subscription#say} have gone out: fewer wait now. Called when
     * the subscription is done with its turn, and not while it sends.
     */
    default void saidSome() {}

    /** The subscription has ended: it had all it wanted. */
    void complete();

    /** The subscription has ended before that. */
    void fail(Failure failure);
}
