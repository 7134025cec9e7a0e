package dev.wirebrook.events.rabbitmq;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.wirebrook.events.EventLog.LogEntry;
import dev.wirebrook.events.LoggedRequest;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.ScanResult;
import dev.wirebrook.schema.ScannedBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes into events that came without an id the one that they are known by, which is their place
 * in a message of a certain name. In another message they would be others. Confined to one thread.
 */
final class PlaceIds {
    /** An id may have 256 bytes, of which the prefix and the index take some. */
    private static final int NAME_BYTES_MAX = 200;

    private final BatchWalker walker;
    private final ScannedBatch scanned = new ScannedBatch();
    private final int headerField;
    private final int eventsField;
    private final int idField;

    PlaceIds(EventCatalog catalog) {
        this.walker = new BatchWalker(catalog, Integer.MAX_VALUE);
        this.headerField = catalog.header().getNumber();
        this.eventsField = catalog.events().getNumber();
        this.idField = catalog.eventId().getNumber();
    }

    /**
     * @param name of the message that the entry came in; empty or too long for an id: nothing is
     *     changed
     */
    LogEntry withIds(LogEntry entry, String name) {
        if (name.isEmpty()
                || name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX
                || !(walker.scan(entry.bytes(), entry.start(), entry.length(), scanned)
                        instanceof ScanResult.Scanned)) {
            return entry;
        }
        boolean complete = true;
        for (int i = 0; i < scanned.size(); i++) {
            complete &= scanned.idStart(i) < scanned.idEnd(i);
        }
        if (complete) {
            return entry;
        }
        byte[] bytes = rewritten(name);
        return new LogEntry(
                entry.ingestTimeMicros(), LogEntry.NONE_REJECTED, bytes, 0, bytes.length);
    }

    private byte[] rewritten(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            int headerLength = scanned.headerEnd() - scanned.headerStart();
            if (headerLength > 0) {
                out.writeTag(headerField, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(headerLength);
                out.write(scanned.header(), scanned.headerStart(), headerLength);
            }
            for (int i = 0; i < scanned.size(); i++) {
                int length = scanned.end(i) - scanned.start(i);
                byte[] id =
                        scanned.idStart(i) < scanned.idEnd(i)
                                ? new byte[0]
                                : LoggedRequest.placeInMessage(name, i);
                int idLength =
                        id.length == 0 ? 0 : CodedOutputStream.computeByteArraySize(idField, id);
                out.writeTag(eventsField, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(length + idLength);
                out.write(scanned.bytes(), scanned.start(i), length);
                if (idLength > 0) {
                    out.writeByteArray(idField, id);
                }
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
