package dev.wirebrook.events;

import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.EventLog.LoggedEntry;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.ScanResult;
import dev.wirebrook.schema.ScannedBatch;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns log entries into the rows of a route's next batch: leaves out what was rejected, what
 * belongs to other routes and what came before, and sets unknown types aside. Confined to the
 * route's thread.
 */
final class BatchStager {
    private final RouteSpec route;
    private final int routeIndex;
    private final int partition;
    private final boolean takesAll;
    private final TypeStarts starts;
    private final EventCatalog catalog;
    private final RouteTable routes;
    private final IdempotencyWindow window;
    private final BatchWalker walker;
    private final ScannedBatch scanned = new ScannedBatch();
    private final Fingerprint fingerprint;
    private final InstantSource clock;

    /**
     * @param partition which of the route's this one is for
     * @param takesAll whether the log hands this route nothing but what is its own; what it hands
     *     over then is settled here, also when the routes have been changed meanwhile
     * @param starts what of the route's types other routes have settled before
     */
    BatchStager(
            RouteSpec route,
            int routeIndex,
            int partition,
            boolean takesAll,
            TypeStarts starts,
            EventCatalog catalog,
            RouteTable routes,
            IdempotencyWindow window,
            Fingerprint.Key fingerprintKey,
            InstantSource clock) {
        this.route = route;
        this.routeIndex = routeIndex;
        this.partition = partition;
        this.takesAll = takesAll;
        this.starts = starts;
        this.catalog = catalog;
        this.routes = routes;
        this.window = window;
        // What was logged is walked whatever its size: the limit was the intake's.
        this.walker = new BatchWalker(catalog, Integer.MAX_VALUE);
        this.fingerprint = new Fingerprint(fingerprintKey);
        this.clock = clock;
    }

    /**
     * Adds an entry to the batch. Of an event that another route has settled before, only the id is
     * remembered.
     *
     * @param firstIndex events before this place in the entry are settled already
     * @param parked events that were parked and not stored, where other routes have settled events
     * @return how many events of this route the entry has, from {@code firstIndex} on
     */
    int stage(LoggedEntry logged, int firstIndex, Set<Cursor> parked, StagedBatch batch) {
        EventLog.LogEntry entry = logged.entry();
        byte[] bytes = entry.bytes();
        walk(bytes, entry.start(), entry.length(), logged.position());
        LoggedRequest request =
                new LoggedRequest(
                        logged.position(),
                        logged.name(),
                        entry.ingestTimeMicros(),
                        bytes,
                        entry.start(),
                        entry.length(),
                        scanned.header(),
                        scanned.headerStart(),
                        scanned.headerEnd());
        fingerprint.client(scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd());
        int events = 0;
        int[] rejected = entry.rejected();
        for (int i = firstIndex; i < scanned.size(); i++) {
            boolean ours = takesAll || routes.route(scanned.typeOrdinal(i)) == routeIndex;
            if (ours && (rejected.length == 0 || Arrays.binarySearch(rejected, i) < 0)) {
                if (starts.isSettled(scanned, i, logged.position())) {
                    rememberEvent(logged, i, parked);
                } else {
                    stageEvent(request, i, batch);
                    events++;
                }
            }
        }
        batch.end(new Cursor(logged.endPosition(), 0));
        return events;
    }

    /**
     * Brings an entry that was settled before a restart back into the window.
     *
     * @param endIndex events from this place on are not settled yet
     * @param parked events that were parked and not stored: their ids may come again
     */
    void remember(LoggedEntry logged, int endIndex, Set<Cursor> parked) {
        EventLog.LogEntry entry = logged.entry();
        byte[] bytes = entry.bytes();
        walk(bytes, entry.start(), entry.length(), logged.position());
        fingerprint.client(scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd());
        for (int i = 0; i < Math.min(endIndex, scanned.size()); i++) {
            if (routes.route(scanned.typeOrdinal(i)) == routeIndex) {
                rememberEvent(logged, i, parked);
            }
        }
    }

    private void rememberEvent(LoggedEntry logged, int event, Set<Cursor> parked) {
        if (scanned.verdict(event) == ScannedBatch.Verdict.VALID
                && scanned.idStart(event) < scanned.idEnd(event)
                && (parked.isEmpty() || !parked.contains(new Cursor(logged.position(), event)))) {
            fingerprint.event(scanned.bytes(), scanned.idStart(event), scanned.idEnd(event));
            window.add(
                    fingerprint.low(),
                    fingerprint.high(),
                    logged.position(),
                    logged.entry().ingestTimeMicros());
        }
    }

