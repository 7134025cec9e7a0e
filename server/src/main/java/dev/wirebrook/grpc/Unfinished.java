package dev.wirebrook.grpc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one event loop that have begun to arrive and are not whole, in the order in which
 * they began: a doubly linked list through them. Confined to its loop, but for reading {@link
 * #bytes}, which elsewhere may be late.
 */
final class Unfinished {
    private static final VarHandle BYTES;

    static {
        try {
            BYTES = MethodHandles.lookup().findVarHandle(Unfinished.class, "bytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long bytes;
    private @Nullable Arrival first;
    private @Nullable Arrival last;

    long bytes() {
        return (long) BYTES.getOpaque(this);
    }

    void grow(long delta) {
        BYTES.setOpaque(this, bytes + delta);
    }

    boolean isOnlyOne() {
        return first != null && first.after == null;
    }

    @Nullable Arrival oldest() {
        return first;
    }

    void add(Arrival arrival) {
        arrival.before = last;
        if (last == null) {
            first = arrival;
        } else {
            last.after = arrival;
        }
        last = arrival;
    }

    void remove(Arrival arrival) {
        Arrival before = arrival.before;
        Arrival after = arrival.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        arrival.before = null;
        arrival.after = null;
    }
}
