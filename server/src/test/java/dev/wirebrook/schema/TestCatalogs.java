package dev.wirebrook.schema;

import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_BOOL;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_BYTES;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_DOUBLE;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_ENUM;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_FIXED32;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_FIXED64;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_FLOAT;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_INT32;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_INT64;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_MESSAGE;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_SFIXED32;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_SFIXED64;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_SINT32;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_SINT64;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_STRING;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_UINT32;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_UINT64;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.TimestampProto;
import java.util.ArrayList;
import java.util.List;

/** Catalogues of users' own: written here, not generated, so that they can be as odd as theirs. */
public final class TestCatalogs {
    private static final String EVERYTHING = "Everything";

    private TestCatalogs() {}

    /** Every kind of field there is, in the header too; names that collide; an empty type. */
    public static EventCatalog odd() {
        return EventCatalog.parse(oddSet().toByteArray());
    }

    public static FileDescriptorSet oddSet() {
        return set(
                List.of(
                        field("user_id", 1, TYPE_UINT64),
                        field("tenant", 2, TYPE_STRING),
                        repeated("labels", 3, TYPE_STRING),
                        field("event_time", 4, TYPE_INT32),
                        optional(field("trace", 5, TYPE_BYTES), 0)),
                List.of(field("page", 7, TYPE_STRING), field("tenant", 8, TYPE_STRING)),
                List.of(
                        everything(),
                        message(
                                "Collision",
                                field("id", 1, TYPE_STRING),
                                field("eventId", 2, TYPE_STRING),
                                field("tenant", 3, TYPE_STRING),
                                field("userId", 4, TYPE_INT32),
                                field("own_tenant", 5, TYPE_STRING),
                                field("fooBar", 6, TYPE_INT32),
                                field("foo_bar", 7, TYPE_INT32),
                                field("select", 8, TYPE_STRING)),
                        message("Events2"),
                        message("Nothing")));
    }

    /** A shop that sells, in its first version. */
    public static EventCatalog shop() {
        return EventCatalog.parse(
                set(
                                List.of(field("shop", 1, TYPE_STRING)),
                                List.of(),
                                List.of(
                                        message(
                                                "Sold",
                                                field("article", 1, TYPE_STRING),
                                                field("quantity", 2, TYPE_INT32),
                                                field("rating", 3, TYPE_STRING),
                                                field("coupon", 4, TYPE_STRING)),
                                        message("Opened", field("by", 1, TYPE_STRING))))
                        .toByteArray());
    }

    /**
     * Its second version: a field more in the header and in the event, one wider ({@code
     * quantity}), one of another type ({@code rating}), one gone ({@code coupon}), a type more
     * ({@code Closed}) and a type gone ({@code Opened}).
     */
    public static EventCatalog shopEvolved() {
        return EventCatalog.parse(
                set(
                                List.of(
                                        field("shop", 1, TYPE_STRING),
                                        field("country", 2, TYPE_STRING)),
                                List.of(field("page", 7, TYPE_STRING)),
                                List.of(
                                        message(
                                                "Sold",
                                                field("article", 1, TYPE_STRING),
                                                field("quantity", 2, TYPE_INT64),
                                                field("rating", 3, TYPE_INT32),
                                                field("price", 5, TYPE_DOUBLE)),
                                        message("Closed", field("by", 1, TYPE_STRING))))
                        .toByteArray());
    }

    /**
     * A type with a number of each width that may become wider.
     *
     * @param wide whether they have become so
     */
    public static EventCatalog numbers(boolean wide) {
        return EventCatalog.parse(
                set(
                                List.of(field("batch", 1, wide ? TYPE_UINT64 : TYPE_UINT32)),
                                List.of(),
                                List.of(
                                        message(
                                                "Counted",
                                                field("a", 1, wide ? TYPE_INT64 : TYPE_INT32),
                                                field("b", 2, wide ? TYPE_INT64 : TYPE_UINT32),
                                                field("c", 3, wide ? TYPE_UINT64 : TYPE_UINT32),
                                                field("d", 4, wide ? TYPE_SINT64 : TYPE_SINT32),
                                                optional(
                                                        field(
                                                                "e",
                                                                5,
                                                                wide ? TYPE_UINT64 : TYPE_UINT32),
                                                        0))))
                        .toByteArray());
    }

    /** The shop, whose header's field moved into the type that needs it. */
    public static EventCatalog shopMoved() {
        return EventCatalog.parse(
                set(List.of(), List.of(), List.of(message("Sold", field("shop", 9, TYPE_STRING))))
                        .toByteArray());
    }

    /** Types and fields named as what a warehouse keeps for itself. */
    public static EventCatalog bookkeeping() {
        return EventCatalog.parse(
                set(
                                List.of(field("number", 1, TYPE_INT64)),
                                List.of(
                                        field("batch", 7, TYPE_INT64),
                                        field("index", 8, TYPE_INT32)),
                                List.of(
                                        message("Batches", field("position", 1, TYPE_INT64)),
                                        message("Columns", field("table_name", 1, TYPE_STRING)),
                                        message("Store", field("rows", 1, TYPE_STRING))))
                        .toByteArray());
    }

