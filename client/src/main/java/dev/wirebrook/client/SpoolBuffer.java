package dev.wirebrook.client;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Events in a {@link Spool}. In memory are only those of batches in flight. */
final class SpoolBuffer implements EventBuffer {
    private final Spool spool;
    private final boolean forcesEach;

    /** Where each batch that was taken ends, and the bytes of its events. */
    private final ArrayDeque<Held> taken = new ArrayDeque<>();

    private int waitingEvents;
    private long waitingBytes;
    private long heldBytes;

    SpoolBuffer(Spool spool, SpoolOptions options) {
        this.spool = spool;
        this.forcesEach = options.forceInterval().isZero();
        this.waitingEvents = Math.toIntExact(spool.recovery().events());
        this.waitingBytes = spool.recovery().bytes();
        this.heldBytes = waitingBytes;
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
        spool.close();
    }

    private record Held(long end, long bytes) {}
}
