package dev.wirebrook.events;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Violation;
import dev.wirebrook.flow.ByteGate;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.ReservedIds;
import dev.wirebrook.schema.ScanResult;
import dev.wirebrook.schema.ScannedBatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The way in: admits a batch, walks it once on the wire, logs it, and answers when it is durable.
 *
 * <p>Thread-safe; never blocks. Memory is bounded by the gate: a batch holds its bytes of it from
 * admission until it is durable or refused.
 */
public final class EventIntake {
    /**
     * Who sent a batch, and where the answer goes. Exactly one answer is given, on {@link
     * #executor}.
     */
    public interface Sender {
        Executor executor();

        /** Under which its batches may be; others are refused. */
        ClientIds clientIds();

        /** Whether it is the server, whose own types of events nobody else sends. */
        boolean isServer();

        /**
         * Whether it may use the ids and client ids that only the server gives ({@link
         * ReservedIds}): deliveries of webhooks and dead letters that are replayed.
         */
        boolean usesReservedIds();

        /** Whether each event shall be looked up in the idempotency window for the results. */
        boolean reportsDuplicates();

        /**
         * What is wrong with an event that could not be made of what the caller sent, by its index
         * in the batch; null: it is as it was sent. Such an event has no type, and is rejected.
         */
        default @Nullable Violation misfit(int index) {
            return null;
        }

        /** Whether nobody waits for the answer any more; a batch not yet logged is then dropped. */
        boolean isGone();

        void answered(BatchOutcome outcome);

        void refused(Failure failure);
    }

    /**
     * @param batchBytesMax largest batch, in bytes
     * @param retryDelay what a sender is told to wait when there is no room
     */
    public record Limits(int batchBytesMax, int batchEventsMax, Duration retryDelay) {}

    // immutable state
    private final Limits limits;
    private final ByteGate gate;
    private final EventLog log;
    private final RouteTable routes;
    private final InstantSource clock;
    private final ThreadLocal<Scan> scans;
    private final int ownTypesFrom;
    private final int eventsTag;

    // mutable state
    private final LongAdder accepted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder batches = new LongAdder();
    private final LongAdder refusedBatches = new LongAdder();
    private volatile @Nullable Failure closed;

    /** What one thread needs to walk a batch; the arrays inside are reused. */
    private record Scan(
            BatchWalker walker,
            BatchWalker ownWalker,
            ScannedBatch scanned,
            Fingerprint fingerprint) {
        ScanResult of(byte[] batch, boolean usesReservedIds) {
            return (usesReservedIds ? ownWalker : walker).scan(batch, 0, batch.length, scanned);
        }
    }

    EventIntake(
            EventCatalog catalog,
            Limits limits,
            ByteGate gate,
            EventLog log,
            RouteTable routes,
            Fingerprint.Key fingerprintKey,
            InstantSource clock) {
        this.limits = limits;
        this.gate = gate;
        this.log = log;
        this.routes = routes;
        this.clock = clock;
        ownTypesFrom = catalog.ownTypesFrom();
        eventsTag = catalog.events().getNumber() << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
        this.scans =
                ThreadLocal.withInitial(() ->
                        new Scan(
                                BatchWalker.rejectingReservedIds(catalog, limits.batchEventsMax()),
                                new BatchWalker(catalog, limits.batchEventsMax()),
                                new ScannedBatch(),
                                new Fingerprint(fingerprintKey)));
    }

    /**
     * Takes one batch.
     *
     * @param batch a serialised {@code event.Events}; not written to, and kept until the answer
     */
    public void submit(byte[] batch, Sender sender) {
        Failure refusal = refusalUnread(batch);
        if (refusal != null) {
            refuse(sender, refusal);
        } else if (gate.tryEnter(batch.length)) {
            logAdmitted(batch, sender);
        } else {
            gate.enter(batch.length, new WaitingBatch(batch, sender));
        }
    }

    private @Nullable Failure refusalUnread(byte[] batch) {
        Failure refusal = closed;
        if (refusal == null && batch.length > limits.batchBytesMax()) {
            refusal =
                    new Failure.TooLarge(
                            "the batch has %,d bytes, and at most %,d are taken; send smaller batches"
                                    .formatted(batch.length, limits.batchBytesMax()),
                            "events.batch-bytes-max",
                            limits.batchBytesMax());
        }
        return refusal;
    }

    /**
     * Checks a batch of the server's own as {@link #submit} does, without logging it.
     *
     * @return why it, or its first rejected event, would be refused, or null
     */
    @Nullable String refusal(byte[] batch) {
        Failure refusal = refusalUnread(batch);
        Scan scan = scans.get();
        if (refusal == null) {
            refusal = refusalOf(scan, batch, ClientIds.ALL, true);
        }
        return refusal != null
                ? refusal.message()
                : outcome(outcomes(scan.scanned(), scan.fingerprint(), false, _ -> null), 0, 0)
                        .firstRejection();
    }

    /** Refuses everything from now on. */
    void close(Failure reason) {
        closed = reason;
    }

