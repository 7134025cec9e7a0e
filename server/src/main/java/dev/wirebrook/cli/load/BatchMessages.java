package dev.wirebrook.cli.load;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.cli.load.EventMapping.MappedEvent;
import dev.wirebrook.client.EventBatch;
import dev.wirebrook.schema.EventCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Batches as messages of the catalogue in force. */
final class BatchMessages {
    private final EventCatalog catalog;

    BatchMessages(EventCatalog catalog) {
        this.catalog = catalog;
    }

    /** A batch of one event. */
    Message of(MappedEvent event) {
        try {
            return DynamicMessage.newBuilder(catalog.batchMessage())
                    .setField(
                            catalog.header(),
                            DynamicMessage.parseFrom(
                                    catalog.header().getMessageType(), event.header()))
                    .addRepeatedField(
                            catalog.events(),
                            DynamicMessage.parseFrom(
                                    catalog.events().getMessageType(), event.event()))
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("what was just written does not read", e);
        }
    }

    /**
     * Reads an event, or a batch with a list of events. Events without an id get one, so that they
     * can be sent again.
     *
     * @throws IllegalArgumentException when it is neither
     */
    Message ofJson(String json) {
        DynamicMessage.Builder batch = DynamicMessage.newBuilder(catalog.batchMessage());
        try {
            boolean isBatch =
                    JsonParser.parseString(json) instanceof JsonObject object
                            && object.has(catalog.events().getJsonName());
            if (isBatch) {
                JsonFormat.parser().merge(json, batch);
            } else {
                DynamicMessage.Builder event =
                        DynamicMessage.newBuilder(catalog.events().getMessageType());
                JsonFormat.parser().merge(json, event);
                batch.addRepeatedField(catalog.events(), event.build());
            }
        } catch (JsonParseException | InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        for (int i = 0; i < batch.getRepeatedFieldCount(catalog.events()); i++) {
            Message event = (Message) batch.getRepeatedField(catalog.events(), i);
            if (id(event).isEmpty()) {
                batch.setRepeatedField(
                        catalog.events(),
                        i,
                        event.toBuilder()
                                .setField(catalog.eventId(), UUID.randomUUID().toString())
                                .build());
            }
        }
        return batch.build();
    }

    List<String> ids(Message batch) {
        return events(batch).stream().map(this::id).toList();
    }

    EventBatch encode(Message batch) {
        List<ByteString> events = events(batch).stream().map(Message::toByteString).toList();
        return new EventBatch(((Message) batch.getField(catalog.header())).toByteString(), events);
    }

    /** On one line. */
    String toJson(Message batch) {
        try {
            return JsonFormat.printer().omittingInsignificantWhitespace().print(batch);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("what was just written does not print", e);
        }
    }

    private List<Message> events(Message batch) {
        List<Message> events = new ArrayList<>();
        for (int i = 0; i < batch.getRepeatedFieldCount(catalog.events()); i++) {
            events.add((Message) batch.getRepeatedField(catalog.events(), i));
        }
        return events;
    }

    private String id(Message event) {
        return event.getField(catalog.eventId()).toString();
    }
}
