package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.wirebrook.api.admin.v1.DrainRequest;
import dev.wirebrook.api.admin.v1.GetStatusResponse;
import dev.wirebrook.api.admin.v1.QueryResponse;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.LaunchEvent;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.api.ingest.v1.IngestServiceGrpc;
import dev.wirebrook.api.ingest.v1.TailRequest;
import dev.wirebrook.api.ingest.v1.TailResponse;
import dev.wirebrook.api.ingest.v1.TailedEvent;
import dev.wirebrook.api.ingest.v1.UploadRequest;
import dev.wirebrook.api.ingest.v1.UploadResponse;
import dev.wirebrook.grpc.RawMarshaller;
import dev.wirebrook.schema.EventCatalog;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The event services of a whole server, through gRPC. */
class EventServicesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private Path directory;

    @Test
    void ingest_acknowledges_cumulatively_and_reports_duplicates_to_who_asks() throws Exception {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            Gathered<IngestResponse> acknowledgements = new Gathered<>();
            StreamObserver<IngestRequest> requests =
                    IngestServiceGrpc.newStub(server.client().channel()).ingest(acknowledgements);
            for (int sequence = 1; sequence <= 500; sequence++) {
                requests.onNext(
                        ingest(sequence, batch("a", "e" + sequence))
                                .setReportDuplicates(true)
                                .build());
            }
            long accepted = 0;
            long position = 0;
            for (long sequence = 0; sequence < 500; ) {
                IngestResponse response = acknowledgements.next();
                assertThat(response.getSequence()).isGreaterThan(sequence);
                assertThat(response.getPosition()).isGreaterThan(position);
                sequence = response.getSequence();
                position = response.getPosition();
                accepted += response.getAccepted();
            }
            assertThat(accepted).isEqualTo(500);
            server.client().admin().awaitStored(position, PATIENCE);
            requests.onNext(ingest(501, batch("a", "e7", "new")).build());
            IngestResponse last = acknowledgements.next();
            assertThat(last.getDuplicate()).isEqualTo(1);
            assertThat(last.getAccepted()).isEqualTo(2);
            assertThat(last.getResults(0).getResult().getId()).isEqualTo("e7");
            server.client().admin().awaitStored(last.getPosition(), PATIENCE);
            requests.onCompleted();
            assertThat(acknowledgements.end.get(30, TimeUnit.SECONDS).isOk()).isTrue();
            assertThat(count(server, "select count(*) from add_to_cart_event")).isEqualTo(501);
        }
    }

    @Test
    void who_takes_no_acknowledgements_is_read_no_further_until_it_does() throws Exception {
        int batches = 300;
        int events = 1_000;
        try (TestNode server = TestNode.start(directory, Map.of())) {
            UnreadCall<IngestRequest, IngestResponse> sender =
                    UnreadCall.start(
                            server.client().channel(), IngestServiceGrpc.getIngestMethod());
            Event bad = cart("bad").toBuilder().setTimestamp("?").build();
            Events batch =
                    batch("a").toBuilder().addAllEvents(Collections.nCopies(events, bad)).build();
            for (int sequence = 1; sequence <= batches; sequence++) {
                sender.send(ingest(sequence, batch).build());
            }
            AtomicLong looked = new AtomicLong();
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> {
                        long rejected = (long) server.metric("wirebrook_events_rejected_total");
                        return looked.getAndSet(rejected) == rejected && rejected > 0;
                    });
            assertThat(looked.get()).isLessThan(150L * events);
            Gathered<IngestResponse> answers = sender.read();
            assertThat(answers.status()).isEqualTo(Status.OK);
            assertThat(answers.messages)
                    .allSatisfy(
                            answer -> assertThat(answer.getResultsCount()).isLessThan(2 * events));
            assertThat(answers.messages.stream().mapToLong(IngestResponse::getRejected).sum())
                    .isEqualTo((long) batches * events);
        }
    }

    @Test
    void upload_answers_when_all_is_durable() throws Exception {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            Gathered<UploadResponse> summary = new Gathered<>();
            StreamObserver<UploadRequest> requests =
                    IngestServiceGrpc.newStub(server.client().channel()).upload(summary);
            Event bad = cart("bad").toBuilder().setTimestamp("?").build();
            for (int i = 0; i < 100; i++) {
                Events events =
                        i == 42
                                ? batch("u", "u42").toBuilder().addEvents(bad).build()
                                : batch("u", "u" + i);
                requests.onNext(UploadRequest.newBuilder().setBatch(events).build());
            }
            requests.onCompleted();
            UploadResponse response = summary.next();
            assertThat(response.getBatches()).isEqualTo(100);
            assertThat(response.getAccepted()).isEqualTo(100);
            assertThat(response.getRejected()).isEqualTo(1);
            assertThat(response.getResults(0).getSequence()).isEqualTo(42);
            assertThat(response.getResults(0).getResult().getIndex()).isEqualTo(1);
            server.client().admin().awaitStored(response.getPosition(), PATIENCE);
            assertThat(count(server, "select count(*) from events")).isEqualTo(100);
        }
    }

    @Test
    void tail_follows_by_filter_and_goes_on_from_a_position() throws Exception {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            dispatch(server, batch("old", "before"));
            Gathered<TailResponse> live = new Gathered<>();
            IngestServiceGrpc.newStub(server.client().channel())
                    .tail(
                            TailRequest.newBuilder()
                                    .addTypes("AddToCartEvent")
                                    .setClientId("c")
                                    .setLimit(2)
                                    .build(),
                            live);
            // The tail begins where the log ends when it is opened: send until it has seen one.
            List<String> sent = new ArrayList<>();
            await().atMost(PATIENCE)
                    .until(() -> {
                        sent.add("live" + sent.size());
                        dispatch(server, batch("c", sent.getLast()));
                        dispatch(
                                server,
                                Events.newBuilder(batch("c"))
                                        .addEvents(
                                                Event.newBuilder()
                                                        .setLaunchEvent(
                                                                LaunchEvent.getDefaultInstance()))
                                        .build());
                        dispatch(server, batch("other", "o" + sent.size()));
                        return live.end.isDone();
                    });
            List<TailedEvent> seen = new ArrayList<>();
            live.messages.forEach(response -> seen.addAll(response.getEventsList()));
            assertThat(seen)
                    .hasSize(2)
                    .allSatisfy(event -> {
                        assertThat(event.getType()).isEqualTo("AddToCartEvent");
                        assertThat(event.getHeader().getClientId()).isEqualTo("c");
                        assertThat(sent).contains(event.getEvent().getId());
                    });

            Gathered<TailResponse> all = new Gathered<>();
            IngestServiceGrpc.newStub(server.client().channel())
                    .tail(TailRequest.newBuilder().setPosition(0).setLimit(1).build(), all);
            assertThat(all.next().getEvents(0).getEvent().getId()).isEqualTo("before");

            Gathered<TailResponse> none = new Gathered<>();
            IngestServiceGrpc.newStub(server.client().channel())
                    .tail(TailRequest.newBuilder().addTypes("NoSuchEvent").build(), none);
            Status refusal = none.end.get(30, TimeUnit.SECONDS);
            assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(refusal.getDescription()).contains("NoSuchEvent");
        }
    }

    @Test
    void a_tail_that_does_not_read_slows_nobody() throws Exception {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            var stalled =
                    server.client()
                            .channel()
                            .newCall(IngestServiceGrpc.getTailMethod(), CallOptions.DEFAULT);
            stalled.start(new io.grpc.ClientCall.Listener<>() {}, new io.grpc.Metadata());
            stalled.sendMessage(TailRequest.newBuilder().setPosition(0).build());
            stalled.halfClose();
            String[] ids = new String[1_000];
            for (int round = 0; round < 50; round++) {
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = round + "-" + i;
                }
                dispatch(server, batch("bulk", ids));
            }
            server.client().admin().awaitStored(0, PATIENCE);
            assertThat(count(server, "select count(*) from events")).isEqualTo(50_000);
            stalled.cancel("enough", null);
        }
    }

    @Test
    void events_that_java_has_never_heard_of_are_stored_in_tables_of_their_own() throws Exception {
        EventCatalog own = EventCatalog.parse(ownSchema());
        Path file = Files.write(directory.resolve("own.binpb"), ownSchema());
        try (TestNode server =
                TestNode.start(
                        directory.resolve("data"), Map.of("events.schema", file.toString()))) {
            Descriptor event = own.events().getMessageType();
            FieldDescriptor variant = own.typeNamed("DoorOpenedEvent").orElseThrow().field();
            DynamicMessage door =
                    DynamicMessage.newBuilder(variant.getMessageType())
                            .setField(variant.getMessageType().findFieldByName("doorName"), "north")
                            .setField(
                                    variant.getMessageType().findFieldByName("openedMillis"),
                                    1_234L)
                            .build();
            byte[] batch =
                    DynamicMessage.newBuilder(own.batchMessage())
                            .addRepeatedField(
                                    own.events(),
                                    DynamicMessage.newBuilder(event)
                                            .setField(own.eventId(), "d1")
                                            .setField(variant, door)
                                            .build())
                            .build()
                            .toByteArray();
            ClientCalls.blockingUnaryCall(
                    server.client().channel(), DISPATCH_BYTES, CallOptions.DEFAULT, batch);
            server.client().admin().awaitStored(0, PATIENCE);
            assertThat(
                            count(
                                    server,
                                    "select opened_millis from door_opened_event where door_name = 'north'"))
                    .isEqualTo(1_234);
            assertThat(server.client().admin().catalog().getTypesList())
                    .extracting(type -> type.getName())
                    .contains("DoorOpenedEvent");
        }
    }

    private static final MethodDescriptor<byte[], byte[]> DISPATCH_BYTES =
            MethodDescriptor.newBuilder(RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("event.EventService/dispatch")
                    .build();

    /** The contract's file with one more variant. */
    private static byte[] ownSchema() {
        FileDescriptorSet standard = EventCatalog.standard().descriptorSet();
        FileDescriptorSet.Builder own = FileDescriptorSet.newBuilder();
        for (FileDescriptorProto file : standard.getFileList()) {
            FileDescriptorProto.Builder changed = file.toBuilder();
            if (file.getName().equals("event/event.proto")) {
                changed.addMessageType(
                        DescriptorProto.newBuilder()
                                .setName("DoorOpenedEvent")
                                .addField(
                                        field("doorName", 1, FieldDescriptorProto.Type.TYPE_STRING))
                                .addField(
                                        field(
                                                "openedMillis",
                                                2,
                                                FieldDescriptorProto.Type.TYPE_INT64)));
                changed.getMessageTypeBuilderList().stream()
                        .filter(message -> message.getName().equals("Event"))
                        .forEach(message ->
                                message.addField(
                                        field(
                                                        "doorOpenedEvent",
                                                        5_000,
                                                        FieldDescriptorProto.Type.TYPE_MESSAGE)
                                                .setTypeName(".event.DoorOpenedEvent")
                                                .setOneofIndex(0)));
            }
            own.addFile(changed);
        }
        return own.build().toByteArray();
    }

    private static FieldDescriptorProto.Builder field(
            String name, int number, FieldDescriptorProto.Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setJsonName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
    }

    @Test
    void the_heartbeat_and_drain_take_the_node_out_of_rotation_and_back_and_calls_go_on()
            throws Exception {
        try (TestNode server = TestNode.start(directory, Map.of());
                HttpClient http = HttpClient.newHttpClient()) {
            URI heartbeat = URI.create(server.http() + "/heartbeat/");
            assertThat(
                            http.send(
                                            HttpRequest.newBuilder(heartbeat).build(),
                                            BodyHandlers.ofString())
                                    .statusCode())
                    .isEqualTo(200);
            http.send(
                    HttpRequest.newBuilder(URI.create(heartbeat + "?beat=false"))
                            .PUT(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofString());
            assertThat(
                            http.send(
                                            HttpRequest.newBuilder(heartbeat).build(),
                                            BodyHandlers.ofString())
                                    .statusCode())
                    .isEqualTo(410);
            assertThat(server.client().health().check("").name()).isEqualTo("NOT_SERVING");
            dispatch(server, batch("c", "while-out"));
            server.client().admin().drain(DrainRequest.newBuilder().setDrain(false).build());
            assertThat(server.client().health().check("event.EventService").name())
                    .isEqualTo("SERVING");
            assertThat(server.client().admin().status().getState())
                    .isEqualTo(GetStatusResponse.State.STATE_SERVING);
        }
    }

    @Test
    void stopping_acknowledges_what_streams_have_sent_and_stores_it() throws Exception {
        long acknowledged;
        try (TestNode server = TestNode.start(directory, Map.of())) {
            Gathered<IngestResponse> acknowledgements = new Gathered<>();
            StreamObserver<IngestRequest> requests =
                    IngestServiceGrpc.newStub(server.client().channel()).ingest(acknowledgements);
            for (int sequence = 1; sequence <= 200; sequence++) {
                requests.onNext(ingest(sequence, batch("s", "s" + sequence)).build());
            }
            // Open and idle: only the server can end it.
            IngestResponse first = acknowledgements.next();
            server.node().close();
            Status end = acknowledgements.end.get(30, TimeUnit.SECONDS);
            assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            acknowledged =
                    acknowledgements.messages.stream().mapToLong(IngestResponse::getAccepted).sum()
                            + first.getAccepted();
            assertThat(acknowledged).isPositive();
        }
        try (TestNode server = TestNode.start(directory, Map.of())) {
            server.client().admin().awaitStored(0, PATIENCE);
            assertThat(count(server, "select count(*) from events"))
                    .isGreaterThanOrEqualTo(acknowledged);
            GetStatusResponse status = server.client().admin().status();
            assertThat(status.getCounts().getInFlight()).isZero();
            assertThat(status.getCounts().getStored())
                    .isEqualTo(count(server, "select count(*) from events"));
        }
    }

    private static void dispatch(TestNode server, Events events) {
        assertThat(
                        EventServiceGrpc.newBlockingStub(server.client().channel())
                                .dispatch(events)
                                .getStatus())
                .isEqualTo("SUCCESS");
    }

    private static long count(TestNode server, String sql) {
        Iterator<QueryResponse> responses = server.client().admin().query(sql, 10);
        return Long.parseLong(responses.next().getRows(0).getValues(0).getStringValue());
    }

    private static IngestRequest.Builder ingest(long sequence, Events events) {
        return IngestRequest.newBuilder().setSequence(sequence).setBatch(events);
    }

    private static Events batch(String clientId, String... ids) {
        Events.Builder batch =
                Events.newBuilder().setHeader(Header.newBuilder().setClientId(clientId));
        for (String id : ids) {
            batch.addEvents(cart(id));
        }
        return batch.build();
    }

    private static Event cart(String id) {
        return Event.newBuilder()
                .setId(id)
                .setAddToCartEvent(
                        AddToCartEvent.newBuilder().setProductId("P").setPrice(2).setQuantity(1))
                .build();
    }
}