    /** Brings an id that a sink has stored back into the window, if it is of this partition. */
    void remember(String client, String id, long position, long ingestMicros) {
        byte[] clientBytes = client.getBytes(StandardCharsets.UTF_8);
        byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
        int home =
                EventPartition.of(
                        clientBytes,
                        0,
                        clientBytes.length,
                        idBytes,
                        0,
                        idBytes.length,
                        route.partitions());
        if (home != partition) {
            return;
        }
        fingerprint.client(clientBytes, 0, clientBytes.length);
        fingerprint.event(idBytes, 0, idBytes.length);
        window.add(fingerprint.low(), fingerprint.high(), position, ingestMicros);
    }

    /**
     * Rows of a batch as dead letters.
     *
     * @param reasons by row, in ascending order
     */
    List<DeadLetter> letters(
            StagedBatch batch, Map<Integer, String> reasons, int attempts, Instant firstFailure) {
        List<DeadLetter> letters = new ArrayList<>();
        long walkedPosition = -1;
        for (Map.Entry<Integer, String> row : reasons.entrySet()) {
            LoggedRequest request = batch.request(row.getKey());
            if (request.position() != walkedPosition) {
                walk(request.bytes(), request.start(), request.length(), request.position());
                walkedPosition = request.position();
            }
            letters.add(
                    letter(
                            request,
                            batch.cursor(row.getKey()).index(),
                            batch.type(row.getKey()).name(),
                            DeadLetterStore.Stage.SINK,
                            row.getValue(),
                            attempts,
                            firstFailure));
        }
        return letters;
    }

    private void walk(byte[] bytes, int start, int length, long position) {
        switch (walker.scan(bytes, start, length, scanned)) {
            case ScanResult.Scanned _, ScanResult.Empty _ -> {}
            // It was walked before it was logged. To skip it would lose it without a word.
            case ScanResult wrong ->
                    throw new IllegalStateException(
                            "the batch at position %d of the log does not read: %s"
                                    .formatted(position, wrong));
        }
    }

    private void stageEvent(LoggedRequest request, int event, StagedBatch batch) {
        switch (scanned.verdict(event)) {
            case VALID -> stageValid(request, event, batch);
            case QUARANTINED ->
                    batch.addQuarantined(
                            quarantine(
                                    request,
                                    event,
                                    "its type is not in the catalogue of this server"));
            // Accepted once, by a catalogue that has changed since: kept, never dropped.
            case REJECTED ->
                    batch.addQuarantined(
                            quarantine(
                                    request,
                                    event,
                                    "does not fit the catalogue any more: "
                                            + scanned.violations(event).getFirst().description()));
        }
    }

    private void stageValid(LoggedRequest request, int event, StagedBatch batch) {
        long low = 0;
        long high = 0;
        if (hasIdentity(request, event)) {
            low = fingerprint.low();
            high = fingerprint.high();
            if (!window.add(low, high, request.position(), request.ingestTimeMicros())) {
                batch.addDuplicate();
                return;
            }
        }
        EventType type = catalog.types().get(scanned.typeOrdinal(event));
        long ownTime = scanned.eventTimeMicros(event);
        long time = ownTime == ScannedBatch.NO_TIME ? request.ingestTimeMicros() : ownTime;
        batch.addRow(
                request, type, event, scanned.start(event), scanned.end(event), time, low, high);
    }

    /**
     * Whether the event can be told from others, by its id or by the name of the entry it came in.
     * If so, its fingerprint is taken.
     */
    private boolean hasIdentity(LoggedRequest request, int event) {
        if (scanned.idStart(event) < scanned.idEnd(event)) {
            fingerprint.event(request.bytes(), scanned.idStart(event), scanned.idEnd(event));
            return true;
        }
        if (!request.name().isEmpty()) {
            byte[] place = request.placeId(event);
            fingerprint.event(place, 0, place.length);
            return true;
        }
        return false;
    }

    private DeadLetter quarantine(LoggedRequest request, int event, String reason) {
        return letter(
                request, event, "", DeadLetterStore.Stage.QUARANTINE, reason, 1, clock.instant());
    }

    private DeadLetter letter(
            LoggedRequest request,
            int event,
            String type,
            DeadLetterStore.Stage stage,
            String reason,
            int attempts,
            Instant firstFailure) {
        return new DeadLetter(
                0,
                route.name(),
                new Cursor(request.position(), event),
                text(request.bytes(), scanned.idStart(event), scanned.idEnd(event)),
                type,
                text(scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd()),
                stage,
                reason,
                attempts,
                Micros.instant(request.ingestTimeMicros()),
                firstFailure,
                clock.instant(),
                DeadLetterStore.State.PARKED,
                null,
                Arrays.copyOfRange(scanned.header(), scanned.headerStart(), scanned.headerEnd()),
                Arrays.copyOfRange(request.bytes(), scanned.start(event), scanned.end(event)));
    }

    private static String text(byte[] bytes, int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }
}
