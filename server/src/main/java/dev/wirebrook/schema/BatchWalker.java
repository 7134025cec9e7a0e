package dev.wirebrook.schema;

import dev.wirebrook.failure.Violation;
import dev.wirebrook.schema.ScanResult.Empty;
import dev.wirebrook.schema.ScanResult.Malformed;
import dev.wirebrook.schema.ScanResult.Scanned;
import dev.wirebrook.schema.ScanResult.TooManyEvents;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Walks a serialised batch once, without decoding it, and says of each event where it stands and
 * what is to become of it.
 *
 * <p>Agrees with protobuf-java on what is a message (see {@link WireReader}), with one difference:
 * bytes inside an event that are none cost that event and not its batch. Where a field comes
 * several times the last one counts, messages merge, and the last variant of the oneof is the
 * event's type.
 *
 * <p>Beyond the wire, an event is rejected when its timestamp is none, its id is longer than {@link
 * #ID_BYTES_MAX}, a value has no form in JSON ({@link JsonLimits}), or it has no variant; it is
 * quarantined when it has no variant of the catalogue but a field that the catalogue does not know,
 * which may be a newer one.
 *
 * <p>Immutable and thread-safe; each thread brings its own {@link ScannedBatch}.
 */
public final class BatchWalker {
    /** Longest event id, in bytes of UTF-8. */
    public static final int ID_BYTES_MAX = 256;

    private static final int EVENT_DEPTH = 1;

    private final MessagePlan batchPlan;
    private final MessagePlan headerPlan;
    private final MessagePlan eventPlan;
    private final EventRules rules;
    private final int eventsMax;

    /**
     * @param eventsMax most events in one batch, from 1
     */
    public BatchWalker(EventCatalog catalog, int eventsMax) {
        this(catalog, eventsMax, false);
    }

    private BatchWalker(EventCatalog catalog, int eventsMax, boolean rejectsReservedIds) {
        if (eventsMax < 1) {
            throw new IllegalArgumentException("eventsMax must be 1 or more, is " + eventsMax);
        }
        MessagePlan.Outermost plans = MessagePlan.Outermost.of(catalog);
        batchPlan = plans.batch();
        headerPlan = plans.header();
        eventPlan = plans.event();
        rules = new EventRules(catalog, rejectsReservedIds);
        this.eventsMax = eventsMax;
    }

    /**
     * Returns a walker for batches from outside the server, which rejects events whose id is one
     * that only the server gives ({@link ReservedIds}).
     *
     * @param eventsMax most events in one batch, from 1
     */
    public static BatchWalker rejectingReservedIds(EventCatalog catalog, int eventsMax) {
        return new BatchWalker(catalog, eventsMax, true);
    }

    /**
     * Walks {@code bytes[offset, offset + length)} and writes what it finds over {@code into},
     * which keeps hold of the array. After any result but {@link Scanned} and {@link Empty}, what
     * {@code into} holds has no meaning.
     */
    public ScanResult scan(byte[] bytes, int offset, int length, ScannedBatch into) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        into.begin(bytes);
        return batch(offset, offset + length, into);
    }

    private ScanResult batch(int start, int end, ScannedBatch into) {
        WireReader reader = into.reader;
        int position = start;
        while (position < end) {
            int at = position;
            int tag = reader.varint32(position, end);
            position = reader.cursor();
            if (position < 0) {
                return malformed(start, reader);
            }
            int action = batchPlan.action(tag);
            position =
                    switch (action & MessagePlan.OPERATION) {
                        case MessagePlan.EVENT -> event(position, end, into);
                        case MessagePlan.HEADER -> header(position, end, into);
                        default -> reader.field(action, batchPlan, tag, position, end, 0);
                    };
            if (position < 0) {
                reader.failInside(batchPlan, tag, start, at);
                return malformed(start, reader);
            }
            if (into.size() > eventsMax) {
                return new TooManyEvents(eventsMax);
            }
        }
        return into.size() == 0 ? Empty.INSTANCE : Scanned.INSTANCE;
    }

    private static Malformed malformed(int start, WireReader reader) {
        return new Malformed(
                reader.faultPath().under(""),
                reader.fault().description(),
                reader.faultOffset() - start);
    }

    private int header(int position, int end, ScannedBatch into) {
        WireReader reader = into.reader;
        int stop = reader.payloadEnd(position, end);
        if (stop < 0) {
            return WireReader.FAULT;
        }
        int from = reader.cursor();
        into.addHeader(from, stop);
        reader.clearDoubt();
        int behind = headerFields(from, stop, into);
        into.headerDoubt(reader.isDoubtful());
        return behind;
    }

    /**
     * Returns what of the header has no form in JSON, or null. Meant for what comes in: a batch
     * with such a header is refused, as its JSON form would be.
     */
    public @Nullable Violation headerViolation(ScannedBatch batch) {
        return rules.headerViolation(batch);
    }

    private int headerFields(int start, int end, ScannedBatch into) {
        WireReader reader = into.reader;
        int position = start;
        while (position < end) {
            int at = position;
            int tag = reader.varint32(position, end);
            position = reader.cursor();
            if (position < 0) {
                return WireReader.FAULT;
            }
            int action = headerPlan.action(tag);
            if ((action & MessagePlan.OPERATION) == MessagePlan.CLIENT_ID) {
                position = reader.string(position, end);
                if (position >= 0) {
                    into.clientId(reader.cursor(), position, end);
                }
            } else {
                position = reader.field(action, headerPlan, tag, position, end, EVENT_DEPTH);
            }
            if (position < 0) {
                return reader.failInside(headerPlan, tag, start, at);
            }
        }
        return end;
    }

    /** Walks one event and files it, sound or not; only its length can break the frame. */
    private int event(int position, int end, ScannedBatch into) {
        WireReader reader = into.reader;
        int stop = reader.payloadEnd(position, end);
        if (stop < 0) {
            return WireReader.FAULT;
        }
        int start = reader.cursor();
        into.beginEvent(start, stop);
        reader.clearDoubt();
        if (eventFields(start, stop, into) < 0) {
            rules.rejectUnreadable(into);
        } else {
            rules.judge(into);
        }
        into.endEvent();
        return stop;
    }

    private int eventFields(int start, int end, ScannedBatch into) {
        WireReader reader = into.reader;
        byte[] bytes = into.bytes();
        int position = start;
        while (position < end) {
            int at = position;
            int tag = bytes[position++];
            if (tag < 0) {
                tag = reader.varint32(at, end);
                position = reader.cursor();
                if (position < 0) {
                    return WireReader.FAULT;
                }
            }
            int action = eventPlan.action(tag);
            switch (action & MessagePlan.OPERATION) {
                case MessagePlan.EVENT_ID -> {
                    position = reader.string(position, end);
                    if (position >= 0) {
                        into.id(reader.cursor(), position);
                    }
                }
                case MessagePlan.TIMESTAMP -> {
                    position = reader.string(position, end);
                    if (position >= 0) {
                        into.timestamp(reader.cursor(), position);
                    }
                }
                case MessagePlan.VARIANT -> {
                    into.type(MessagePlan.index(action));
                    position =
                            reader.subMessage(eventPlan.child(action), position, end, EVENT_DEPTH);
                }
                case MessagePlan.UNKNOWN -> {
                    into.unknownField();
                    position = reader.field(action, eventPlan, tag, position, end, EVENT_DEPTH);
                }
                default ->
                        position = reader.field(action, eventPlan, tag, position, end, EVENT_DEPTH);
            }
            if (position < 0) {
                return reader.failInside(eventPlan, tag, start, at);
            }
        }
        return end;
    }
}
