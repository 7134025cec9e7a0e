package dev.wirebrook.schema;

import dev.wirebrook.failure.Violation;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What an event must be beyond a sound message. Immutable and thread-safe. */
final class EventRules {
    /** How much of a wrong timestamp its violation shows, in bytes. */
    private static final int SHOWN_BYTES_MAX = 40;

    private final String events;
    private final String eventId;
    private final String timestamp;
    private final String oneof;
    private final String chooseVariant;
    private final boolean rejectsReservedIds;
    private final JsonLimits limits;

    EventRules(EventCatalog catalog, boolean rejectsReservedIds) {
        this.rejectsReservedIds = rejectsReservedIds;
        events = catalog.events().getName();
        eventId = catalog.eventId().getName();
        timestamp = catalog.timestamp().getName();
        oneof = catalog.oneof().getName();
        limits = new JsonLimits(catalog);
        chooseVariant =
                "no event type is set; set one of the catalogue's "
                        + catalog.types().size()
                        + ", such as "
                        + catalog.types().getFirst().field().getName();
    }

    /** Gives the open event its verdict, when its bytes are sound. */
    void judge(ScannedBatch batch) {
        int start = batch.timestampStart();
        int end = batch.timestampEnd();
        if (end > start) {
            long micros = EventTime.parseMicros(batch.bytes(), start, end);
            batch.eventTime(micros);
            if (micros == EventTime.INVALID) {
                reject(batch, timestamp, wrongTimestamp(batch.bytes(), start, end));
            }
        }
        if (batch.idLength() > BatchWalker.ID_BYTES_MAX) {
            reject(
                    batch,
                    eventId,
                    "is %,d bytes long; send at most %d"
                            .formatted(batch.idLength(), BatchWalker.ID_BYTES_MAX));
            batch.noId();
        }
        if (rejectsReservedIds && batch.hasReservedId()) {
            reject(
                    batch,
                    eventId,
                    "begins with \"%s\", which is reserved for ids that the server gives; send another id, or none"
                            .formatted(ReservedIds.EVENT_PREFIX));
        }
        if (batch.reader.isDoubtful() && batch.isValid() && batch.hasType()) {
            judgeValues(batch);
        }
        if (!batch.hasType()) {
            if (!batch.hasUnknownField()) {
                reject(batch, oneof, chooseVariant);
            } else if (batch.isValid()) {
                batch.quarantine();
            }
        }
    }

    private void judgeValues(ScannedBatch batch) {
        Violation violation =
                limits.ofEvent(batch.bytes(), batch.openStart(), batch.openEnd(), path(batch));
        if (violation != null) {
            batch.reject(violation);
        }
    }

    @Nullable Violation headerViolation(ScannedBatch batch) {
        return batch.hasDoubtfulHeader()
                ? limits.ofHeader(batch.header(), batch.headerStart(), batch.headerEnd())
                : null;
    }

    /** Rejects the open event, whose walk has just met a fault. */
    void rejectUnreadable(ScannedBatch batch) {
        WireReader reader = batch.reader;
        batch.reject(
                new Violation(
                        reader.faultPath().under(path(batch)),
                        "%s, at byte %d of the event; encode it again"
                                .formatted(
                                        reader.fault().description(),
                                        reader.faultOffset() - batch.openStart())));
        reader.clearFault();
        if (batch.idLength() > BatchWalker.ID_BYTES_MAX) {
            batch.noId();
        }
    }

    private void reject(ScannedBatch batch, String field, String description) {
        batch.reject(new Violation(path(batch) + "." + field, description));
    }

    private String path(ScannedBatch batch) {
        return events + "[" + batch.size() + "]";
    }

    private static String wrongTimestamp(byte[] bytes, int start, int end) {
        int shown = Math.min(end - start, SHOWN_BYTES_MAX);
        String text = new String(bytes, start, shown, StandardCharsets.UTF_8);
        return "\"%s%s\" is no time; %s"
                .formatted(text, shown < end - start ? "..." : "", EventTime.EXPECTED);
    }
}
