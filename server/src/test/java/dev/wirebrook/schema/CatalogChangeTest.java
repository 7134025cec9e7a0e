package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
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

    private static EventCatalog withTotal(
            FieldDescriptorProto.Type type, FieldDescriptorProto.Label label) {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        message(set.getFileBuilder(1), 3)
                .addFieldBuilder()
                .setName("total")
                .setNumber(80)
                .setLabel(label)
                .setType(type);
        return EventCatalog.parse(set.build().toByteArray());
    }

    @Test
    void lets_a_number_become_wider_and_never_narrower() {
        EventCatalog narrow = TestCatalogs.numbers(false);
        EventCatalog wide = TestCatalogs.numbers(true);
        assertThat(CatalogChange.breaks(narrow, wide)).isEmpty();
        assertThat(CatalogChange.breaks(wide, narrow))
                .containsExactly(
                        "event.Header.batch = 1 was a single uint64 and is a single uint32; give it a new name and a new number",
                        "event.Counted.a = 1 was a single int64 and is a single int32; give it a new name and a new number",
                        "event.Counted.b = 2 was a single int64 and is a single uint32; give it a new name and a new number",
                        "event.Counted.c = 3 was a single uint64 and is a single uint32; give it a new name and a new number",
                        "event.Counted.d = 4 was a single sint64 and is a single sint32; give it a new name and a new number",
                        "event.Counted.e = 5 was a single uint64 and is a single uint32; give it a new name and a new number");
    }

    @Test
    void lets_no_number_become_wider_in_a_column_of_json() {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        message(set.getFileBuilder(1), 5)
                .getFieldBuilder(3)
                .setType(FieldDescriptorProto.Type.TYPE_UINT64);
        assertThat(CatalogChange.breaks(before, EventCatalog.parse(set.build().toByteArray())))
                .containsExactly(
                        "event.Node.count = 4 was a single uint32 and is a single uint64, which changes how it is stored, since it is part of a JSON column; give it a new name and a new number");
        FieldDescriptorProto.Label list = FieldDescriptorProto.Label.LABEL_REPEATED;
        assertThat(
                        CatalogChange.breaks(
                                withTotal(FieldDescriptorProto.Type.TYPE_INT32, list),
                                withTotal(FieldDescriptorProto.Type.TYPE_INT64, list)))
                .containsExactly(
                        "event.ReadingTaken.total = 80 was a list of int32 and is a list of int64, which changes how it is stored, since it is part of a JSON column; give it a new name and a new number");
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

    /** Colours in a field, in a list, in a map and in a message within the event. */
    private static FileDescriptorSet.Builder colours() {
        FileDescriptorSet.Builder set = ForeignSchema.set();
        FileDescriptorProto.Builder file = set.getFileBuilder(1);
        file.addEnumType(colour("Colour", "COLOUR_NONE", "RED", "GREEN"));
        file.addEnumType(colour("Shade", "SHADE_NONE", "DARK"));
        DescriptorProto.Builder paint =
                DescriptorProto.newBuilder()
                        .setName("Paint")
                        .addField(coloured("first", 1))
                        .addField(
                                coloured("others", 2)
                                        .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED))
                        .addField(
                                FieldDescriptorProto.newBuilder()
                                        .setName("byRoom")
                                        .setNumber(3)
                                        .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED)
                                        .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                                        .setTypeName(".event.Paint.ByRoomEntry"))
                        .addNestedType(
                                DescriptorProto.newBuilder()
                                        .setName("ByRoomEntry")
                                        .setOptions(MessageOptions.newBuilder().setMapEntry(true))
                                        .addField(
                                                FieldDescriptorProto.newBuilder()
                                                        .setName("key")
                                                        .setNumber(1)
                                                        .setLabel(
                                                                FieldDescriptorProto.Label
                                                                        .LABEL_OPTIONAL)
                                                        .setType(
                                                                FieldDescriptorProto.Type
                                                                        .TYPE_STRING))
                                        .addField(coloured("value", 2)));
        file.addMessageType(paint);
        message(file, 3)
                .addFieldBuilder()
                .setName("paint")
                .setNumber(90)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                .setTypeName(".event.Paint");
        return set;
    }

    private static FieldDescriptorProto.Builder coloured(String name, int number) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
                .setType(FieldDescriptorProto.Type.TYPE_ENUM)
                .setTypeName(".event.Colour");
    }

    private static EnumDescriptorProto.Builder colour(String name, String... values) {
        EnumDescriptorProto.Builder type = EnumDescriptorProto.newBuilder().setName(name);
        for (String value : values) {
            type.addValue(value(value, type.getValueCount()));
        }
        return type;
    }

    private static EnumValueDescriptorProto value(String name, int number) {
        return EnumValueDescriptorProto.newBuilder().setName(name).setNumber(number).build();
    }

    private static List<String> colourBreaks(Consumer<FileDescriptorProto.Builder> change) {
        FileDescriptorSet.Builder set = colours();
        EventCatalog former = EventCatalog.parse(set.build().toByteArray());
        change.accept(set.getFileBuilder(1));
        return CatalogChange.breaks(former, EventCatalog.parse(set.build().toByteArray()));
    }

    private static EnumDescriptorProto.Builder colour(FileDescriptorProto.Builder file) {
        return file.getEnumTypeBuilderList().stream()
                .filter(type -> type.getName().equals("Colour"))
                .findFirst()
                .orElseThrow();
    }

    private static DescriptorProto.Builder paint(FileDescriptorProto.Builder file) {
        return message(file, file.getMessageTypeCount() - 1);
    }

    @Test
    void lets_values_be_added_to_an_enum() {
        assertThat(colourBreaks(file -> colour(file).addValue(value("BLUE", 3)))).isEmpty();
        assertThat(
                        colourBreaks(file -> {
                            colour(file).getOptionsBuilder().setAllowAlias(true);
                            colour(file).addValue(value("CRIMSON", 1));
                        }))
                .isEmpty();
    }

    @Test
    void tells_of_values_that_swapped_numbers() {
        assertThat(
                        colourBreaks(file -> {
                            colour(file).getValueBuilder(1).setNumber(2);
                            colour(file).getValueBuilder(2).setNumber(1);
                        }))
                .containsExactly(
                        "event.Colour.RED = 2 had the number 1; keep it",
                        "event.Colour.GREEN = 1 had the number 2; keep it");
    }

    @Test
    void tells_of_values_that_were_renamed_or_removed() {
        assertThat(colourBreaks(file -> colour(file).getValueBuilder(1).setName("CRIMSON")))
                .containsExactly(
                        "event.Colour.CRIMSON = 1 was named RED; keep the name, and give new values new numbers");
        assertThat(colourBreaks(file -> colour(file).removeValue(2)))
                .containsExactly(
                        "event.Colour.GREEN = 2 is gone; keep it, marked deprecated if no client should send it");
    }

    @Test
    void tells_of_an_alias_that_would_change_the_name_that_is_stored() {
        assertThat(
                        colourBreaks(file -> {
                            colour(file).getOptionsBuilder().setAllowAlias(true);
                            colour(file).addValue(1, value("CRIMSON", 1));
                        }))
                .containsExactly(
                        "event.Colour.CRIMSON = 1 is declared before RED, by which the number is stored; declare the alias after it");
    }

    @Test
    void tells_of_a_field_of_another_enum_wherever_it_stands() {
        assertThat(
                        colourBreaks(file -> {
                            paint(file).getFieldBuilder(0).setTypeName(".event.Shade");
                            paint(file).getFieldBuilder(1).setTypeName(".event.Shade");
                            paint(file)
                                    .getNestedTypeBuilder(0)
                                    .getFieldBuilder(1)
                                    .setTypeName(".event.Shade");
                        }))
                .containsExactly(
                        "event.Paint.first = 1 was of enum event.Colour and is of enum event.Shade; keep the enum, or give the field a new name and a new number",
                        "event.Paint.others = 2 was of enum event.Colour and is of enum event.Shade; keep the enum, or give the field a new name and a new number",
                        "event.Paint.ByRoomEntry.value = 2 was of enum event.Colour and is of enum event.Shade; keep the enum, or give the field a new name and a new number");
    }

    @Test
    void tells_of_an_enum_that_is_used_in_a_map_only() {
        assertThat(
                        colourBreaks(file -> {
                            paint(file).removeField(1).removeField(0);
                            colour(file).getValueBuilder(1).setNumber(7);
                        }))
                .containsExactly("event.Colour.RED = 7 had the number 1; keep it");
    }

    @Test
    void tells_of_an_enum_that_was_open_and_is_closed() {
        // Whether an enum is closed depends on the syntax of the file that the field stands in.
        FileDescriptorSet.Builder open = colours();
        FileDescriptorSet.Builder set = open.clone();
        set.getFileBuilder(1).setSyntax("proto2");
        assertThat(
                        CatalogChange.breaks(
                                EventCatalog.parse(open.build().toByteArray()),
                                EventCatalog.parse(set.build().toByteArray())))
                .contains(
                        "event.Paint.ByRoomEntry.value = 2 was of the open enum event.Colour, which is closed now, so numbers without a name would be stored differently; keep it as it was")
                .allMatch(line -> line.contains("which is closed now"));
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
