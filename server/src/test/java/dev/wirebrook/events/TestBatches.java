package dev.wirebrook.events;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Makes frozen batches from real protobuf bytes, as the pipeline does from the log. */
public final class TestBatches {
    private final EventCatalog catalog;
    private final String route;
    private Cursor from = Cursor.START;
    private long ingestTimeMicros = 1_800_000_000_000_000L;
    private long eventTimeMicros = 1_790_000_000_000_000L;
    private final List<LoggedRequest> requests = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();
    private SettledCounts others = SettledCounts.ZERO;
    private Cursor to = Cursor.START;

    private record Row(int request, int index, EventType type, int start, int end, long time) {}

    private record Frozen(
            String route,
            Cursor from,
            Cursor to,
            SettledCounts counts,
            List<LoggedRequest> requests,
            List<Row> rows)
            implements FrozenBatch {
        @Override
        public int size() {
            return rows.size();
        }

        @Override
        public int request(int row) {
            return rows.get(row).request;
        }

        @Override
        public int index(int row) {
            return rows.get(row).index;
        }

        @Override
        public EventType type(int row) {
            return rows.get(row).type;
        }

        @Override
        public int start(int row) {
            return rows.get(row).start;
        }

        @Override
        public int end(int row) {
            return rows.get(row).end;
        }

        @Override
        public long eventTimeMicros(int row) {
            return rows.get(row).time;
        }
    }

    private TestBatches(EventCatalog catalog, String route) {
        this.catalog = catalog;
        this.route = route;
    }

    public static TestBatches of(EventCatalog catalog, String route) {
        return new TestBatches(catalog, route);
    }

    public TestBatches from(Cursor start) {
        from = start;
        if (to.compareTo(start) < 0) {
            to = start;
        }
        return this;
    }

    /** Time of arrival for the requests that follow. */
    public TestBatches ingestTimeMicros(long micros) {
        ingestTimeMicros = micros;
        return this;
    }

    /** Time of the events that follow; each gets one microsecond more than the last. */
    public TestBatches eventTimeMicros(long micros) {
        eventTimeMicros = micros;
        return this;
    }

    /** Counts what was settled without a row. */
    public TestBatches settled(SettledCounts counts) {
        others = counts;
        return this;
    }

    public TestBatches to(Cursor end) {
        to = end;
        return this;
    }

    public TestBatches request(long position, Message events) {
        return request(position, events.toByteArray());
    }

    public TestBatches request(long position, byte[] events) {
        return request(position, events, 0, Integer.MAX_VALUE);
    }

    /** Only the events {@code [first, last)} of the request have rows in this batch. */
    public TestBatches request(long position, byte[] events, int first, int last) {
        try {
            return read(position, events, first, last);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TestBatches read(long position, byte[] events, int first, int last) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        CodedInputStream in = CodedInputStream.newInstance(events);
        int index = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int number = WireFormat.getTagFieldNumber(tag);
            if (number == catalog.header().getNumber()) {
                header.writeBytes(in.readByteArray());
            } else if (number == catalog.events().getNumber()) {
                int length = in.readRawVarint32();
                int start = in.getTotalBytesRead();
                if (index >= first && index < last) {
                    EventType type = type(events, start, start + length);
                    rows.add(
                            new Row(
                                    requests.size(),
                                    index,
                                    type,
                                    start,
                                    start + length,
                                    eventTimeMicros++));
                }
                in.skipRawBytes(length);
                index++;
            } else {
                in.skipField(tag);
            }
        }
        byte[] joined = header.toByteArray();
        requests.add(
                new LoggedRequest(
                        position,
                        "",
                        ingestTimeMicros,
                        events,
                        0,
                        events.length,
                        joined,
                        0,
                        joined.length));
        to = last >= index ? new Cursor(position + 1, 0) : new Cursor(position, last);
        return this;
    }

    /** The type of the last variant on the wire, as protobuf's parser would have it. */
    private EventType type(byte[] bytes, int start, int end) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes, start, end - start);
        EventType type = null;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            type = catalog.typeNumbered(WireFormat.getTagFieldNumber(tag)).orElse(type);
            in.skipField(tag);
        }
        if (type == null) {
            throw new IllegalArgumentException("event without a known variant");
        }
        return type;
    }

    public FrozenBatch freeze() {
        SettledCounts counts = others.plus(new SettledCounts(rows.size(), 0, 0, 0));
        return new Frozen(route, from, to, counts, List.copyOf(requests), List.copyOf(rows));
    }
}
