package dev.wirebrook.client;

import com.google.protobuf.CodedOutputStream;
import dev.wirebrook.api.event.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;

/** Events to bytes, once, with an id and a time for those that have none. Thread-safe. */
final class EventEncoder {
    private final EventIds ids = new EventIds();
    private final InstantSource clock;

    EventEncoder(InstantSource clock) {
        this.clock = clock;
    }

    byte[] encode(Event event) {
        String id = event.getId().isEmpty() ? ids.next() : "";
        String timestamp = event.getTimestamp().isEmpty() ? Long.toString(clock.millis()) : "";
        byte[] bytes =
                new byte
                        [length(Event.ID_FIELD_NUMBER, id)
                                + length(Event.TIMESTAMP_FIELD_NUMBER, timestamp)
                                + event.getSerializedSize()];
        CodedOutputStream output = CodedOutputStream.newInstance(bytes);
        try {
            if (!id.isEmpty()) {
                output.writeString(Event.ID_FIELD_NUMBER, id);
            }
            if (!timestamp.isEmpty()) {
                output.writeString(Event.TIMESTAMP_FIELD_NUMBER, timestamp);
            }
            event.writeTo(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        output.checkNoSpaceLeft();
        return bytes;
    }

    private static int length(int field, String value) {
        return value.isEmpty() ? 0 : CodedOutputStream.computeStringSize(field, value);
    }
}
