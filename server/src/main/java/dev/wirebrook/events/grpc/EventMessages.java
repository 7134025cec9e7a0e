package dev.wirebrook.events.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Timestamp;
import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.api.event.Violation;
import dev.wirebrook.api.ingest.v1.TailedEvent;
import dev.wirebrook.events.BatchOutcome;
import dev.wirebrook.events.EventOutcome;
import dev.wirebrook.events.EventTail;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Domain to wire, for the event services. */
final class EventMessages {
    static final String SUCCESS = "SUCCESS";
    static final String ERROR = "ERROR";

    private EventMessages() {}

    static Response response(BatchOutcome outcome) {
        Response.Builder response =
                Response.newBuilder()
                        .setStatus(outcome.rejected() == 0 ? SUCCESS : ERROR)
                        .setAccepted(outcome.accepted());
        if (!outcome.outcomes().isEmpty()) {
            response.setDuplicate(outcome.duplicate())
                    .setRejected(outcome.rejected())
                    .setQuarantined(outcome.quarantined());
            outcome.outcomes().forEach(each -> response.addResults(result(each)));
        }
        if (outcome.rejected() > 0) {
            response.setMessage(
                    "%d of %d events were rejected; the results say why, and sending them again does not help"
                            .formatted(
                                    outcome.rejected(), outcome.accepted() + outcome.rejected()));
        }
        return response.build();
    }

    static EventResult result(EventOutcome outcome) {
        EventResult.Builder result =
                EventResult.newBuilder()
                        .setIndex(outcome.index())
                        .setId(outcome.id())
                        .setVerdict(
                                switch (outcome.verdict()) {
                                    case DUPLICATE -> EventResult.Verdict.DUPLICATE;
                                    case REJECTED -> EventResult.Verdict.REJECTED;
                                    case QUARANTINED -> EventResult.Verdict.QUARANTINED;
                                });
        outcome.violations()
                .forEach(each ->
                        result.addViolations(
                                Violation.newBuilder()
                                        .setField(each.field())
                                        .setDescription(each.description())));
        return result.build();
    }

    /**
     * A {@link TailedEvent}. Header and event are copied as they arrived, so that events of any
     * catalogue can be told.
     */
    static byte[] tailed(EventTail.TailedEvent event) {
        TailedEvent known =
                TailedEvent.newBuilder()
                        .setPosition(event.position())
                        .setIndex(event.index())
                        .setType(event.type().name())
                        .setIngestTime(timestamp(event.ingestTimeMicros()))
                        .build();
        int headerLength = event.headerEnd() - event.headerStart();
        int eventLength = event.end() - event.start();
        int size =
                known.getSerializedSize()
                        + delimitedSize(TailedEvent.HEADER_FIELD_NUMBER, headerLength)
                        + delimitedSize(TailedEvent.EVENT_FIELD_NUMBER, eventLength);
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            known.writeTo(out);
            out.writeByteArray(
                    TailedEvent.HEADER_FIELD_NUMBER,
                    event.header(),
                    event.headerStart(),
                    headerLength);
            out.writeByteArray(
                    TailedEvent.EVENT_FIELD_NUMBER, event.bytes(), event.start(), eventLength);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }

    static int delimitedSize(int field, int length) {
        return CodedOutputStream.computeTagSize(field)
                + CodedOutputStream.computeUInt32SizeNoTag(length)
                + length;
    }

    static Timestamp timestamp(long micros) {
        return Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(micros, 1_000_000L))
                .setNanos((int) Math.floorMod(micros, 1_000_000L) * 1_000)
                .build();
    }
}
