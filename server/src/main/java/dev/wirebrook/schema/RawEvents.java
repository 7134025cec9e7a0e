package dev.wirebrook.schema;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Puts batches together from bytes that are kept as they arrived. Immutable and thread-safe. */
public final class RawEvents {
    private final int headerTag;
    private final int eventsTag;

    public RawEvents(EventCatalog catalog) {
        headerTag = tag(catalog.header().getNumber());
        eventsTag = tag(catalog.events().getNumber());
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

    private static int sizeOf(int tag, byte[] message) {
        return CodedOutputStream.computeUInt32SizeNoTag(tag)
                + CodedOutputStream.computeByteArraySizeNoTag(message);
    }

    private static void write(CodedOutputStream out, int tag, byte[] message) throws IOException {
        out.writeUInt32NoTag(tag);
        out.writeByteArrayNoTag(message);
    }
}
