package dev.wirebrook.events.rabbitmq;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.wirebrook.events.EventLog.LogEntry;
import dev.wirebrook.events.Micros;
import dev.wirebrook.events.rabbitmq.Deliveries.Delivery;
import dev.wirebrook.schema.BatchJson;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.ScanResult;
import dev.wirebrook.schema.ScannedBatch;
import java.time.InstantSource;

/**
 * Makes log entries of messages, which anybody may have published: protobuf or JSON, sound or not.
 * Confined to one thread.
 */
final class MessageReader {
    private final BatchJson json;
    private final BatchWalker walker;
    private final ScannedBatch scanned = new ScannedBatch();
    private final InstantSource clock;

    MessageReader(EventCatalog catalog, InstantSource clock) {
        this.json = new BatchJson(catalog);
        this.walker = new BatchWalker(catalog, Integer.MAX_VALUE);
        this.clock = clock;
    }

    /** A message that holds no batch of events. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String reason) {
            super(reason);
        }
    }

    LogEntry read(Delivery delivery) throws UnreadableException {
        byte[] body = delivery.body();
        if (EventMessage.isJson(delivery.properties())) {
            try {
                body = json.parse(body);
            } catch (InvalidProtocolBufferException e) {
                throw new UnreadableException("no batch of events in JSON: " + e.getMessage());
            }
        }
        ScanResult result = walker.scan(body, 0, body.length, scanned);
        if (!(result instanceof ScanResult.Scanned)) {
            throw new UnreadableException("no batch of events: " + result);
        }
        return EventMessage.entry(delivery.properties(), body, Micros.of(clock.instant()));
    }
}
