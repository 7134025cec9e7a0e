package dev.wirebrook.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Collects one body, up to a length. Confined to its connection's event loop. */
final class RequestBody {
    private static final int BYTES_FIRST = 4 << 10;

    private final int bytesMax;
    private final Consumer<Exchange.Body> receiver;
    private final UnfinishedBodies unfinished;
    private final Executor eventLoop;
    private final Runnable whenGivenUp;

    private byte[] bytes = new byte[0];
    private int length;
    private boolean counted;
    private boolean done;

    RequestBody(
            int bytesMax,
            Consumer<Exchange.Body> receiver,
            UnfinishedBodies unfinished,
            Executor eventLoop,
            Runnable whenGivenUp) {
        this.bytesMax = bytesMax;
        this.receiver = receiver;
        this.unfinished = unfinished;
        this.eventLoop = eventLoop;
        this.whenGivenUp = whenGivenUp;
    }

    boolean isDone() {
        return done;
    }

    /** Takes more of it; what comes when it is done is let go. */
    void add(ByteBuf more, boolean last) {
        if (done) {
            return;
        }
        int arrived = more.readableBytes();
        if (arrived > bytesMax - length) {
            finish();
            receiver.accept(new Exchange.Body.TooLong());
            return;
        }
        if (arrived > 0) {
            append(more, arrived, last);
        }
        if (last) {
            byte[] whole = bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
            finish();
            receiver.accept(new Exchange.Body.Whole(whole));
        }
    }

    private void append(ByteBuf more, int arrived, boolean last) {
        if (length + arrived > bytes.length) {
            // What comes in one piece is copied once. A length that is announced is no reason to
            // take memory for it: it costs nothing to announce.
            long grown = last ? length + arrived : Math.max(BYTES_FIRST, 2L * (length + arrived));
            bytes = Arrays.copyOf(bytes, (int) Math.min(grown, bytesMax));
        }
        more.readBytes(bytes, length, arrived);
        length += arrived;
        if (!last) {
            unfinished.holds(this, bytes.length);
            counted = true;
        }
    }

    /** No more will come of it. */
    void finish() {
        done = true;
        if (counted) {
            counted = false;
            unfinished.remove(this);
        }
        bytes = new byte[0];
        length = 0;
    }

    /** Any thread. */
    void giveUp() {
        eventLoop.execute(() -> {
            if (!done) {
                finish();
                whenGivenUp.run();
            }
        });
    }
}
