package dev.wirebrook.events;

import dev.wirebrook.schema.ReservedIds;
import java.nio.charset.StandardCharsets;

/**
 * One batch of events as it stands in the log.
 *
 * @param position where it stands
 * @param name what it is called wherever it is read again; empty when its position says as much
 * @param ingestTimeMicros when it arrived, in microseconds since 1970
 * @param bytes holds the request as it arrived, a serialised {@code event.Events}; never written to
 * @param start its first byte
 * @param length how many bytes it has
 * @param header the header's message, a range of its own or of {@code bytes}; several headers on
 *     the wire are joined, which protobuf defines as merging them
 * @param headerStart first byte of the header in {@code header}
 * @param headerEnd byte behind it
 */
@SuppressWarnings(
        "ArrayRecordComponent") // shared on purpose: the bytes are not copied on their way to the
// sink
public record LoggedRequest(
        long position,
        String name,
        long ingestTimeMicros,
        byte[] bytes,
        int start,
        int length,
        byte[] header,
        int headerStart,
        int headerEnd) {

    /**
     * The id of an event that came without one, derived from its place in the log. It begins with
     * the reserved prefix, so that no sender can choose it for another event. In UTF-8, since the
     * names of messages may hold any character.
     */
    public byte[] placeId(int index) {
        return placeId(
                name.isEmpty() ? "log-" + Long.toHexString(position) : "message-" + name, index);
    }

    /** The id of an event that came without one, in an entry of RabbitMQ with that name. */
    public static byte[] placeInMessage(String name, int index) {
        return placeId("message-" + name, index);
    }

    private static byte[] placeId(String place, int index) {
        return (ReservedIds.EVENT_PREFIX + place + '-' + index).getBytes(StandardCharsets.UTF_8);
    }
}
