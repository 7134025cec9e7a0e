package dev.wirebrook.events.rabbitmq;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.wirebrook.events.EventLog.Append;
import dev.wirebrook.events.EventLog.LogEntry;
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

/**
 * Makes a batch into messages of one event type each: a routing key names a type, and a consumer
 * that this project did not write finds in a message what its key says and nothing that was
 * rejected.
 *
 * <p>Each message is a serialised {@code event.Events} with the batch's header and the events of
 * its type in their order, copied as bytes. A batch of one type, the usual case, goes as it
 * arrived, unread. A long batch is cut, so that what a consumer holds is bounded by counting
 * messages. Confined to one thread.
 */
final class MessageSplitter {
    /** A message is longer only when it holds a single event that is. */
    static final int MESSAGE_BYTES_MAX = 64 << 10;

    /**
     * @param body not written to
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes are not copied on their way
    record Message(String routingKey, boolean json, byte[] body) {}

    private final EventCatalog catalog;
    private final Predicate<String> isJson;
    private final BatchJson json;
    private final BatchWalker walker;
    private final ScannedBatch scanned = new ScannedBatch();
    private final int headerField;
    private final int eventsField;

    /**
     * @param isJson whether messages with a routing key are JSON
     */
    MessageSplitter(EventCatalog catalog, Predicate<String> isJson) {
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
                && entry.length() <= MESSAGE_BYTES_MAX) {
            return List.of(message(key(append.onlyType()), whole(entry)));
        }
        if (!(walker.scan(entry.bytes(), entry.start(), entry.length(), scanned)
                instanceof ScanResult.Scanned)) {
            throw new IllegalStateException("a batch that was admitted does not read any more");
        }
        List<Message> messages = new ArrayList<>();
        boolean[] done = new boolean[scanned.size()];
        for (int i : entry.rejected()) {
            done[i] = true;
        }
        for (int i = 0; i < scanned.size(); i++) {
            while (!done[i]) {
                messages.add(ofType(scanned.typeOrdinal(i), i, entry, done));
            }
        }
        return messages;
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

    private Message message(String key, byte[] body) {
        // What JSON cannot say goes as it is: a message says which of the two it is.
        Optional<byte[]> text = isJson.test(key) ? json.print(body) : Optional.empty();
        return new Message(key, text.isPresent(), text.orElse(body));
    }

    /** As many events of a type as fit, from one on; at least that one. */
    private Message ofType(int ordinal, int from, LogEntry entry, boolean[] done) {
        int headerLength = scanned.headerEnd() - scanned.headerStart();
        int size = headerLength == 0 ? 0 : fieldSize(headerField, headerLength);
        int behind = from;
        for (; behind < scanned.size(); behind++) {
            if (!done[behind] && scanned.typeOrdinal(behind) == ordinal) {
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
                if (!done[i] && scanned.typeOrdinal(i) == ordinal) {
                    done[i] = true;
                    int length = scanned.end(i) - scanned.start(i);
                    write(out, eventsField, entry.bytes(), scanned.start(i), length);
                }
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("the size of a message was reckoned wrong", e);
        }
        return message(key(ordinal), body);
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
