package dev.wirebrook.grpc;

import dev.wirebrook.failure.Violation;
import io.grpc.Context;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with elements of a request that could not be made of what the caller sent. Only
 * methods with {@link ElementVerdicts} are called with some. Immutable.
 */
public final class ElementFaults {
    public static final ElementFaults NONE = new ElementFaults(Map.of());

    private static final Context.Key<ElementFaults> KEY =
            Context.keyWithDefault("element-faults", NONE);

    private final Map<Integer, Violation> byIndex;

    private ElementFaults(Map<Integer, Violation> byIndex) {
        this.byIndex = Map.copyOf(byIndex);
    }

    /**
     * @param byIndex faults by the element's index in its list
     */
    public static ElementFaults of(Map<Integer, Violation> byIndex) {
        return byIndex.isEmpty() ? NONE : new ElementFaults(byIndex);
    }

    /** Of the call whose handler begins. Handlers that go on elsewhere take it along. */
    public static ElementFaults current() {
        return KEY.get();
    }

    Context in(Context context) {
        return isEmpty() ? context : context.withValue(KEY, this);
    }

    public boolean isEmpty() {
        return byIndex.isEmpty();
    }

    /** The fault of an element; null: it is as the caller sent it. */
    public @Nullable Violation of(int index) {
        return byIndex.get(index);
    }
}
