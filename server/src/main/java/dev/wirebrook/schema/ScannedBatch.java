package dev.wirebrook.schema;

import dev.wirebrook.failure.Violation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link BatchWalker} found in one batch: where each event stands and what is to become of it.
 * Made once and used for one batch after the other; it grows to the largest and keeps the arrays of
 * the last one until the next scan or {@link #clear}.
 *
 * <p>All ranges are positions in an array, the end exclusive; an empty range means absent or empty,
 * which protobuf does not tell apart. Events count from 0 in the order of the batch.
 *
 * <p>Confined to one thread at a time.
 */
public final class ScannedBatch {
    /** The event time of an event without a timestamp. */
    public static final long NO_TIME = EventTime.INVALID;

    /** The ordinal of no type. */
    public static final int NO_TYPE = -1;

    public enum Verdict {
        /** Sound, of a known type. */
        VALID,
        /** Not to be stored: {@link #violations} says why. */
        REJECTED,
        /** Sound, of a type that is not in the catalogue: to be kept raw. */
        QUARANTINED
    }

    private static final int EVENTS_AT_FIRST = 128;
    private static final byte[] NO_BYTES = {};

    final WireReader reader = new WireReader();

    private int size;
    private int highestType = NO_TYPE;
    private int rejectedCount;
    private int quarantinedCount;
    private Verdict[] verdicts = new Verdict[EVENTS_AT_FIRST];
    private int[] starts = new int[EVENTS_AT_FIRST];
    private int[] ends = new int[EVENTS_AT_FIRST];
    private int[] typeOrdinals = new int[EVENTS_AT_FIRST];
    private int[] idStarts = new int[EVENTS_AT_FIRST];
    private int[] idEnds = new int[EVENTS_AT_FIRST];
    private long[] eventTimesMicros = new long[EVENTS_AT_FIRST];
    private final Map<Integer, List<Violation>> violations = new HashMap<>();

    private byte[] bytes = NO_BYTES;
    private byte[] header = NO_BYTES;
    private boolean headerJoined;
    private boolean headerDoubtful;
    private int headerStart;
    private int headerEnd;
    private int clientIdOffset;
    private int clientIdLength;

    // Of the event that is being walked.
    private int timestampStart;
    private int timestampEnd;
    private boolean hasUnknownField;

    /** Lets go of the scanned bytes. */
    public void clear() {
        begin(NO_BYTES);
    }

    void begin(byte[] input) {
        size = 0;
        highestType = NO_TYPE;
        rejectedCount = 0;
        quarantinedCount = 0;
        violations.clear();
        bytes = input;
        reader.begin(input);
        header = input;
        headerJoined = false;
        headerDoubtful = false;
        headerStart = 0;
        headerEnd = 0;
        clientIdOffset = 0;
        clientIdLength = 0;
    }

    /** Joins one more header, a range of the scanned bytes, to those before it. */
    void addHeader(int start, int end) {
        int length = headerEnd - headerStart;
        if (length == 0) {
            header = bytes;
            headerStart = start;
            headerEnd = end;
            return;
        }
        if (!headerJoined || header.length - headerEnd < end - start) {
            moveHeader(length + end - start);
        }
        System.arraycopy(bytes, start, header, headerEnd, end - start);
        headerEnd += end - start;
    }

    /** To an array of its own, with room to spare so that many headers cost no more than one. */
    private void moveHeader(int lengthMin) {
        int length = headerEnd - headerStart;
        byte[] roomy = new byte[(int) Math.min(2L * lengthMin, bytes.length)];
        System.arraycopy(header, headerStart, roomy, 0, length);
        header = roomy;
        headerJoined = true;
        headerStart = 0;
        headerEnd = length;
    }

    /** Notes the client id of the header that was added last, a range of the scanned bytes. */
    void clientId(int start, int end, int lastHeaderEnd) {
        int toHeader = headerEnd - lastHeaderEnd - headerStart;
        clientIdOffset = start + toHeader;
        clientIdLength = end - start;
    }

    /** Opens a row for an event; until {@link #endEvent} the methods below write into it. */
    void beginEvent(int start, int end) {
        int event = size;
        if (event == starts.length) {
            grow();
        }
        verdicts[event] = Verdict.VALID;
        starts[event] = start;
        ends[event] = end;
        typeOrdinals[event] = NO_TYPE;
        idStarts[event] = start;
        idEnds[event] = start;
        eventTimesMicros[event] = NO_TIME;
        timestampStart = start;
        timestampEnd = start;
        hasUnknownField = false;
    }

    void type(int ordinal) {
        typeOrdinals[size] = ordinal;
        highestType = Math.max(highestType, ordinal);
    }

    void id(int start, int end) {
        idStarts[size] = start;
        idEnds[size] = end;
    }

    void noId() {
        idEnds[size] = idStarts[size];
    }

    int idLength() {
        return idEnds[size] - idStarts[size];
    }

    /** Reports whether the open event's id is one that only the server gives. */
    boolean hasReservedId() {
        return ReservedIds.isEventReserved(bytes, idStarts[size], idEnds[size]);
    }

    void timestamp(int start, int end) {
        timestampStart = start;
        timestampEnd = end;
    }

    int timestampStart() {
        return timestampStart;
    }

    int timestampEnd() {
        return timestampEnd;
    }

    void eventTime(long micros) {
        eventTimesMicros[size] = micros;
    }

    void unknownField() {
        hasUnknownField = true;
    }

    boolean hasUnknownField() {
        return hasUnknownField;
    }

    void headerDoubt(boolean doubtful) {
        headerDoubtful |= doubtful;
    }

    boolean hasDoubtfulHeader() {
        return headerDoubtful;
    }

    int openEnd() {
        return ends[size];
    }

    int openStart() {
        return starts[size];
    }

    boolean isValid() {
        return verdicts[size] == Verdict.VALID;
    }

    boolean hasType() {
        return typeOrdinals[size] != NO_TYPE;
    }

    void reject(Violation violation) {
        verdicts[size] = Verdict.REJECTED;
        violations.computeIfAbsent(size, event -> new ArrayList<>()).add(violation);
    }

    void quarantine() {
        verdicts[size] = Verdict.QUARANTINED;
    }

    void endEvent() {
        switch (verdicts[size]) {
            case VALID -> {}
            case REJECTED -> rejectedCount++;
            case QUARANTINED -> quarantinedCount++;
        }
        size++;
    }

    private void grow() {
        int capacity = Math.multiplyExact(starts.length, 2);
        verdicts = Arrays.copyOf(verdicts, capacity);
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
        typeOrdinals = Arrays.copyOf(typeOrdinals, capacity);
        idStarts = Arrays.copyOf(idStarts, capacity);
        idEnds = Arrays.copyOf(idEnds, capacity);
        eventTimesMicros = Arrays.copyOf(eventTimesMicros, capacity);
    }

    /** Number of events. */
    public int size() {
        return size;
    }

    public int validCount() {
        return size - rejectedCount - quarantinedCount;
    }

    public int rejectedCount() {
        return rejectedCount;
    }

    public int quarantinedCount() {
        return quarantinedCount;
    }

    public Verdict verdict(int event) {
        return verdicts[checked(event)];
    }

    /** What is wrong with a rejected event; empty for any other. */
    public List<Violation> violations(int event) {
        return Collections.unmodifiableList(violations.getOrDefault(checked(event), List.of()));
    }

    /** The array that was scanned; {@link #start} and {@link #idStart} are positions in it. */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * The highest ordinal of a type of an event, {@link #NO_TYPE} when there is none: those of the
     * server's own types are above all others.
     */
    public int highestType() {
        return highestType;
    }

    /** First byte of the event's message. */
    public int start(int event) {
        return starts[checked(event)];
    }

    public int end(int event) {
        return ends[checked(event)];
    }

    /** {@link EventType#ordinal} of the event's type, or {@link #NO_TYPE}. */
    public int typeOrdinal(int event) {
        return typeOrdinals[checked(event)];
    }

    /** The type that every event is of, or {@link #NO_TYPE} where that is not one and known. */
    public int onlyType() {
        int only = size == 0 ? NO_TYPE : typeOrdinals[0];
        for (int i = 1; i < size; i++) {
            if (typeOrdinals[i] != only) {
                return NO_TYPE;
            }
        }
        return only;
    }

    /**
     * First byte of the event's id. A rejected event has one too, if it was read before the fault
     * and keeps to the limits.
     */
    public int idStart(int event) {
        return idStarts[checked(event)];
    }

    public int idEnd(int event) {
        return idEnds[checked(event)];
    }

    /** The event's own time in microseconds since 1970, or {@link #NO_TIME}. */
    public long eventTimeMicros(int event) {
        return eventTimesMicros[checked(event)];
    }

    /**
     * The array that holds the header: the one that was scanned, or a new one when the batch has
     * several headers, which are joined since protobuf defines that as merging them.
     */
    public byte[] header() {
        return header;
    }

    /** First byte of the header's message in {@link #header}. */
    public int headerStart() {
        return headerStart;
    }

    public int headerEnd() {
        return headerEnd;
    }

    /** First byte of the header's client id in {@link #header}. */
    public int clientIdStart() {
        return headerStart + clientIdOffset;
    }

    public int clientIdEnd() {
        return headerStart + clientIdOffset + clientIdLength;
    }

    private int checked(int event) {
        if (event < 0 || event >= size) {
            throw new IndexOutOfBoundsException("event " + event + " of " + size);
        }
        return event;
    }
}
