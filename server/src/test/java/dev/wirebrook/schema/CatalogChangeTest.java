package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CatalogChangeTest {
    private final EventCatalog before = ForeignSchema.catalog();

    @Test
    void finds_nothing_between_a_catalogue_and_itself() {
        assertThat(CatalogChange.breaks(before, ForeignSchema.catalog())).isEmpty();
        EventCatalog standard = EventCatalog.standard();
        assertThat(CatalogChange.breaks(standard, standard)).isEmpty();
    }

    @Test
    void lets_types_and_fields_be_added_and_fields_be_dropped() {
        assertThat(
                        breaks(file -> {
                            event(file).addField(variant("treeFelled", 50, "Response"));
                            message(file, 3).removeField(1);
                            message(file, 3)
                                    .addFieldBuilder()
                                    .setName("remark")
                                    .setNumber(9)
                                    .setType(FieldDescriptorProto.Type.TYPE_STRING);
                        }))
                .isEmpty();
    }

    @Test
    void lets_a_type_go_for_its_events_are_parked_with_their_bytes() {
        assertThat(breaks(file -> event(file).removeField(3))).isEmpty();
    }

    @Test
    void lets_a_number_become_wider_and_never_narrower() {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        message(set.getFileBuilder(1), 5)
                .getFieldBuilder(3)
                .setType(FieldDescriptorProto.Type.TYPE_UINT64);
        EventCatalog wider = EventCatalog.parse(set.build().toByteArray());
        assertThat(CatalogChange.breaks(before, wider)).isEmpty();
        assertThat(CatalogChange.breaks(wider, before))
                .containsExactly(
                        "event.Node.count = 4 was a single uint64 and is a single uint32; give it a new name and a new number");
    }

    @Test
    void tells_of_a_type_and_a_field_with_other_numbers() {
        assertThat(
                        breaks(file -> {
                            event(file).getFieldBuilder(3).setNumber(77);
                            message(file, 3).getFieldBuilder(1).setNumber(78);
                        }))
                .containsExactly(
                        "event.Event.readingTaken = 77 had the number 9; keep it",
                        "event.ReadingTaken.operator = 78 had the number 2; keep it");
    }

    @Test
    void tells_of_a_number_that_went_to_another_type() {
        assertThat(
                        breaks(file -> {
                            event(file).removeField(3);
                            event(file).addField(variant("response", 9, "Response"));
                        }))
                .contains(
                        "event.Event.response = 9 was of type ReadingTaken; give new types new numbers");
    }

    @Test
    void tells_of_a_frame_with_other_numbers() {
        assertThat(
                        breaks(file -> {
                            message(file, 0).getFieldBuilder(1).setNumber(8);
                            event(file).getFieldBuilder(0).setNumber(8);
                        }))
                .containsExactly(
                        "event.Events.events = 8 had the number 5; keep it",
                        "event.Event.id = 8 had the number 4; keep it");
    }

    @Test
    void tells_of_a_field_that_was_renamed() {
        assertThat(breaks(file -> message(file, 3).getFieldBuilder(1).setName("worker")))
                .containsExactly(
                        "event.ReadingTaken.worker = 2 was named operator; give new fields new numbers");
    }

    @Test
    void tells_of_a_field_of_another_shape_however_deep() {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        DescriptorProto.Builder span =
                set.getFileBuilder(0).getMessageTypeBuilder(0).getNestedTypeBuilder(0);
        span.getFieldBuilder(0).setType(FieldDescriptorProto.Type.TYPE_STRING);
        span.getFieldBuilder(1).setLabel(FieldDescriptorProto.Label.LABEL_REPEATED);
        assertThat(CatalogChange.breaks(before, EventCatalog.parse(set.build().toByteArray())))
                .containsExactly(
                        "plant.Reading.Span.from = 1 was a single int64 and is a single string; give it a new name and a new number",
                        "plant.Reading.Span.to = 2 was a single int64 and is a list of int64; give it a new name and a new number");
    }

    private List<String> breaks(Consumer<FileDescriptorProto.Builder> change) {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        change.accept(set.getFileBuilder(1));
        return CatalogChange.breaks(before, EventCatalog.parse(set.build().toByteArray()));
    }

    private static DescriptorProto.Builder message(FileDescriptorProto.Builder file, int index) {
        return file.getMessageTypeBuilder(index);
    }

    private static DescriptorProto.Builder event(FileDescriptorProto.Builder file) {
        return message(file, 2);
    }

    private static FieldDescriptorProto variant(String name, int number, String message) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                .setTypeName(".event." + message)
                .setOneofIndex(0)
                .build();
    }
}
