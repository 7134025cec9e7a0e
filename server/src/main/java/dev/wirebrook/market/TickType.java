package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;

/** Updates as a type of events, beside the user's. */
public final class TickType {
    /** Of the variant, for good: the log holds it. */
    public static final int NUMBER = EventCatalog.SERVER_NUMBERS_FROM;

    private TickType() {}

    /**
     * @throws dev.wirebrook.schema.InvalidCatalogException when the user's types leave no place for
     *     it; says what to rename
     */
    public static EventCatalog addedTo(EventCatalog catalog) {
        return catalog.with(MarketTick.getDescriptor(), NUMBER);
    }

    /**
     * @throws IllegalArgumentException when it was not added
     */
    public static EventType of(EventCatalog catalog) {
        return catalog.typeNumbered(NUMBER)
                .orElseThrow(() ->
                        new IllegalArgumentException("the catalogue has no ticks: add them to it"));
    }
}
