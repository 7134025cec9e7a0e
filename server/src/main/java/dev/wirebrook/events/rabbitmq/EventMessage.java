package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.wirebrook.events.EventLog.LogEntry;
import dev.wirebrook.events.Micros;
import java.util.Date;
import java.util.Map;

/**
 * How a batch travels as a message, beside its body.
 *
 * <p>A message that somebody else published may have none of the properties: it then arrived when
 * the broker's client stamped it, or now, and has no name.
 */
final class EventMessage {
    static final String PROTOBUF = "application/protobuf";
    static final String JSON = "application/json";

    /** Holds when the batch was taken in, microseconds since 1970. */
    static final String INGEST_TIME_HEADER = "x-ingest-micros";

    private static final String TYPE = "event.Events";
    static final int PERSISTENT = 2;

    private EventMessage() {}

    /**
     * @param name tells the message from every other, and is the same when it is published again
     */
    static BasicProperties properties(String name, boolean json, long ingestTimeMicros) {
        return new BasicProperties.Builder()
                .contentType(json ? JSON : PROTOBUF)
                .type(TYPE)
                .deliveryMode(PERSISTENT)
                .messageId(name)
                .headers(Map.of(INGEST_TIME_HEADER, ingestTimeMicros))
                .build();
    }

    static String name(BasicProperties properties) {
        String name = properties.getMessageId();
        return name == null ? "" : name;
    }

    static boolean isJson(BasicProperties properties) {
        String type = properties.getContentType();
        return type != null && type.startsWith(JSON);
    }

    static LogEntry entry(BasicProperties properties, byte[] body, long nowMicros) {
        return new LogEntry(
                ingestTimeMicros(properties, nowMicros),
                LogEntry.NONE_REJECTED,
                body,
                0,
                body.length);
    }

    @SuppressWarnings("JavaUtilDate") // the client's type for a timestamp
    private static long ingestTimeMicros(BasicProperties properties, long otherwise) {
        Map<String, Object> headers = properties.getHeaders();
        if (headers != null && headers.get(INGEST_TIME_HEADER) instanceof Long micros) {
            return micros;
        }
        Date stamp = properties.getTimestamp();
        return stamp == null ? otherwise : Micros.of(stamp.toInstant());
    }
}
