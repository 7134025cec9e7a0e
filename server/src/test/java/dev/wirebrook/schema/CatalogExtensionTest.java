package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo;
import dev.wirebrook.api.market.v1.MarketTick;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CatalogExtensionTest {
    private static final int NUMBER = EventCatalog.SERVER_NUMBERS_FROM + 7;
    private static final int EVENT = 2;

    private static EventCatalog extended(EventCatalog catalog) {
        return catalog.with(MarketTick.getDescriptor(), NUMBER);
    }

    private static EventCatalog foreign(Consumer<FileDescriptorProto.Builder> change) {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        change.accept(set.getFileBuilder(1));
        return EventCatalog.parse(set.build().toByteArray());
    }

    private static List<String> names(EventCatalog catalog) {
        return catalog.types().stream().map(EventType::name).toList();
    }

    @Test
    void adds_one_variant_named_after_its_message() {
        EventType tick = extended(EventCatalog.standard()).typeNamed("MarketTick").orElseThrow();
        assertThat(tick.field().getFullName()).isEqualTo("event.Event.marketTick");
        assertThat(tick.field().getNumber()).isEqualTo(NUMBER);
        assertThat(tick.table()).isEqualTo("market_tick");
        assertThat(tick.field().getMessageType().getFields()).hasSize(18);
    }

    @Test
    void changes_nothing_else() {
        for (EventCatalog catalog : List.of(EventCatalog.standard(), ForeignSchema.catalog())) {
            EventCatalog extended = extended(catalog);
            assertThat(names(extended).subList(0, catalog.types().size()))
                    .isEqualTo(names(catalog));
            assertThat(extended.dispatch().toProto()).isEqualTo(catalog.dispatch().toProto());
            FileDescriptorSet.Builder without = FileDescriptorSet.newBuilder();
            for (FileDescriptorProto file : extended.descriptorSet().getFileList()) {
                if (!file.getName().equals("wirebrook/market/v1/tick.proto")) {
                    without.addFile(withoutTick(file));
                }
            }
            assertThat(without.build()).isEqualTo(catalog.descriptorSet());
        }
    }

    private static FileDescriptorProto withoutTick(FileDescriptorProto file) {
        FileDescriptorProto.Builder builder = file.toBuilder();
        List<String> imports =
                file.getDependencyList().stream()
                        .filter(name -> !name.equals("wirebrook/market/v1/tick.proto"))
                        .toList();
        builder.clearDependency().addAllDependency(imports);
        for (DescriptorProto.Builder message : builder.getMessageTypeBuilderList()) {
            for (int i = message.getFieldCount() - 1; i >= 0; i--) {
                if (message.getField(i).getNumber() == NUMBER) {
                    message.removeField(i);
                }
            }
        }
        return builder.build();
    }

    @Test
    void is_read_again_from_what_the_server_gives_out_and_is_not_added_twice() {
        EventCatalog extended = extended(ForeignSchema.catalog());
        EventCatalog again = EventCatalog.parse(extended.descriptorSet().toByteArray());
        assertThat(names(again)).isEqualTo(names(extended)).contains("MarketTick");
        assertThat(extended(again).descriptorSet()).isEqualTo(extended.descriptorSet());
    }

    @Test
    void breaks_no_catalogue_of_before_and_may_go_again() {
        EventCatalog catalog = ForeignSchema.catalog();
        assertThat(CatalogChange.breaks(catalog, extended(catalog))).isEmpty();
        assertThat(CatalogChange.breaks(extended(catalog), catalog)).isEmpty();
    }

    @Test
    void stands_beside_the_other_variants_and_misplaces_no_comment() {
        EventCatalog catalog =
                extended(
                        foreign(file -> {
                            file.getMessageTypeBuilder(EVENT)
                                    .addField(
                                            field(
                                                    "note",
                                                    70,
                                                    FieldDescriptorProto.Type.TYPE_STRING));
                            file.setSourceCodeInfo(
                                    SourceCodeInfo.newBuilder()
                                            .addLocation(
                                                    SourceCodeInfo.Location.newBuilder()
                                                            .addAllPath(List.of(4, EVENT, 2, 6))
                                                            .setLeadingComments("of note")));
                        }));
        assertThat(catalog.events().getMessageType().getFields())
                .extracting(field -> field.getName())
                .endsWith("eventQuoted", "marketTick", "note");
        assertThat(catalog.dispatch().getFile().toProto().hasSourceCodeInfo()).isFalse();
    }

    @Test
    void finds_the_event_in_another_file_than_the_service() {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        FileDescriptorProto.Builder messages = set.getFileBuilder(1);
        set.addFile(
                FileDescriptorProto.newBuilder()
                        .setName("event/service.proto")
                        .setPackage("event")
                        .setSyntax("proto3")
                        .addDependency(messages.getName())
                        .addAllService(messages.getServiceList()));
        messages.clearService();
        EventCatalog catalog = extended(EventCatalog.parse(set.build().toByteArray()));
        assertThat(names(catalog)).contains("TreeGrown", "MarketTick");
    }

    @Test
    void refuses_a_number_that_is_taken() {
        assertRefused(
                file -> file.getMessageTypeBuilder(EVENT).getFieldBuilder(3).setNumber(NUMBER),
                "event.Event.readingTaken has the number 200007",
                "type MarketTick; give it another number");
    }

    @Test
    void refuses_a_field_that_has_the_variants_name() {
        assertRefused(
                file ->
                        file.getMessageTypeBuilder(EVENT)
                                .addField(
                                        field(
                                                "market_tick",
                                                70,
                                                FieldDescriptorProto.Type.TYPE_STRING)),
                "event.Event.market_tick has the name of the variant",
                "rename the field");
    }

    @Test
    void refuses_a_type_that_has_the_table() {
        assertRefused(
                file -> {
                    file.addMessageType(DescriptorProto.newBuilder().setName("Market_Tick"));
                    file.getMessageTypeBuilder(EVENT)
                            .addField(
                                    field("tick", 70, FieldDescriptorProto.Type.TYPE_MESSAGE)
                                            .setTypeName(".event.Market_Tick")
                                            .setOneofIndex(0));
                },
                "event.Event.tick is of type event.Market_Tick",
                "table market_tick is that of the server's type wirebrook.market.v1.MarketTick",
                "rename the message");
    }

    @Test
    void refuses_another_file_or_message_under_its_name() {
        for (String name : List.of("wirebrook/market/v1/tick.proto", "own/tick.proto")) {
            FileDescriptorSet.Builder set = ForeignSchema.set();
            set.addFile(
                    0,
                    FileDescriptorProto.newBuilder()
                            .setName(name)
                            .setPackage("wirebrook.market.v1")
                            .addMessageType(DescriptorProto.newBuilder().setName("MarketTick")));
            set.getFileBuilder(2).addDependency(name);
            EventCatalog catalog = EventCatalog.parse(set.build().toByteArray());
            assertThatThrownBy(() -> extended(catalog))
                    .isInstanceOf(InvalidCatalogException.class)
                    .hasMessageContaining(name + " is not the server's own");
        }
    }

    @Test
    void takes_only_numbers_of_the_servers() {
        assertThatThrownBy(() -> EventCatalog.standard().with(MarketTick.getDescriptor(), 87))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("87");
    }

    private static void assertRefused(
            Consumer<FileDescriptorProto.Builder> change, String... message) {
        EventCatalog catalog = foreign(change);
        assertThatThrownBy(() -> extended(catalog))
                .isInstanceOf(InvalidCatalogException.class)
                .hasMessageContainingAll(message);
    }

    private static FieldDescriptorProto.Builder field(
            String name, int number, FieldDescriptorProto.Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL);
    }
}