    /** Takes back {@link #close}. */
    void reopen() {
        closed = null;
    }

    /**
     * Counts the events of a serialised batch, whatever they are, without looking into them. Counts
     * those before the first fault of a batch that is malformed.
     */
    public int countEvents(byte[] batch) {
        CodedInputStream in = CodedInputStream.newInstance(batch);
        int count = 0;
        try {
            for (int tag = in.readTag(); tag != 0 && in.skipField(tag); tag = in.readTag()) {
                if (tag == eventsTag) {
                    count++;
                }
            }
        } catch (IOException e) {
            // Submitting it says what is wrong.
            return count;
        }
        return count;
    }

    /** What is taken at most. */
    public Limits limits() {
        return limits;
    }

    /** Events made durable since this process started. */
    public long accepted() {
        return accepted.sum();
    }

    /** Events refused with a reason since this process started. */
    public long rejected() {
        return rejected.sum();
    }

    /** Batches made durable since this process started. */
    public long batches() {
        return batches.sum();
    }

    /** Batches refused whole since this process started. */
    public long refusedBatches() {
        return refusedBatches.sum();
    }

    private void logAdmitted(byte[] batch, Sender sender) {
        Scan scan = scans.get();
        ScannedBatch scanned = scan.scanned();
        Failure failure = refusalOf(scan, batch, sender.clientIds(), sender.usesReservedIds());
        if (failure == null && scanned.highestType() >= ownTypesFrom && !sender.isServer()) {
            failure =
                    Failure.InvalidRequest.of(
                            "events",
                            "one is of a type that the server writes itself; market data goes to MarketDataService. Nothing of the batch was taken");
        }
        if (failure != null) {
            gate.leave(batch.length);
            refuse(sender, failure);
            return;
        }
        List<EventOutcome> outcomes =
                scanned.validCount() == scanned.size() && !sender.reportsDuplicates()
                        ? List.of()
                        : outcomes(
                                scanned,
                                scan.fingerprint(),
                                sender.reportsDuplicates(),
                                sender::misfit);
        int[] rejectedIndexes = rejectedIndexes(outcomes);
        rejected.add(rejectedIndexes.length);
        if (rejectedIndexes.length == scanned.size()) {
            gate.leave(batch.length);
            sender.answered(outcome(outcomes, scanned.size(), 0));
            return;
        }
        log.append(
                new LoggingBatch(
                        new EventLog.LogEntry(
                                Micros.of(clock.instant()),
                                rejectedIndexes,
                                batch,
                                0,
                                batch.length),
                        scanned,
                        sender,
                        outcomes));
    }

    /** Scans the batch. */
    private @Nullable Failure refusalOf(
            Scan scan, byte[] batch, ClientIds clientIds, boolean usesReservedIds) {
        ScannedBatch scanned = scan.scanned();
        Failure failure = failure(scan.of(batch, usesReservedIds));
        if (failure == null) {
            failure = unfitHeader(scan.walker().headerViolation(scanned));
        }
        return failure == null ? foreignClient(scanned, clientIds, usesReservedIds) : failure;
    }

    private @Nullable Failure failure(ScanResult result) {
        return switch (result) {
            case ScanResult.Scanned() -> null;
            case ScanResult.Empty() ->
                    Failure.InvalidRequest.of("events", "a batch holds at least one event");
            case ScanResult.Malformed malformed ->
                    Failure.InvalidRequest.of(
                            malformed.field().isEmpty() ? "events" : malformed.field(),
                            malformed.message() + "; nothing of the batch was taken");
            case ScanResult.TooManyEvents(int eventsMax) ->
                    new Failure.TooLarge(
                            "the batch has more than %,d events; send smaller batches"
                                    .formatted(eventsMax),
                            "events.batch-events-max",
                            eventsMax);
        };
    }

    private static @Nullable Failure unfitHeader(@Nullable Violation violation) {
        return violation == null
                ? null
                : Failure.InvalidRequest.of(
                        violation.field(),
                        violation.description() + "; nothing of the batch was taken");
    }

    private static @Nullable Failure foreignClient(
            ScannedBatch scanned, ClientIds own, boolean usesReservedIds) {
        if (!usesReservedIds
                && ReservedIds.isClientReserved(
                        scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd())) {
            return Failure.InvalidRequest.of(
                    "header.clientId",
                    "begins with \"%s\", which is reserved for deliveries of webhooks; send another client id. Nothing of the batch was taken"
                            .formatted(ReservedIds.WEBHOOK_CLIENT_PREFIX));
        }
        return own.contain(scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd())
                ? null
                : new Failure.PermissionDenied(
                        "header.clientId: this caller's is %s; nothing of the batch was taken"
                                .formatted(own.description()),
                        "events:write");
    }

