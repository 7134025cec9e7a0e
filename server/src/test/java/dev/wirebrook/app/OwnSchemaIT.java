package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.LaunchEvent;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.api.ingest.v1.IngestServiceGrpc;
import dev.wirebrook.api.ingest.v1.TailRequest;
import dev.wirebrook.api.ingest.v1.TailedEvent;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventText;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server under a user's own schema, as clients of any make see it. */
class OwnSchemaIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private Path directory;

    private TestNode start(byte[] schema) throws Exception {
        Path file = Files.write(directory.resolve("own.binpb"), schema);
        return TestNode.start(directory.resolve("data"), Map.of("events.schema", file.toString()));
    }

    private record First<M>(CompletableFuture<M> answer) implements StreamObserver<M> {
        @Override
        public void onNext(M message) {
            answer.complete(message);
        }

        @Override
        public void onError(Throwable failure) {
            answer.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {}
    }

    /** As a client does that knows nothing but the service's name. */
    private static FileDescriptor reflected(TestNode server, String symbol) throws Exception {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(server.client().channel())
                        .serverReflectionInfo(new First<>(answer));
        requests.onNext(
                ServerReflectionRequest.newBuilder().setFileContainingSymbol(symbol).build());
        requests.onCompleted();
        FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
        for (ByteString file :
                answer.get(30, TimeUnit.SECONDS)
                        .getFileDescriptorResponse()
                        .getFileDescriptorProtoList()) {
            set.addFile(FileDescriptorProto.parseFrom(file));
        }
        return link(set.getFile(0), set.build(), new HashMap<>());
    }

    private static FileDescriptor link(
            FileDescriptorProto file, FileDescriptorSet all, Map<String, FileDescriptor> linked)
            throws Exception {
        FileDescriptor known = linked.get(file.getName());
        if (known != null) {
            return known;
        }
        FileDescriptor[] imports = new FileDescriptor[file.getDependencyCount()];
        for (int i = 0; i < imports.length; i++) {
            String name = file.getDependency(i);
            FileDescriptorProto imported =
                    all.getFileList().stream()
                            .filter(one -> one.getName().equals(name))
                            .findFirst()
                            .orElseThrow();
            imports[i] = link(imported, all, linked);
        }
        FileDescriptor result = FileDescriptor.buildFrom(file, imports);
        linked.put(file.getName(), result);
        return result;
    }

    @Test
    void ingest_is_reflected_over_the_users_events_wherever_their_file_lies() throws Exception {
        byte[] schema = DoorSchema.with(file -> file.setName("buildings/doors.proto"));
        assertIngestTakesDoors(schema);
    }

    @Test
    void ingest_is_reflected_also_when_the_schema_has_no_results() throws Exception {
        byte[] schema =
                DoorSchema.with(file -> {
                    for (int i = file.getMessageTypeCount() - 1; i >= 0; i--) {
                        switch (file.getMessageType(i).getName()) {
                            case "EventResult", "Violation" -> file.removeMessageType(i);
                            case "Response" -> file.getMessageTypeBuilder(i).clearField();
                            default -> {}
                        }
                    }
                });
        assertIngestTakesDoors(schema);
    }

    private void assertIngestTakesDoors(byte[] schema) throws Exception {
        try (TestNode server = start(schema)) {
            FileDescriptor file = reflected(server, "wirebrook.ingest.v1.IngestService");
            Descriptor request = file.findMessageTypeByName("IngestRequest");
            FieldDescriptor batch = request.findFieldByName("batch");
            FieldDescriptor events = batch.getMessageType().findFieldByName("events");
            FieldDescriptor door = events.getMessageType().findFieldByNumber(DoorSchema.NUMBER);
            assertThat(door).isNotNull();
            DynamicMessage.Builder opened = DynamicMessage.newBuilder(door.getMessageType());
            opened.setField(door.getMessageType().findFieldByName("doorName"), "north");
            DynamicMessage message =
                    DynamicMessage.newBuilder(request)
                            .setField(request.findFieldByName("sequence"), 1L)
                            .setField(
                                    batch,
                                    DynamicMessage.newBuilder(batch.getMessageType())
                                            .addRepeatedField(
                                                    events,
                                                    DynamicMessage.newBuilder(
                                                                    events.getMessageType())
                                                            .setField(door, opened.build())
                                                            .build())
                                            .build())
                            .build();
            CompletableFuture<IngestResponse> answer = new CompletableFuture<>();
            StreamObserver<IngestRequest> requests =
                    IngestServiceGrpc.newStub(server.client().channel())
                            .ingest(new First<>(answer));
            requests.onNext(IngestRequest.parseFrom(message.toByteArray()));
            assertThat(answer.get(30, TimeUnit.SECONDS).getAccepted()).isEqualTo(1);
            requests.onCompleted();
            server.client().admin().awaitStored(0, PATIENCE);
            assertThat(text(server, "select door_name from door_opened_event")).isEqualTo("north");
        }
    }

    private static String text(TestNode server, String sql) {
        return server.client()
                .admin()
                .query(sql, 1)
                .next()
                .getRows(0)
                .getValues(0)
                .getStringValue();
    }

    private static Response dispatch(TestNode server, Event event) {
        return EventServiceGrpc.newBlockingStub(server.client().channel())
                .dispatch(Events.newBuilder().addEvents(event).build());
    }

    /** The deepest event that is accepted, found by trying; the next one is rejected. */
    private static Event deepest(TestNode server, java.util.function.IntFunction<Event> nested) {
        int levels = 80;
        while (dispatch(server, nested.apply(levels)).getResultsList().stream()
                .noneMatch(result -> result.getVerdict() == EventResult.Verdict.REJECTED)) {
            levels++;
        }
        return nested.apply(levels - 1);
    }

    private static TailedEvent tailed(TestNode server, String id) {
        var responses =
                IngestServiceGrpc.newBlockingStub(server.client().channel())
                        .withDeadlineAfter(PATIENCE)
                        .tail(TailRequest.newBuilder().setPosition(0).build());
        while (true) {
            for (TailedEvent event : responses.next().getEventsList()) {
                if (event.getEvent().getId().equals(id)) {
                    return event;
                }
            }
        }
    }

    private static UnknownFieldSet groups(int levels) {
        UnknownFieldSet inner = UnknownFieldSet.getDefaultInstance();
        for (int i = 0; i < levels; i++) {
            inner =
                    UnknownFieldSet.newBuilder()
                            .addField(
                                    900, UnknownFieldSet.Field.newBuilder().addGroup(inner).build())
                            .build();
        }
        return inner;
    }

    @Test
    void the_deepest_event_that_is_accepted_can_be_tailed() throws Exception {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            Event deepest =
                    deepest(
                            server,
                            levels ->
                                    Event.newBuilder()
                                            .setId("deep" + levels)
                                            .setLaunchEvent(LaunchEvent.getDefaultInstance())
                                            .setUnknownFields(groups(levels))
                                            .build());
            assertThat(tailed(server, deepest.getId()).getEvent()).isEqualTo(deepest);
        }
    }

    @Test
    void the_deepest_event_that_is_accepted_is_rendered_and_stored_whole() throws Exception {
        byte[] schema =
                DoorSchema.with(file ->
                        DoorSchema.door(file)
                                .addField(
                                        DoorSchema.field(
                                                        "behind",
                                                        3,
                                                        FieldDescriptorProto.Type.TYPE_MESSAGE)
                                                .setTypeName(".event.DoorOpenedEvent")));
        EventCatalog catalog = EventCatalog.parse(schema);
        FieldDescriptor variant = catalog.typeNamed("DoorOpenedEvent").orElseThrow().field();
        Descriptor own = variant.getMessageType();
        try (TestNode server = start(schema)) {
            Event deepest =
                    deepest(
                            server,
                            levels -> {
                                DynamicMessage door =
                                        DynamicMessage.newBuilder(own)
                                                .setField(own.findFieldByName("doorName"), "last")
                                                .build();
                                for (int i = 1; i < levels; i++) {
                                    door =
                                            DynamicMessage.newBuilder(own)
                                                    .setField(own.findFieldByName("behind"), door)
                                                    .build();
                                }
                                return Event.newBuilder()
                                        .setId("deep" + levels)
                                        .setUnknownFields(
                                                UnknownFieldSet.newBuilder()
                                                        .addField(
                                                                DoorSchema.NUMBER,
                                                                UnknownFieldSet.Field.newBuilder()
                                                                        .addLengthDelimited(
                                                                                door.toByteString())
                                                                        .build())
                                                        .build())
                                        .build();
                            });
            TailedEvent tailed = tailed(server, deepest.getId());
            assertThat(
                            new EventText(catalog)
                                    .toJson(
                                            tailed.getHeader().toByteString(),
                                            tailed.getEvent().toByteString()))
                    .contains("last");
            server.client().admin().awaitStored(0, PATIENCE);
            assertThat(
                            text(
                                    server,
                                    "select behind::varchar from door_opened_event where event_id = '%s'"
                                            .formatted(deepest.getId())))
                    .contains("last");
        }
    }
}
