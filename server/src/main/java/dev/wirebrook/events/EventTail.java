package dev.wirebrook.events;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.wirebrook.events.EventLog.LoggedEntry;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.ScannedBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the log for a watcher. Each watch has a reader of its own, so that nothing else waits for
 * a slow watcher: one that falls behind what is kept is told how much it missed, and continues with
 * the oldest kept. While a watcher takes nothing, or there is nothing to show, its reader holds no
 * buffers.
 */
public final class EventTail {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(200);

    /** After this long without taking anything, a reader's buffers are released. */
    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(1);

    private static final int ALL = -1;
    private static final int ENOUGH = -2;

    private final EventCatalog catalog;
    private final EventLog log;

    EventTail(EventCatalog catalog, EventLog log) {
        this.catalog = catalog;
        this.log = log;
    }

    /**
     * What to watch; empty and absent do not restrict.
     *
     * @param clientIds whose events it may see at all
     * @param types names of event types
     * @param header what the header's fields must say, by their names in the proto
     */
    public record Filter(ClientIds clientIds, Set<String> types, List<HeaderMatch> header) {
        public Filter {
            types = Set.copyOf(types);
            header = List.copyOf(header);
        }
    }

    public record HeaderMatch(String field, String text) {}

    /**
     * An event as it stands in the log: the header's and its own message as bytes, which stay as
     * they are until {@link Watcher#event} returns.
     */
    @SuppressWarnings("ArrayRecordComponent") // shared on purpose, never written to
    public record TailedEvent(
            long position,
            int index,
            EventType type,
            long ingestTimeMicros,
            byte[] header,
            int headerStart,
            int headerEnd,
            byte[] bytes,
            int start,
            int end) {}

    /**
     * Confined to the tail's thread. May block: that is how a slow watcher slows its own reader.
     */
    public interface Watcher {
        /** False ends the tail. */
        boolean event(TailedEvent event) throws InterruptedException;

        /** Everything before a position was looked at; nothing more is there right now. */
        void caughtUp(long position) throws InterruptedException;

        void missed(long bytes) throws InterruptedException;

        boolean isGone();

        /**
         * Waits until the watcher takes events without blocking, is gone, or the time is up.
         *
         * @return false when the time was up; always true for watchers that do not stall
         */
        default boolean awaitReady(Duration timeout) throws InterruptedException {
            return true;
        }
    }

    /**
     * Watches until the watcher has enough or is gone.
     *
     * @param from where to begin; absent: with what arrives from now on
     */
    public void watch(Filter filter, OptionalLong from, Watcher watcher)
            throws InterruptedException {
        boolean[] wanted = wantedTypes(filter);
        BatchWalker walker = new BatchWalker(catalog, Integer.MAX_VALUE);
        ScannedBatch scanned = new ScannedBatch();
        // The entry that was shown in part when the reader was parked, and how much of it.
        long partial = -1;
        int shown = 0;
        try (EventLog.Reader reader = log.tail(from)) {
            while (!watcher.isGone()) {
                if (reader.canPark() && !watcher.awaitReady(STALL_TIMEOUT)) {
                    reader.park(partial < 0 ? reader.position() : partial);
                    scanned = new ScannedBatch();
                    continue;
                }
                LoggedEntry entry = next(reader);
                long missed = reader.missedBytes();
                if (missed > 0) {
                    watcher.missed(missed);
                }
                if (entry == null) {
                    watcher.caughtUp(reader.position());
                    if (!reader.await(1, POLL_INTERVAL) && reader.canPark()) {
                        reader.park(reader.position());
                        scanned = new ScannedBatch();
                    }
                    continue;
                }
                int first = entry.position() == partial ? shown : 0;
                int next = show(entry, first, wanted, filter, walker, scanned, reader, watcher);
                if (next == ENOUGH) {
                    return;
                }
                partial = next == ALL ? -1 : entry.position();
                shown = next;
                if (next == ALL) {
                    reader.recycle();
                } else {
                    reader.park(partial);
                    scanned = new ScannedBatch();
                }
            }
        }
    }

    /** A stretch that does not read is missed like one that is gone. */
    private static @Nullable LoggedEntry next(EventLog.Reader reader) {
        while (true) {
            try {
                return reader.next();
            } catch (UncheckedIOException damaged) {
                if (!reader.skipDamage()) {
                    throw damaged;
                }
            }
        }
    }

    private boolean[] wantedTypes(Filter filter) {
        boolean[] wanted = new boolean[catalog.types().size()];
        Arrays.fill(wanted, filter.types().isEmpty());
        for (String name : filter.types()) {
            catalog.typeNamed(name).ifPresent(type -> wanted[type.ordinal()] = true);
        }
        return wanted;
    }

    private boolean matchesHeader(List<HeaderMatch> matches, ScannedBatch scanned) {
        Descriptor message = catalog.header().getMessageType();
        DynamicMessage header;
        try {
            CodedInputStream in =
                    CodedInputStream.newInstance(
                            scanned.header(),
                            scanned.headerStart(),
                            scanned.headerEnd() - scanned.headerStart());
            header = DynamicMessage.newBuilder(message).mergeFrom(in).build();
        } catch (IOException e) {
            throw new UncheckedIOException("a header that was walked does not parse", e);
        }
        return matches.stream()
                .allMatch(match -> {
                    FieldDescriptor field = message.findFieldByName(match.field());
                    return field != null
                            && match.text().equals(String.valueOf(header.getField(field)));
                });
    }

    /** Returns the first event that is still to be shown, because the watcher has stalled. */
    private int show(
            LoggedEntry entry,
            int first,
            boolean[] wanted,
            Filter filter,
            BatchWalker walker,
            ScannedBatch scanned,
            EventLog.Reader reader,
            Watcher watcher)
            throws InterruptedException {
        EventLog.LogEntry logged = entry.entry();
        byte[] bytes = logged.bytes();
        walker.scan(bytes, logged.start(), logged.length(), scanned);
        boolean isOwn =
                filter.clientIds()
                        .contain(scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd());
        if (!isOwn || (!filter.header().isEmpty() && !matchesHeader(filter.header(), scanned))) {
            return ALL;
        }
        for (int i = first; i < scanned.size(); i++) {
            if (scanned.verdict(i) != ScannedBatch.Verdict.VALID
                    || !wanted[scanned.typeOrdinal(i)]) {
                continue;
            }
            if (reader.canPark() && !watcher.awaitReady(STALL_TIMEOUT)) {
                return i;
            }
            TailedEvent event =
                    new TailedEvent(
                            entry.position(),
                            i,
                            catalog.types().get(scanned.typeOrdinal(i)),
                            logged.ingestTimeMicros(),
                            scanned.header(),
                            scanned.headerStart(),
                            scanned.headerEnd(),
                            bytes,
                            scanned.start(i),
                            scanned.end(i));
            if (!watcher.event(event)) {
                return ENOUGH;
            }
        }
        return ALL;
    }
}
