package dev.wirebrook.client;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Events in a {@link Spool}. In memory are only those of batches in flight. Where events are forced
 * at intervals, a thread does it.
 */
final class SpoolBuffer implements EventBuffer {
    private final Spool spool;
    private final boolean forcesEach;
    private final CountDownLatch end = new CountDownLatch(1);

    /** Where each batch that was taken ends, and the bytes of its events. */
    private final ArrayDeque<Held> taken = new ArrayDeque<>();

    private int waitingEvents;
    private long waitingBytes;
    private long heldBytes;

    private SpoolBuffer(Spool spool, SpoolOptions options) {
        this.spool = spool;
        this.forcesEach = options.forceInterval().isZero();
        this.waitingEvents = Math.toIntExact(spool.recovery().events());
        this.waitingBytes = spool.recovery().bytes();
        this.heldBytes = waitingBytes;
    }

    /** Opens the spool; the listener hears what is in it. */
    static SpoolBuffer open(SpoolOptions options, ByteString header, PublisherListener listener)
            throws IOException {
        Spool spool = Spool.open(options, header);
        SpoolRecovery recovery = spool.recovery();
        if (recovery.events() > 0 || recovery.tornBytes() > 0) {
            listener.recovered(recovery);
        }
        SpoolBuffer buffer = new SpoolBuffer(spool, options);
        if (!buffer.forcesEach) {
            Thread.ofPlatform()
                    .daemon()
                    .name("wirebrook-spool")
                    .start(() -> buffer.forceUntilTheEnd(options.forceInterval()));
        }
        return buffer;
    }

    private void forceUntilTheEnd(Duration interval) {
        try {
            while (!end.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                try {
                    spool.force();
                } catch (UncheckedIOException e) {
                    System.getLogger(SpoolBuffer.class.getName())
                            .log(Level.WARNING, "the spool could not be forced to the disk", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Room room(int length) {
        return spool.room(length);
    }

    @Override
    public void add(byte[] event) throws IOException {
        spool.append(event);
        waitingEvents++;
        waitingBytes += event.length;
        heldBytes += event.length;
    }

    @Override
    public int waitingEvents() {
        return waitingEvents;
    }

    @Override
    public long waitingBytes() {
        return waitingBytes;
    }

    @Override
    public EventBatch take(int eventsMax, int bytesMax) {
        List<ByteString> events = new ArrayList<>(Math.min(eventsMax, waitingEvents));
        ByteString header = spool.read(eventsMax, bytesMax, events);
        long bytes = 0;
        for (ByteString event : events) {
            bytes += event.size();
        }
        waitingEvents -= events.size();
        waitingBytes -= bytes;
        taken.add(new Held(spool.readBefore(), bytes));
        return new EventBatch(header, events);
    }

    @Override
    public void release() throws IOException {
        Held oldest = taken.remove();
        heldBytes -= oldest.bytes;
        spool.acknowledge(oldest.end);
    }

    @Override
    public long heldBytes() {
        return heldBytes;
    }

    @Override
    public long fileBytes() {
        return spool.fileBytes();
    }

    @Override
    public void force() throws IOException {
        if (forcesEach) {
            spool.force();
        }
    }

    @Override
    public void close() throws IOException {
        end.countDown();
        spool.close();
    }

    private record Held(long end, long bytes) {}
}