    private static DescriptorProto.Builder everything() {
        return message(
                        EVERYTHING,
                        field("d", 1, TYPE_DOUBLE),
                        field("f", 2, TYPE_FLOAT),
                        field("i32", 3, TYPE_INT32),
                        field("i64", 4, TYPE_INT64),
                        field("u32", 5, TYPE_UINT32),
                        field("u64", 6, TYPE_UINT64),
                        field("s32", 7, TYPE_SINT32),
                        field("s64", 8, TYPE_SINT64),
                        field("x32", 9, TYPE_FIXED32),
                        field("x64", 10, TYPE_FIXED64),
                        field("sx32", 11, TYPE_SFIXED32),
                        field("sx64", 12, TYPE_SFIXED64),
                        field("b", 13, TYPE_BOOL),
                        field("s", 14, TYPE_STRING),
                        field("raw", 15, TYPE_BYTES),
                        field("colour", 16, TYPE_ENUM).setTypeName(".event.Colour"),
                        field("inner", 17, TYPE_MESSAGE).setTypeName(".event.Inner"),
                        repeated("many", 18, TYPE_INT32),
                        repeated("texts", 19, TYPE_STRING),
                        repeated("inners", 20, TYPE_MESSAGE).setTypeName(".event.Inner"),
                        repeated("prices", 21, TYPE_MESSAGE)
                                .setTypeName(".event." + EVERYTHING + ".PricesEntry"),
                        field("at", 22, TYPE_MESSAGE).setTypeName(".google.protobuf.Timestamp"),
                        field("either", 30, TYPE_STRING).setOneofIndex(0),
                        field("or", 31, TYPE_INT64).setOneofIndex(0),
                        field("else", 32, TYPE_MESSAGE)
                                .setTypeName(".event.Inner")
                                .setOneofIndex(0),
                        optional(field("maybe", 40, TYPE_INT32), 1),
                        optional(field("maybeText", 41, TYPE_STRING), 2),
                        optional(field("maybeColour", 42, TYPE_ENUM), 3)
                                .setTypeName(".event.Colour"),
                        field("far", 5_000, TYPE_STRING))
                .addNestedType(
                        message(
                                        "PricesEntry",
                                        field("key", 1, TYPE_STRING),
                                        field("value", 2, TYPE_DOUBLE))
                                .setOptions(MessageOptions.newBuilder().setMapEntry(true)));
    }

    private static FileDescriptorSet set(
            List<FieldDescriptorProto.Builder> header,
            List<FieldDescriptorProto.Builder> shared,
            List<DescriptorProto.Builder> types) {
        DescriptorProto.Builder event =
                message("Event", field("id", 4, TYPE_STRING), field("timestamp", 5, TYPE_STRING));
        shared.forEach(event::addField);
        event.addOneofDecl(OneofDescriptorProto.newBuilder().setName("of"));
        int number = 100;
        for (DescriptorProto.Builder type : types) {
            event.addField(
                    field("v" + number, number++, TYPE_MESSAGE)
                            .setTypeName(".event." + type.getName())
                            .setOneofIndex(0));
        }
        FileDescriptorProto.Builder file =
                FileDescriptorProto.newBuilder()
                        .setName("own.proto")
                        .setPackage("event")
                        .setSyntax("proto3")
                        .addDependency("google/protobuf/timestamp.proto")
                        .addMessageType(
                                message(
                                        "Events",
                                        field("header", 4, TYPE_MESSAGE)
                                                .setTypeName(".event.Header"),
                                        repeated("events", 5, TYPE_MESSAGE)
                                                .setTypeName(".event.Event")))
                        .addMessageType(
                                message(
                                        "Header",
                                        header.toArray(FieldDescriptorProto.Builder[]::new)))
                        .addMessageType(message("Response"))
                        .addMessageType(event)
                        .addMessageType(
                                message(
                                        "Inner",
                                        field("text", 1, TYPE_STRING),
                                        field("number", 2, TYPE_INT64),
                                        repeated("doubles", 3, TYPE_DOUBLE)))
                        .addEnumType(colour())
                        .addService(
                                ServiceDescriptorProto.newBuilder()
                                        .setName("EventService")
                                        .addMethod(
                                                MethodDescriptorProto.newBuilder()
                                                        .setName("dispatch")
                                                        .setInputType(".event.Events")
                                                        .setOutputType(".event.Response")));
        types.forEach(file::addMessageType);
        return FileDescriptorSet.newBuilder()
                .addFile(TimestampProto.getDescriptor().toProto())
                .addFile(file)
                .build();
    }

    private static EnumDescriptorProto colour() {
        EnumDescriptorProto.Builder colour = EnumDescriptorProto.newBuilder().setName("Colour");
        for (String name : List.of("NONE", "RED", "GREEN")) {
            colour.addValue(
                    EnumValueDescriptorProto.newBuilder()
                            .setName(name)
                            .setNumber(colour.getValueCount()));
        }
        return colour.build();
    }

    private static DescriptorProto.Builder message(
            String name, FieldDescriptorProto.Builder... fields) {
        DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
        List<String> optionals = new ArrayList<>();
        for (FieldDescriptorProto.Builder field : fields) {
            message.addField(field);
            if (field.getProto3Optional()) {
                optionals.add("_" + field.getName());
            }
        }
        if (name.equals(EVERYTHING)) {
            message.addOneofDecl(OneofDescriptorProto.newBuilder().setName("choice"));
        }
        optionals.forEach(
                oneof -> message.addOneofDecl(OneofDescriptorProto.newBuilder().setName(oneof)));
        return message;
    }

    private static FieldDescriptorProto.Builder field(
            String name, int number, FieldDescriptorProto.Type type) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(type)
                .setLabel(Label.LABEL_OPTIONAL);
    }

    private static FieldDescriptorProto.Builder repeated(
            String name, int number, FieldDescriptorProto.Type type) {
        return field(name, number, type).setLabel(Label.LABEL_REPEATED);
    }

    private static FieldDescriptorProto.Builder optional(
            FieldDescriptorProto.Builder field, int syntheticOneof) {
        return field.setProto3Optional(true).setOneofIndex(syntheticOneof);
    }
}
