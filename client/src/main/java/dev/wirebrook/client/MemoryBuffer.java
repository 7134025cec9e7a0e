package dev.wirebrook.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.wirebrook.client.PublisherOptions.Buffering;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Events in memory. One event longer than all the room is taken while nothing else is held. */
final class MemoryBuffer implements EventBuffer {
    private final ByteString header;
    private final int eventsMax;
    private final long bytesMax;
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private final ArrayDeque<Held> taken = new ArrayDeque<>();
    private long waitingBytes;
    private int takenEvents;
    private long takenBytes;

    MemoryBuffer(ByteString header, Buffering bounds) {
        this.header = header;
        this.eventsMax = bounds.events();
        this.bytesMax = bounds.bytes();
    }

    @Override
    public Room room(int length) {
        int events = waiting.size() + takenEvents;
        return events == 0 || (events < eventsMax && heldBytes() + length <= bytesMax)
                ? Room.FREE
                : Room.FULL;
    }

    @Override
    public void add(byte[] event) {
        waiting.add(event);
        waitingBytes += event.length;
    }

    @Override
    public int waitingEvents() {
        return waiting.size();
    }

    @Override
    public long waitingBytes() {
        return waitingBytes;
    }

    @Override
    public EventBatch take(int eventsMax, int bytesMax) {
        List<ByteString> events = new ArrayList<>(Math.min(eventsMax, waiting.size()));
        long bytes = 0;
        for (byte[] next = waiting.peek(); next != null; next = waiting.peek()) {
            if (events.size() == eventsMax
                    || (!events.isEmpty() && bytes + next.length > bytesMax)) {
                break;
            }
            waiting.remove();
            // Nobody else has the array.
            events.add(UnsafeByteOperations.unsafeWrap(next));
            bytes += next.length;
        }
        waitingBytes -= bytes;
        takenBytes += bytes;
        takenEvents += events.size();
        taken.add(new Held(events.size(), bytes));
        return new EventBatch(header, events);
    }

    @Override
    public void release() {
        Held oldest = taken.remove();
        takenEvents -= oldest.events;
        takenBytes -= oldest.bytes;
    }

    @Override
    public long heldBytes() {
        return waitingBytes + takenBytes;
    }

    @Override
    public long fileBytes() {
        return 0;
    }

    @Override
    public void force() {}

    @Override
    public void close() {}

    private record Held(int events, long bytes) {}
}
