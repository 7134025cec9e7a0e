package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DynamicMessage;
import dev.wirebrook.LogCollector;
import dev.wirebrook.grpc.RawMarshaller;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that comes back over its data with another schema. */
class SchemaRestartIT {
    private static final MethodDescriptor<byte[], byte[]> DISPATCH =
            MethodDescriptor.newBuilder(RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("event.EventService/dispatch")
                    .build();

    /** Held, since the JDK forgets loggers that nobody holds. */
    @TempDir private Path directory;

    private TestNode start(byte[] schema) {
        try {
            Path file = Files.write(directory.resolve("own.binpb"), schema);
            return TestNode.start(
                    directory.resolve("data"), Map.of("events.schema", file.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void open(TestNode server, byte[] schema, String id, Object millis) {
        EventCatalog catalog = EventCatalog.parse(schema);
        EventType type = catalog.typeNamed("DoorOpenedEvent").orElseThrow();
        var own = type.field().getMessageType();
        DynamicMessage event =
                DynamicMessage.newBuilder(catalog.events().getMessageType())
                        .setField(catalog.eventId(), id)
                        .setField(
                                type.field(),
                                DynamicMessage.newBuilder(own)
                                        .setField(own.findFieldByName("millis"), millis)
                                        .build())
                        .build();
        ClientCalls.blockingUnaryCall(
                server.client().channel(),
                DISPATCH,
                CallOptions.DEFAULT,
                DynamicMessage.newBuilder(catalog.batchMessage())
                        .addRepeatedField(catalog.events(), event)
                        .build()
                        .toByteArray());
        server.client().admin().awaitStored(0, Duration.ofSeconds(30));
    }

    private static double sum(TestNode server) {
        return server.client()
                .admin()
                .query("select sum(millis)::double from door_opened_event", 1)
                .next()
                .getRows(0)
                .getValues(0)
                .getNumberValue();
    }

    private void assertRefused(byte[] schema, String... message) {
        assertThatThrownBy(() -> start(schema).close())
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageContaining("contradicts")
                .hasMessageContainingAll(message);
    }

    @Test
    void goes_on_with_what_was_added_and_widened_and_finds_what_was_stored() {
        byte[] first = DoorSchema.with(file -> {});
        try (TestNode server = start(first)) {
            open(server, first, "1", 7);
        }
        byte[] second =
                DoorSchema.with(file -> {
                    DoorSchema.door(file)
                            .getFieldBuilder(1)
                            .setType(FieldDescriptorProto.Type.TYPE_INT64);
                    DoorSchema.door(file)
                            .addField(
                                    DoorSchema.field(
                                            "floor", 3, FieldDescriptorProto.Type.TYPE_INT32));
                });
        try (TestNode server = start(second)) {
            open(server, second, "2", 1L << 40);
            assertThat(sum(server)).isEqualTo(7 + (double) (1L << 40));
        }
        assertRefused(first, "event.DoorOpenedEvent.millis = 2 was a single int64");
    }

    @Test
    void refuses_another_meaning_of_a_number_and_goes_on_with_the_old_one() {
        byte[] first = DoorSchema.with(file -> {});
        try (TestNode server = start(first)) {
            open(server, first, "1", 7);
        }
        assertRefused(
                DoorSchema.with(file ->
                        DoorSchema.door(file)
                                .getFieldBuilder(1)
                                .setType(FieldDescriptorProto.Type.TYPE_STRING)),
                "event.DoorOpenedEvent.millis = 2 was a single int32 and is a single string");
        assertRefused(
                DoorSchema.with(file ->
                        DoorSchema.door(file)
                                .getFieldBuilder(1)
                                .setName("floor")
                                .setJsonName("floor")),
                "event.DoorOpenedEvent.floor = 2 was named millis");
        assertRefused(
                DoorSchema.with(file -> DoorSchema.variant(file).setNumber(DoorSchema.NUMBER + 1)),
                "event.Event.doorOpenedEvent = 5001 had the number 5000");
        try (TestNode server = start(first)) {
            assertThat(sum(server)).isEqualTo(7);
        }
    }

    @Test
    void refuses_an_enum_whose_numbers_mean_other_names() {
        byte[] first = DoorSchema.with(file -> hinges(file, "LEFT", "RIGHT"));
        try (TestNode server = start(first)) {
            open(server, first, "1", 7);
        }
        assertRefused(
                DoorSchema.with(file -> hinges(file, "RIGHT", "LEFT")),
                "event.Hinge.LEFT = 2 had the number 1",
                "event.Hinge.RIGHT = 1 had the number 2");
        byte[] grown = DoorSchema.with(file -> hinges(file, "LEFT", "RIGHT", "TOP"));
        try (TestNode server = start(grown)) {
            assertThat(sum(server)).isEqualTo(7);
        }
    }

    private static void hinges(FileDescriptorProto.Builder file, String... names) {
        var hinge =
                file.addEnumTypeBuilder()
                        .setName("Hinge")
                        .addValue(
                                EnumValueDescriptorProto.newBuilder().setName("NONE").setNumber(0));
        for (String name : names) {
            hinge.addValue(
                    EnumValueDescriptorProto.newBuilder()
                            .setName(name)
                            .setNumber(hinge.getValueCount()));
        }
        DoorSchema.door(file)
                .addField(
                        DoorSchema.field("hinge", 3, FieldDescriptorProto.Type.TYPE_ENUM)
                                .setTypeName(".event.Hinge"));
    }

    @Test
    void a_type_may_go_and_come_back_but_its_number_goes_to_no_other() {
        byte[] first = DoorSchema.with(file -> {});
        try (TestNode server = start(first)) {
            open(server, first, "1", 7);
        }
        LogCollector log = new LogCollector(CatalogHistory.class.getName());
        try (log;
                TestNode server = TestNode.start(directory.resolve("data"), Map.of())) {
            assertThat(sum(server)).isEqualTo(7);
        }
        assertThat(log.messages())
                .singleElement()
                .asString()
                .contains("DoorOpenedEvent", "--schema");
        assertRefused(
                DoorSchema.with(file -> DoorSchema.variant(file).setTypeName(".event.Response")),
                "was of type DoorOpenedEvent; give new types new numbers");
        try (TestNode server = start(first)) {
            assertThat(sum(server)).isEqualTo(7);
        }
    }
}
