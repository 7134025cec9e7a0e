package dev.wirebrook.schema;

import org.jspecify.annotations.Nullable;

/** One decoder for each event type, made when it is first needed. Confined to one thread. */
public final class EventDecoders {
    private final ColumnCatalog catalog;
    private final @Nullable RowDecoder[] decoders;

    public EventDecoders(ColumnCatalog catalog) {
        this.catalog = catalog;
        this.decoders = new RowDecoder[catalog.events().types().size()];
    }

    public RowDecoder of(EventType type) {
        RowDecoder decoder = decoders[type.ordinal()];
        if (decoder == null) {
            decoder = catalog.eventDecoder(type);
            decoders[type.ordinal()] = decoder;
        }
        return decoder;
    }
}
