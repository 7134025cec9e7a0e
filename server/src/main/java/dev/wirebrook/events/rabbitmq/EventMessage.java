package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.wirebrook.events.EventLog.LogEntry;
import dev.wirebrook.events.Micros;
import java.util.Date;
import java.util.HashMap;
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

    /**
     * Names the partition of the route that the message is for, such as {@code 3-of-8}. The name
     * does not begin with x-, because bindings by headers leave such ones out.
     */
    static final String PARTITION_HEADER = "wirebrook-partition";

    /** Is there when the message's events may be stored already, by a node that is lost. */
    private static final String IN_DOUBT_HEADER = "wirebrook-in-doubt";

    private static final String TYPE = "event.Events";
    static final int PERSISTENT = 2;

    private EventMessage() {}

    /**
     * @param name tells the message from every other, and is the same when it is published again
     */
    static BasicProperties properties(String name, boolean json, long ingestTimeMicros) {
        return properties(name, json, ingestTimeMicros, "", false);
    }

    /**
     * @param name tells the message from every other, and is the same when it is published again
     * @param partition of the route, as {@link #partition} names it; empty where it has none
     * @param inDoubt whether the events may be stored already
     */
    static BasicProperties properties(
            String name, boolean json, long ingestTimeMicros, String partition, boolean inDoubt) {
        Map<String, Object> headers = new HashMap<>();
        headers.put(INGEST_TIME_HEADER, ingestTimeMicros);
        if (!partition.isEmpty()) {
            headers.put(PARTITION_HEADER, partition);
        }
        if (inDoubt) {
            headers.put(IN_DOUBT_HEADER, true);
        }
        return new BasicProperties.Builder()
                .contentType(json ? JSON : PROTOBUF)
                .type(TYPE)
                .deliveryMode(PERSISTENT)
                .messageId(name)
                .headers(headers)
                .build();
    }

    /**
     * @param index from 0 on
     */
    static String partition(int index, int partitions) {
        return index + 1 + "-of-" + partitions;
    }

    static boolean isInDoubt(BasicProperties properties) {
        Map<String, Object> headers = properties.getHeaders();
        return headers != null && headers.containsKey(IN_DOUBT_HEADER);
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
