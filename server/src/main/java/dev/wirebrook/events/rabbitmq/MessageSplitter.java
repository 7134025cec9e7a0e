package dev.wirebrook.events.rabbitmq;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.wirebrook.events.EventLog.Append;
import dev.wirebrook.events.EventLog.LogEntry;
import dev.wirebrook.events.EventPartition;
import dev.wirebrook.schema.BatchJson;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.ScanResult;
import dev.wirebrook.schema.ScannedBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * Makes a batch into messages of one event type each: a routing key names a type, and a consumer
 * that this project did not write finds in a message what its key says and nothing that was
 * rejected.
 *
 * <p>Each message is a serialised {@code event.Events} with the batch's header and the events of
 * its type in their order, copied as bytes. A batch of one type, the usual case, goes as it
 * arrived, unread. A long batch is cut, so that what a consumer holds is bounded by counting
 * messages. Where a type's route is partitioned, a message's events are also of one partition;
 * those without an id go with their batch to any. Confined to one thread.
 */
final class MessageSplitter {
    /** A message is longer only when it holds a single event that is. */
    static final int MESSAGE_BYTES_MAX = 64 << 10;

    /**
     * @param partition of the route, as {@link EventMessage#partition} names it; empty where the
     *     route has none
     * @param body not written to
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes are not copied on their way
    record Message(String routingKey, String partition, boolean json, byte[] body) {}

    private final EventCatalog catalog;
    private final Predicate<String> isJson;
    private final ToIntFunction<String> partitions;
    private final BatchJson json;
    private final BatchWalker walker;
    private final ScannedBatch scanned = new ScannedBatch();
    private final int headerField;
    private final int eventsField;
    private int batches;

    /**
     * @param isJson whether messages with a routing key are JSON
     * @param partitions how many the route of a routing key has
     */
    MessageSplitter(
            EventCatalog catalog, Predicate<String> isJson, ToIntFunction<String> partitions) {
        this.partitions = partitions;
        this.catalog = catalog;
        this.isJson = isJson;
        this.json = new BatchJson(catalog);
        // What was admitted is walked whatever its size: the limit was the intake's.
        this.walker = new BatchWalker(catalog, Integer.MAX_VALUE);
        this.headerField = catalog.header().getNumber();
        this.eventsField = catalog.events().getNumber();
    }

    List<Message> split(Append append) {
        LogEntry entry = append.entry();
        if (append.onlyType() != ScannedBatch.NO_TYPE
                && entry.rejected().length == 0
                && entry.length() <= MESSAGE_BYTES_MAX
                && partitions.applyAsInt(key(append.onlyType())) == 1) {
            return List.of(message(key(append.onlyType()), "", whole(entry)));
        }
        if (!(walker.scan(entry.bytes(), entry.start(), entry.length(), scanned)
                instanceof ScanResult.Scanned)) {
            throw new IllegalStateException("a batch that was admitted does not read any more");
        }
        batches++;
        int[] homes = homes();
        List<Message> messages = new ArrayList<>();
        boolean[] done = new boolean[scanned.size()];
        for (int i : entry.rejected()) {
            done[i] = true;
        }
        for (int i = 0; i < scanned.size(); i++) {
            while (!done[i]) {
                messages.add(ofType(i, homes, entry, done));
            }
        }
        return messages;
    }

    /** The partition of each event. */
    private int[] homes() {
        int[] homes = new int[scanned.size()];
        for (int i = 0; i < homes.length; i++) {
            int count = partitions.applyAsInt(key(scanned.typeOrdinal(i)));
            if (count > 1) {
                homes[i] = home(i, count);
            }
        }
        return homes;
    }

    private int home(int event, int count) {
        int idStart = scanned.idStart(event);
        int idEnd = scanned.idEnd(event);
        return idStart == idEnd
                ? Integer.remainderUnsigned(batches, count)
                : EventPartition.of(
                        scanned.header(),
                        scanned.clientIdStart(),
                        scanned.clientIdEnd(),
                        scanned.bytes(),
                        idStart,
                        idEnd,
                        count);
    }

    private static byte[] whole(LogEntry entry) {
        return entry.start() == 0 && entry.length() == entry.bytes().length
                ? entry.bytes()
                : Arrays.copyOfRange(entry.bytes(), entry.start(), entry.start() + entry.length());
    }

    private String key(int ordinal) {
        return ordinal == ScannedBatch.NO_TYPE
                ? RabbitTopology.UNKNOWN_TYPE
                : catalog.types().get(ordinal).name();
    }

    private Message message(String key, String partition, byte[] body) {
        // What JSON cannot say goes as it is: a message says which of the two it is.
        Optional<byte[]> text = isJson.test(key) ? json.print(body) : Optional.empty();
        return new Message(key, partition, text.isPresent(), text.orElse(body));
    }

    /** As many events of one's type and partition as fit, from that one on; at least that one. */
    private Message ofType(int from, int[] homes, LogEntry entry, boolean[] done) {
        int ordinal = scanned.typeOrdinal(from);
        int home = homes[from];
        int headerLength = scanned.headerEnd() - scanned.headerStart();
        int size = headerLength == 0 ? 0 : fieldSize(headerField, headerLength);
        int behind = from;
        for (; behind < scanned.size(); behind++) {
            if (!done[behind] && scanned.typeOrdinal(behind) == ordinal && homes[behind] == home) {
                int event = fieldSize(eventsField, scanned.end(behind) - scanned.start(behind));
                if (behind > from && size + event > MESSAGE_BYTES_MAX) {
                    break;
                }
                size += event;
            }
        }
        byte[] body = new byte[size];
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(body);
            if (headerLength > 0) {
                write(out, headerField, scanned.header(), scanned.headerStart(), headerLength);
            }
            for (int i = from; i < behind; i++) {
                if (!done[i] && scanned.typeOrdinal(i) == ordinal && homes[i] == home) {
                    done[i] = true;
                    int length = scanned.end(i) - scanned.start(i);
                    write(out, eventsField, entry.bytes(), scanned.start(i), length);
                }
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("the size of a message was reckoned wrong", e);
        }
        String key = key(ordinal);
        int count = partitions.applyAsInt(key);
        return message(key, count == 1 ? "" : EventMessage.partition(home, count), body);
    }

    private static int fieldSize(int field, int length) {
        return CodedOutputStream.computeTagSize(field)
                + CodedOutputStream.computeUInt32SizeNoTag(length)
                + length;
    }

    private static void write(CodedOutputStream out, int field, byte[] bytes, int start, int length)
            throws IOException {
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(length);
        out.write(bytes, start, length);
    }
}
