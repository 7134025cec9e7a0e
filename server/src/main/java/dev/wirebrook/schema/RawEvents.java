package dev.wirebrook.schema;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Puts batches together from bytes that are kept as they arrived. Immutable and thread-safe. */
public final class RawEvents {
    private final int headerTag;
    private final int eventsTag;
    private final int idTag;

    public RawEvents(EventCatalog catalog) {
        headerTag = tag(catalog.header().getNumber());
        eventsTag = tag(catalog.events().getNumber());
        idTag = tag(catalog.eventId().getNumber());
    }

    private static int tag(int number) {
        return (number << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /**
     * The batch of one event.
     *
     * @param header the header's message, as {@link ScannedBatch#header} has it; may be empty
     * @param event the event's message
     */
    public byte[] batchOf(byte[] header, byte[] event) {
        int headerSize = header.length == 0 ? 0 : sizeOf(headerTag, header);
        byte[] batch = new byte[Math.addExact(headerSize, sizeOf(eventsTag, event))];
        CodedOutputStream out = CodedOutputStream.newInstance(batch);
        try {
            if (header.length != 0) {
                write(out, headerTag, header);
            }
            write(out, eventsTag, event);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.checkNoSpaceLeft();
        return batch;
    }

    /** The event with an id; {@code event} is its message, and has none. */
    public byte[] withId(byte[] event, String id) {
        byte[] text = id.getBytes(StandardCharsets.UTF_8);
        byte[] named = Arrays.copyOf(event, Math.addExact(event.length, sizeOf(idTag, text)));
        CodedOutputStream out =
                CodedOutputStream.newInstance(named, event.length, named.length - event.length);
        try {
            write(out, idTag, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.checkNoSpaceLeft();
        return named;
    }

    private static int sizeOf(int tag, byte[] message) {
        return CodedOutputStream.computeUInt32SizeNoTag(tag)
                + CodedOutputStream.computeByteArraySizeNoTag(message);
    }

    private static void write(CodedOutputStream out, int tag, byte[] message) throws IOException {
        out.writeUInt32NoTag(tag);
        out.writeByteArrayNoTag(message);
    }
}
