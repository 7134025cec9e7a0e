package dev.wirebrook.cli.load;

import com.google.protobuf.ByteString;
import dev.wirebrook.cli.load.EventSource.NumberedEvent;
import dev.wirebrook.client.EventBatch;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Gathers events into batches. All events of a batch share a header, and files change it from row
 * to row, so some batches are open side by side, one for each header; the one opened first goes
 * when there are too many. Confined to one thread.
 */
final class HeaderBatches {
    private static final int OPEN_MAX = 64;

    /** Well below what servers take by default. */
    private static final int BYTES_MAX = 512 << 10;

    /** A batch does not stay open while so many rows pass it, since a resume begins before it. */
    private static final long ROWS_BEHIND_MAX = 20_000;

    private final int eventsMax;
    private final LongConsumer onOpen;
    private final Map<ByteString, OpenBatch> openByHeader = new LinkedHashMap<>();

    /**
     * @param onOpen told the number of the first event of each batch
     */
    HeaderBatches(int eventsMax, LongConsumer onOpen) {
        this.eventsMax = eventsMax;
        this.onOpen = onOpen;
    }

    /** A batch that is being filled, or was. */
    static final class OpenBatch {
        private final ByteString header;
        private final List<ByteString> events = new ArrayList<>();
        private final List<Long> numbers = new ArrayList<>();
        private final long openedNanos;
        private int bytes;

        OpenBatch(ByteString header, long openedNanos) {
            this.header = header;
            this.openedNanos = openedNanos;
        }

        EventBatch batch() {
            return new EventBatch(header, events);
        }

        int size() {
            return events.size();
        }

        long firstNumber() {
            return numbers.getFirst();
        }

        /** The row's number of the event at a place in the batch. */
        long number(int index) {
            return numbers.get(index);
        }
    }

    /** Takes the event in, and gives the batches that have to go: full ones, and one for room. */
    List<OpenBatch> add(NumberedEvent event, long nowNanos) {
        List<OpenBatch> gone = List.of();
        OpenBatch batch = openByHeader.get(event.header());
        if (batch == null) {
            if (openByHeader.size() == OPEN_MAX) {
                gone = List.of(removeOldest());
            }
            batch = new OpenBatch(event.header(), nowNanos);
            openByHeader.put(event.header(), batch);
            onOpen.accept(event.number());
        }
        batch.events.add(event.event());
        batch.numbers.add(event.number());
        batch.bytes += event.event().size();
        if (batch.events.size() >= eventsMax || batch.bytes >= BYTES_MAX) {
            openByHeader.remove(event.header());
            return gone.isEmpty() ? List.of(batch) : List.of(gone.getFirst(), batch);
        }
        return gone;
    }

    /** The oldest batch, when it has been open too long. */
    Optional<OpenBatch> overdue(long number, long openedBeforeNanos) {
        if (openByHeader.isEmpty()) {
            return Optional.empty();
        }
        OpenBatch oldest = openByHeader.values().iterator().next();
        return number - oldest.firstNumber() > ROWS_BEHIND_MAX
                        || oldest.openedNanos - openedBeforeNanos < 0
                ? Optional.of(removeOldest())
                : Optional.empty();
    }

    /** The oldest batch, full or not. */
    Optional<OpenBatch> removeAny() {
        return openByHeader.isEmpty() ? Optional.empty() : Optional.of(removeOldest());
    }

    private OpenBatch removeOldest() {
        Iterator<OpenBatch> batches = openByHeader.values().iterator();
        OpenBatch oldest = batches.next();
        batches.remove();
        return oldest;
    }
}