    private List<EventOutcome> outcomes(
            ScannedBatch scanned,
            Fingerprint fingerprint,
            boolean reportsDuplicates,
            IntFunction<@Nullable Violation> misfits) {
        List<EventOutcome> outcomes = new ArrayList<>();
        if (reportsDuplicates) {
            fingerprint.client(scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd());
        }
        for (int i = 0; i < scanned.size(); i++) {
            EventOutcome.@Nullable Verdict verdict =
                    switch (scanned.verdict(i)) {
                        case VALID ->
                                reportsDuplicates && isDuplicate(scanned, i, fingerprint)
                                        ? EventOutcome.Verdict.DUPLICATE
                                        : null;
                        case REJECTED -> EventOutcome.Verdict.REJECTED;
                        case QUARANTINED -> EventOutcome.Verdict.QUARANTINED;
                    };
            if (verdict != null) {
                Violation misfit = misfits.apply(i);
                outcomes.add(
                        new EventOutcome(
                                i,
                                id(scanned, i),
                                verdict,
                                misfit == null ? scanned.violations(i) : List.of(misfit)));
            }
        }
        return outcomes;
    }

    private boolean isDuplicate(ScannedBatch scanned, int event, Fingerprint fingerprint) {
        if (scanned.idStart(event) == scanned.idEnd(event)) {
            return false;
        }
        fingerprint.event(scanned.bytes(), scanned.idStart(event), scanned.idEnd(event));
        int type = scanned.typeOrdinal(event);
        int partition =
                EventPartition.of(
                        scanned.header(),
                        scanned.clientIdStart(),
                        scanned.clientIdEnd(),
                        scanned.bytes(),
                        scanned.idStart(event),
                        scanned.idEnd(event),
                        routes.partitions(type));
        return routes.window(type, partition).contains(fingerprint.low(), fingerprint.high());
    }

    private static String id(ScannedBatch scanned, int event) {
        int start = scanned.idStart(event);
        return new String(
                scanned.bytes(), start, scanned.idEnd(event) - start, StandardCharsets.UTF_8);
    }

    private static int[] rejectedIndexes(List<EventOutcome> outcomes) {
        if (outcomes.isEmpty()) {
            return EventLog.LogEntry.NONE_REJECTED;
        }
        int[] indexes = new int[outcomes.size()];
        int count = 0;
        for (EventOutcome outcome : outcomes) {
            if (outcome.verdict() == EventOutcome.Verdict.REJECTED) {
                indexes[count++] = outcome.index();
            }
        }
        return Arrays.copyOf(indexes, count);
    }

    private static BatchOutcome outcome(List<EventOutcome> outcomes, int events, long endPosition) {
        int duplicates = 0;
        int rejections = 0;
        int quarantines = 0;
        for (EventOutcome outcome : outcomes) {
            switch (outcome.verdict()) {
                case DUPLICATE -> duplicates++;
                case REJECTED -> rejections++;
                case QUARANTINED -> quarantines++;
            }
        }
        return new BatchOutcome(
                events - rejections, duplicates, rejections, quarantines, outcomes, endPosition);
    }

    private void refuse(Sender sender, Failure failure) {
        refusedBatches.increment();
        sender.refused(failure);
    }

    /** A batch in line at the gate. */
    private final class WaitingBatch implements ByteGate.Entrant {
        private final byte[] batch;
        private final Sender sender;

        WaitingBatch(byte[] batch, Sender sender) {
            this.batch = batch;
            this.sender = sender;
        }

        @Override
        public void entered() {
            sender.executor()
                    .execute(() -> {
                        if (sender.isGone()) {
                            gate.leave(batch.length);
                        } else {
                            logAdmitted(batch, sender);
                        }
                    });
        }

        @Override
        public void refused() {
            sender.executor()
                    .execute(() ->
                            refuse(
                                    sender,
                                    new Failure.Overloaded(
                                            "more events are on their way to the disk than there is room for; send this"
                                                    + " batch again after the delay",
                                            limits.retryDelay())));
        }
    }

    /** A batch in the log's hands. */
    private final class LoggingBatch implements EventLog.Append {
        private final EventLog.LogEntry entry;
        private final int onlyType;
        private final Sender sender;
        private final List<EventOutcome> outcomes;
        private final int events;

        LoggingBatch(
                EventLog.LogEntry entry,
                ScannedBatch scanned,
                Sender sender,
                List<EventOutcome> outcomes) {
            this.entry = entry;
            this.onlyType = scanned.onlyType();
            this.sender = sender;
            this.outcomes = outcomes;
            this.events = scanned.size();
        }

        @Override
        public EventLog.LogEntry entry() {
            return entry;
        }

        @Override
        public int onlyType() {
            return onlyType;
        }

        @Override
        public Executor executor() {
            return sender.executor();
        }

        @Override
        public void durable(long position, long endPosition) {
            gate.leave(entry.length());
            BatchOutcome outcome = outcome(outcomes, events, endPosition);
            accepted.add(outcome.accepted());
            batches.increment();
            sender.answered(outcome);
        }

        @Override
        public void refused(Failure failure) {
            gate.leave(entry.length());
            refuse(sender, failure);
        }
    }
}
