package dev.wirebrook.market;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.wirebrook.api.market.v1.Depth;
import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes updates as batches of events, with the numbers that the catalogue's messages have. Most of
 * a tick is copied from the update's snapshot, whose bytes are there. Events have no id: each
 * stands in the log once, and the windows of ids are left to the users' events. Immutable and
 * thread-safe.
 */
final class TickBatches {
    private static final String CLIENT_ID = "market";
    private static final int MICROS_PER_MILLI = 1_000;
    private static final int MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private final int events;
    private final int timestamp;
    private final int tick;
    private final byte[] header;
    private final BatchLimits limits;

    /**
     * @param catalog with ticks among its types
     */
    TickBatches(EventCatalog catalog, BatchLimits limits) {
        this.limits = limits;
        events = catalog.events().getNumber();
        timestamp = catalog.timestamp().getNumber();
        tick = TickType.of(catalog).field().getNumber();
        header = catalog.clientId().map(id -> header(catalog, id.getNumber())).orElse(new byte[0]);
    }

    private static byte[] header(EventCatalog catalog, int clientId) {
        int size = CodedOutputStream.computeStringSize(clientId, CLIENT_ID);
        int number = catalog.header().getNumber();
        byte[] header = new byte[sizeOfField(number, size)];
        CodedOutputStream out = CodedOutputStream.newInstance(header);
        try {
            writeHead(out, number, size);
            out.writeString(clientId, CLIENT_ID);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return header;
    }

    /** Serialised batches with an event for each update, in their order; as few as may be. */
    List<byte[]> of(String epoch, List<BookUpdate> updates) {
        ByteString name = ByteString.copyFromUtf8(epoch);
        List<byte[]> batches = new ArrayList<>();
        List<Tick> ticks = new ArrayList<>(updates.size());
        int size = header.length;
        for (BookUpdate update : updates) {
            Tick next = new Tick(update, name);
            int nextSize = sizeOfField(events, next.eventSize);
            boolean isFull =
                    ticks.size() == limits.eventsMax() || size + nextSize > limits.bytesMax();
            if (isFull && !ticks.isEmpty()) {
                batches.add(batch(ticks, size));
                ticks.clear();
                size = header.length;
            }
            ticks.add(next);
            size += nextSize;
        }
        batches.add(batch(ticks, size));
        return batches;
    }

    private byte[] batch(List<Tick> ticks, int size) {
        byte[] batch = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(batch);
        try {
            out.writeRawBytes(header);
            for (Tick each : ticks) {
                each.writeTo(out);
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return batch;
    }

    private static int sizeOfField(int number, int size) {
        return CodedOutputStream.computeTagSize(number)
                + CodedOutputStream.computeUInt32SizeNoTag(size)
                + size;
    }

    private static void writeHead(CodedOutputStream out, int number, int size) throws IOException {
        out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(size);
    }

    /** RFC 3339, or the shorter milliseconds where they say all. */
    private static byte[] time(long micros) {
        String text =
                micros % MICROS_PER_MILLI == 0
                        ? Long.toString(micros / MICROS_PER_MILLI)
                        : Instant.ofEpochSecond(
                                        Math.floorDiv(micros, MICROS_PER_SECOND),
                                        Math.floorMod(micros, (long) MICROS_PER_SECOND)
                                                * NANOS_PER_MICRO)
                                .toString();
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** One event, measured. */
    private final class Tick {
        private final BookUpdate update;
        private final ByteString epoch;
        private final byte[] time;
        private final @Nullable Depth depth;
        private final int quoteSize;
        private final int size;
        private final int eventSize;

        Tick(BookUpdate update, ByteString epoch) {
            this.epoch = epoch;
            this.update = update;
            // Without one, the event is of the time of its arrival.
            time = update.isReset() ? new byte[0] : time(update.exchangeTimeMicros());
            depth = update.newDepth().orElse(null);
            quoteSize = update.quoteSize();
            size =
                    quoteSize
                            + CodedOutputStream.computeBoolSize(
                                    MarketTick.TRADED_FIELD_NUMBER, true)
                            + CodedOutputStream.computeInt64Size(
                                    MarketTick.EXCHANGE_TIME_MICROS_FIELD_NUMBER,
                                    update.exchangeTimeMicros())
                            + CodedOutputStream.computeInt64Size(
                                    MarketTick.SEQUENCE_FIELD_NUMBER, update.sequence())
                            + CodedOutputStream.computeBytesSize(
                                    MarketTick.EPOCH_FIELD_NUMBER, epoch)
                            + (update.isReset()
                                    ? CodedOutputStream.computeBoolSize(
                                            MarketTick.RESET_FIELD_NUMBER, true)
                                    : 0)
                            + (depth == null
                                    ? 0
                                    : CodedOutputStream.computeMessageSize(
                                            MarketTick.DEPTH_FIELD_NUMBER, depth));
            eventSize =
                    (time.length == 0 ? 0 : CodedOutputStream.computeByteArraySize(timestamp, time))
                            + sizeOfField(tick, size);
        }

        void writeTo(CodedOutputStream out) throws IOException {
            writeHead(out, events, eventSize);
            if (time.length > 0) {
                out.writeByteArray(timestamp, time);
            }
            writeHead(out, tick, size);
            update.writeQuote(out, quoteSize);
            out.writeBool(MarketTick.TRADED_FIELD_NUMBER, update.isTrade());
            out.writeInt64(
                    MarketTick.EXCHANGE_TIME_MICROS_FIELD_NUMBER, update.exchangeTimeMicros());
            out.writeInt64(MarketTick.SEQUENCE_FIELD_NUMBER, update.sequence());
            out.writeBytes(MarketTick.EPOCH_FIELD_NUMBER, epoch);
            if (depth != null) {
                out.writeMessage(MarketTick.DEPTH_FIELD_NUMBER, depth);
            }
            if (update.isReset()) {
                out.writeBool(MarketTick.RESET_FIELD_NUMBER, true);
            }
        }
    }
}
