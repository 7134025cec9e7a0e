package dev.wirebrook.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A batch of events as bytes, so that event types that this library was not built with go through
 * it too. Immutable.
 *
 * <p>Sending again is safe only for events with an id: without one an event is stored once for each
 * time it is sent. {@link #of} gives an id to those that have none; whoever makes a batch of bytes
 * sees to it.
 *
 * @param header a serialised header of all events; may be empty
 * @param events serialised events
 */
public record EventBatch(ByteString header, List<ByteString> events) {
    /** Numbers in {@code event.Events}, fixed by its contract. */
    private static final int HEADER_NUMBER = Events.HEADER_FIELD_NUMBER;

    private static final int EVENTS_NUMBER = Events.EVENTS_FIELD_NUMBER;

    public EventBatch {
        events = List.copyOf(events);
    }

    /** The batch, with a random id for each event that has none. */
    public static EventBatch of(Events batch) {
        List<ByteString> events = new ArrayList<>(batch.getEventsCount());
        for (Event event : batch.getEventsList()) {
            events.add(
                    event.getId().isEmpty()
                            ? event.toBuilder()
                                    .setId(UUID.randomUUID().toString())
                                    .build()
                                    .toByteString()
                            : event.toByteString());
        }
        return new EventBatch(batch.getHeader().toByteString(), events);
    }

    /** The events at such places, under the same header. */
    EventBatch subset(List<Integer> indexes) {
        return new EventBatch(header, indexes.stream().map(events::get).toList());
    }

    /** Length of the serialised batch in bytes. */
    public int encodedLength() {
        int length =
                header.isEmpty() ? 0 : CodedOutputStream.computeBytesSize(HEADER_NUMBER, header);
        for (ByteString event : events) {
            length += CodedOutputStream.computeBytesSize(EVENTS_NUMBER, event);
        }
        return length;
    }

    void writeTo(CodedOutputStream output) throws IOException {
        if (!header.isEmpty()) {
            output.writeBytes(HEADER_NUMBER, header);
        }
        for (ByteString event : events) {
            output.writeBytes(EVENTS_NUMBER, event);
        }
    }
}
