package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EventCatalogTest {
    @Nested
    class Standard {
        private final EventCatalog catalog = EventCatalog.standard();

        @Test
        void has_sixty_types_or_more_by_rising_number_from_9() {
            assertThat(catalog.types()).hasSizeGreaterThanOrEqualTo(60);
            assertThat(catalog.types())
                    .extracting(type -> type.field().getNumber())
                    .isSorted()
                    .first()
                    .isEqualTo(9);
            assertThat(catalog.types())
                    .allSatisfy(
                            type -> assertThat(catalog.types().get(type.ordinal())).isSameAs(type));
        }

        @Test
        void keeps_the_numbers_that_clients_send() {
            assertFields(catalog.batchMessage(), "header=4", "events=5");
            assertFields(
                    catalog.header().getMessageType(),
                    "sessionId=5",
                    "userId=7",
                    "deviceId=8",
                    "clientId=10",
                    "os=12",
                    "appVersion=15",
                    "utmSource=21",
                    "utmMedium=22",
                    "utmCampaign=23",
                    "userKey=24");
            assertFields(
                    catalog.events().getMessageType(),
                    "id=4",
                    "timestamp=5",
                    "currentURL=6",
                    "launchEvent=9",
                    "pageOpenedEvent=10",
                    "widgetViewEvent=13",
                    "widgetCtaClickedEvent=14",
                    "addToCartEvent=23",
                    "completePurchaseEvent=26");
            assertFields(message("LaunchEvent"), "referrer=1", "landingPage=2");
            assertFields(
                    message("AddToCartEvent"),
                    "productId=1",
                    "productName=2",
                    "price=3",
                    "quantity=4");
            assertFields(
                    message("CompletePurchaseEvent"),
                    "orderId=1",
                    "totalAmount=2",
                    "currency=3",
                    "paymentMethod=4");
        }

        @Test
        void names_variants_after_their_messages() {
            assertThat(catalog.types())
                    .allSatisfy(type -> {
                        String name = type.name();
                        assertThat(name).endsWith("Event");
                        assertThat(type.field().getName())
                                .isEqualTo(
                                        Character.toLowerCase(name.charAt(0)) + name.substring(1));
                    });
        }

        @Test
        void gives_a_field_name_one_type_in_all_event_types() {
            Map<String, Set<String>> shapes = new HashMap<>();
            for (EventType type : catalog.types()) {
                for (FieldDescriptor field : type.field().getMessageType().getFields()) {
                    shapes.computeIfAbsent(field.getName(), name -> new HashSet<>())
                            .add(field.getType() + (field.isRepeated() ? " list" : ""));
                }
            }
            assertThat(shapes).allSatisfy((name, shape) -> assertThat(shape).as(name).hasSize(1));
        }

        @Test
        void finds_types_by_number_and_by_name() {
            assertThat(catalog.typeNumbered(23)).contains(typeNamed("AddToCartEvent"));
            assertThat(catalog.typeNumbered(4)).isEmpty();
            assertThat(catalog.typeNamed("Nothing")).isEmpty();
            assertThat(typeNamed("AddToCartEvent").table()).isEqualTo("add_to_cart_event");
        }

        @Test
        void survives_its_own_descriptor_set() {
            EventCatalog again = EventCatalog.parse(catalog.descriptorSet().toByteArray());
            assertThat(again.types())
                    .extracting(EventType::name)
                    .isEqualTo(catalog.types().stream().map(EventType::name).toList());
        }

        private EventType typeNamed(String name) {
            return catalog.typeNamed(name).orElseThrow();
        }

        private Descriptor message(String name) {
            return typeNamed(name).field().getMessageType();
        }

        private static void assertFields(Descriptor message, String... fields) {
            assertThat(message.getFields())
                    .extracting(field -> field.getName() + "=" + field.getNumber())
                    .contains(fields);
        }
    }

    @Nested
    class Foreign {
        @Test
        void is_read_from_a_descriptor_set() {
            EventCatalog catalog = ForeignSchema.catalog();
            assertThat(catalog.types())
                    .extracting(EventType::name, EventType::table, EventType::ordinal)
                    .containsExactly(
                            tuple("ReadingTaken", "reading_taken", 0),
                            tuple("EventQuoted", "event_quoted", 1),
                            tuple("TreeGrown", "tree_grown", 2));
            assertThat(catalog.clientId()).isPresent();
        }

        @Test
        void needs_no_client_id() {
            EventCatalog catalog =
                    parse(file ->
                            file.getMessageTypeBuilder(1).getFieldBuilder(0).setName("customer"));
            assertThat(catalog.clientId()).isEmpty();
        }
    }

    @Nested
    class Refused {
        @Test
        void when_the_bytes_are_no_descriptor_set() {
            assertThatThrownBy(() -> EventCatalog.parse(new byte[] {1, 2, 3}))
                    .isInstanceOf(InvalidCatalogException.class)
                    .hasMessageContaining("buf build -o schema.binpb");
        }

        @Test
        void when_there_is_nothing() {
            assertThatThrownBy(() -> EventCatalog.parse(new byte[0]))
                    .isInstanceOf(InvalidCatalogException.class)
                    .hasMessageContaining("no method dispatch in a service event.EventService");
        }

        @Test
        void when_an_import_is_missing() {
            FileDescriptorSet.Builder set = ForeignSchema.set().removeFile(0);
            assertThatThrownBy(() -> EventCatalog.parse(set.build().toByteArray()))
                    .isInstanceOf(InvalidCatalogException.class)
                    .hasMessageContaining("import plant/telemetry.proto is missing")
                    .hasMessageContaining("--include_imports");
        }

        @Test
        void when_imports_go_round_in_a_circle() {
            FileDescriptorSet.Builder set = ForeignSchema.set();
            set.getFileBuilder(0).addDependency("event/event.proto");
            assertThatThrownBy(() -> EventCatalog.parse(set.build().toByteArray()))
                    .isInstanceOf(InvalidCatalogException.class)
                    .hasMessageContaining("imports itself");
        }

        @Test
        void when_a_file_does_not_hold_together() {
            assertRefused(
                    file ->
                            file.getMessageTypeBuilder(0)
                                    .getFieldBuilder(0)
                                    .setTypeName(".event.No"),
                    "event/event.proto: ",
                    "event.No");
        }

        @Test
        void when_the_edition_is_beyond_this_server() {
            assertRefused(
                    file -> file.setSyntax("editions").setEdition(Edition.EDITION_99999_TEST_ONLY),
                    "event/event.proto: ");
        }

        @Test
        void when_the_method_has_another_name() {
            assertRefused(
                    file -> file.getServiceBuilder(0).getMethodBuilder(0).setName("Dispatch"),
                    "no method dispatch");
        }

        @Test
        void when_the_batch_has_no_header() {
            assertRefused(
                    file -> file.getMessageTypeBuilder(0).getFieldBuilder(0).setName("head"),
                    "event.Events needs a field \"header\" that is a message");
        }

        @Test
        void when_events_are_not_repeated() {
            assertRefused(
                    file ->
                            file.getMessageTypeBuilder(0)
                                    .getFieldBuilder(1)
                                    .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL),
                    "\"events\" that is a repeated message");
        }

        @Test
        void when_the_timestamp_is_a_number() {
            assertRefused(
                    file ->
                            file.getMessageTypeBuilder(2)
                                    .getFieldBuilder(1)
                                    .setType(FieldDescriptorProto.Type.TYPE_INT64),
                    "event.Event needs a field \"timestamp\" that is a string");
        }

        @Test
        void when_the_id_is_in_the_oneof() {
            assertRefused(
                    file -> file.getMessageTypeBuilder(2).getFieldBuilder(0).setOneofIndex(0),
                    "\"id\" that is a string outside of any oneof");
        }

        @Test
        void when_the_client_id_is_a_number() {
            assertRefused(
                    file ->
                            file.getMessageTypeBuilder(1)
                                    .getFieldBuilder(0)
                                    .setType(FieldDescriptorProto.Type.TYPE_INT64),
                    "event.Header needs a field \"clientId\"");
        }

        @Test
        void when_the_event_has_two_oneofs() {
            assertRefused(
                    file ->
                            file.getMessageTypeBuilder(2)
                                    .addOneofDecl(
                                            OneofDescriptorProto.newBuilder().setName("other"))
                                    .addField(
                                            FieldDescriptorProto.newBuilder()
                                                    .setName("extra")
                                                    .setNumber(50)
                                                    .setType(FieldDescriptorProto.Type.TYPE_INT32)
                                                    .setOneofIndex(1)),
                    "exactly one oneof",
                    "it has 2");
        }

        @Test
        void when_a_variant_is_no_message() {
            assertRefused(
                    file ->
                            file.getMessageTypeBuilder(2)
                                    .addField(
                                            FieldDescriptorProto.newBuilder()
                                                    .setName("ping")
                                                    .setNumber(50)
                                                    .setType(FieldDescriptorProto.Type.TYPE_INT32)
                                                    .setOneofIndex(0)),
                    "event.Event.ping is no length-prefixed message");
        }

        @Test
        void when_two_variants_share_a_table() {
            assertRefused(
                    file ->
                            file.getMessageTypeBuilder(2)
                                    .addField(
                                            FieldDescriptorProto.newBuilder()
                                                    .setName("treeFelled")
                                                    .setNumber(50)
                                                    .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                                                    .setTypeName(".event.TreeGrown")
                                                    .setOneofIndex(0)),
                    "event.Event.treeGrown of type event.TreeGrown",
                    "event.Event.treeFelled of type event.TreeGrown",
                    "table name tree_grown; give each variant a message of its own");
        }

        @Test
        void when_a_variant_would_take_the_place_of_the_view_over_all() {
            assertRefused(
                    file ->
                            file.getMessageTypeBuilder(2)
                                    .addField(
                                            FieldDescriptorProto.newBuilder()
                                                    .setName("nested")
                                                    .setNumber(50)
                                                    .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                                                    .setTypeName(".event.Events")
                                                    .setOneofIndex(0)),
                    "event.Event.nested is of type event.Events",
                    "named events as the view over all types; rename the message");
        }

        @Test
        void when_a_field_is_required_anywhere() {
            FileDescriptorSet.Builder set = ForeignSchema.set();
            set.getFileBuilder(0)
                    .getMessageTypeBuilder(0)
                    .getNestedTypeBuilder(0)
                    .getFieldBuilder(0)
                    .setLabel(FieldDescriptorProto.Label.LABEL_REQUIRED);
            assertThatThrownBy(() -> EventCatalog.parse(set.build().toByteArray()))
                    .isInstanceOf(InvalidCatalogException.class)
                    .hasMessageContaining("plant.Reading.Span.from is required")
                    .hasMessageContaining("make it optional");
        }

        private static void assertRefused(
                Consumer<FileDescriptorProto.Builder> change, String... message) {
            assertThatThrownBy(() -> parse(change))
                    .isInstanceOf(InvalidCatalogException.class)
                    .hasMessageContainingAll(message);
        }
    }

    private static EventCatalog parse(Consumer<FileDescriptorProto.Builder> change) {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        change.accept(set.getFileBuilder(1));
        return EventCatalog.parse(set.build().toByteArray());
    }
}
