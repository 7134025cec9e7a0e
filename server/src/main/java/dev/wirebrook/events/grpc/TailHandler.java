package dev.wirebrook.events.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.wirebrook.api.ingest.v1.TailRequest;
import dev.wirebrook.api.ingest.v1.TailResponse;
import dev.wirebrook.events.ClientIds;
import dev.wirebrook.events.EventTail;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Violation;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.Caller;
import dev.wirebrook.grpc.PacedStream;
import dev.wirebrook.schema.EventCatalog;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@code wirebrook.ingest.v1.IngestService/Tail}: durable events as they arrive, each tail on a
 * virtual thread.
 */
final class TailHandler implements ServerCallHandler<byte[], byte[]> {
    private final EventCatalog catalog;
    private final EventTail tail;
    private final Workers workers;
    private final TailLimit limit;

    TailHandler(EventCatalog catalog, EventTail tail, Workers workers, TailLimit limit) {
        this.limit = limit;
        this.catalog = catalog;
        this.tail = tail;
        this.workers = workers;
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(
            ServerCall<byte[], byte[]> call, Metadata headers) {
        PacedStream<byte[]> stream = PacedStream.over(call);
        ClientIds clientIds = CallersIds.current();
        String client = Caller.current().key();
        call.request(2);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(byte[] message) {
                try {
                    TailRequest request = TailRequest.parseFrom(message);
                    List<Violation> violations = violations(request);
                    if (violations.isEmpty()) {
                        start(call, request, client, clientIds, stream);
                    } else {
                        Refusals.close(
                                call,
                                new Failure.InvalidRequest(
                                        violations.getFirst().description(), violations));
                    }
                } catch (InvalidProtocolBufferException e) {
                    Refusals.close(
                            call,
                            Failure.InvalidRequest.of(
                                    "request", "not a well-formed TailRequest: " + e.getMessage()));
                }
            }

            @Override
            public void onReady() {
                stream.ready();
            }

            @Override
            public void onCancel() {
                stream.cancelled();
            }
        };
    }

    private void start(
            ServerCall<byte[], byte[]> call,
            TailRequest request,
            String client,
            ClientIds clientIds,
            PacedStream<byte[]> stream) {
        Optional<Failure> refusal = limit.enter(client);
        if (refusal.isPresent()) {
            Refusals.close(call, refusal.get());
            return;
        }
        call.sendHeaders(new Metadata());
        workers.startBlocking(() -> {
            try {
                stream.run(_ -> watch(request, clientIds, stream));
            } finally {
                limit.leave(client);
            }
        });
    }

    private List<Violation> violations(TailRequest request) {
        List<Violation> violations = new ArrayList<>();
        for (int i = 0; i < request.getTypesCount(); i++) {
            String name = request.getTypes(i);
            if (catalog.typeNamed(name).isEmpty()) {
                violations.add(
                        new Violation(
                                "types[" + i + "]",
                                "\"%s\" is no event type of this server; names are like \"%s\""
                                        .formatted(name, catalog.types().getFirst().name())));
            }
        }
        if (request.hasPosition() && request.getPosition() < 0) {
            violations.add(new Violation("position", "must not be negative"));
        }
        if (request.getLimit() < 0) {
            violations.add(new Violation("limit", "must not be negative; 0 is no limit"));
        }
        return violations;
    }

    private void watch(TailRequest request, ClientIds clientIds, PacedStream<byte[]> stream)
            throws InterruptedException {
        List<EventTail.HeaderMatch> matches = new ArrayList<>();
        if (!request.getClientId().isEmpty()) {
            matches.add(new EventTail.HeaderMatch("clientId", request.getClientId()));
        }
        if (!request.getSessionId().isEmpty()) {
            matches.add(new EventTail.HeaderMatch("sessionId", request.getSessionId()));
        }
        if (request.getUserId() != 0) {
            matches.add(new EventTail.HeaderMatch("userId", Long.toString(request.getUserId())));
        }
        if (!request.getUserKey().isEmpty()) {
            matches.add(new EventTail.HeaderMatch("userKey", request.getUserKey()));
        }
        EventTail.Filter filter =
                new EventTail.Filter(clientIds, new HashSet<>(request.getTypesList()), matches);
        OptionalLong from =
                request.hasPosition()
                        ? OptionalLong.of(request.getPosition())
                        : OptionalLong.empty();
        tail.watch(filter, from, new ResponseWriter(stream, request.getLimit()));
    }

    /**
     * Gathers events into responses: full ones while there is more to read, at once when there is
     * not.
     */
    private static final class ResponseWriter implements EventTail.Watcher {
        private static final int RESPONSE_BYTES = 32 * 1_024;

        private final PacedStream<byte[]> stream;
        private final List<byte[]> events = new ArrayList<>();
        private final long limit;
        private long sent;
        private int bytes;
        private long missed;
        private long position;

        ResponseWriter(PacedStream<byte[]> stream, long limit) {
            this.stream = stream;
            this.limit = limit;
        }

        @Override
        public boolean event(EventTail.TailedEvent event) throws InterruptedException {
            byte[] encoded = EventMessages.tailed(event);
            events.add(encoded);
            bytes += encoded.length;
            position = event.position();
            sent++;
            if (sent == limit) {
                flush();
                return false;
            }
            return bytes < RESPONSE_BYTES || flush();
        }

        @Override
        public void caughtUp(long next) throws InterruptedException {
            position = next;
            if (!events.isEmpty() || missed > 0) {
                flush();
            }
        }

        @Override
        public void missed(long missedBytes) {
            missed += missedBytes;
        }

        @Override
        public boolean isGone() {
            return stream.isGone();
        }

        @Override
        public boolean awaitReady(Duration timeout) throws InterruptedException {
            return stream.awaitReady(timeout);
        }

        private boolean flush() throws InterruptedException {
            TailResponse known =
                    TailResponse.newBuilder().setPosition(position).setMissedBytes(missed).build();
            int size = known.getSerializedSize();
            for (byte[] event : events) {
                size += EventMessages.delimitedSize(TailResponse.EVENTS_FIELD_NUMBER, event.length);
            }
            byte[] response = new byte[size];
            try {
                CodedOutputStream out = CodedOutputStream.newInstance(response);
                for (byte[] event : events) {
                    out.writeByteArray(TailResponse.EVENTS_FIELD_NUMBER, event);
                }
                known.writeTo(out);
                out.checkNoSpaceLeft();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            events.clear();
            bytes = 0;
            missed = 0;
            return stream.send(response);
        }
    }
}
