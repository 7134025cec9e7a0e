package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowDecoderTest {
    private static final int ROUNDS = 4_000;

    private final EventCatalog catalog = TestCatalogs.odd();
    private final ColumnCatalog columns = ColumnCatalog.of(catalog);
    private final EventType everything = catalog.typeNamed("Everything").orElseThrow();
    private final EventType collision = catalog.typeNamed("Collision").orElseThrow();

    /** Random events in pieces, unknown fields and other variants between them. */
    @Test
    void sees_what_the_parser_of_protobuf_sees() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        RandomMessages messages = new RandomMessages(random);
        RowDecoder decoder = columns.eventDecoder(everything);
        for (int round = 0; round < ROUNDS; round++) {
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            wire.write(new byte[random.nextInt(3)]);
            int start = wire.size();
            for (int piece = random.nextInt(4); piece >= 0; piece--) {
                wire.write(piece(random, messages));
            }
            wire.write(variant(messages.next(everything.field().getMessageType()), everything));
            wire.write(unknown(random));
            int end = wire.size();
            wire.write(new byte[random.nextInt(3)]);
            byte[] bytes = wire.toByteArray();
            decoder.decode(bytes, start, end);
            DynamicMessage event =
                    DynamicMessage.parseFrom(
                            catalog.events().getMessageType(),
                            Arrays.copyOfRange(bytes, start, end));
            Message own = (Message) event.getField(everything.field());
            for (int i = 0; i < decoder.columns().size(); i++) {
                Column column = decoder.columns().get(i);
                Message owner = column.owner() == Column.Owner.EVENT ? event : own;
                assertThat(value(decoder, i))
                        .as("%s, seed %d, round %d", column.name(), seed, round)
                        .isEqualTo(expected(owner, column));
            }
            assertThat(text(decoder, decoder.idColumn()))
                    .isEqualTo(event.getField(catalog.eventId()));
        }
    }

    @Test
    void headers_decode_like_events() throws IOException {
        long seed = new Random().nextLong();
        RandomMessages messages = new RandomMessages(new Random(seed));
        RowDecoder decoder = columns.headerDecoder();
        for (int round = 0; round < ROUNDS; round++) {
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            wire.write(messages.next(catalog.header().getMessageType()).toByteArray());
            wire.write(messages.next(catalog.header().getMessageType()).toByteArray());
            byte[] bytes = wire.toByteArray();
            DynamicMessage header =
                    DynamicMessage.parseFrom(catalog.header().getMessageType(), bytes);
            decoder.decode(bytes, 0, bytes.length);
            for (int i = 0; i < decoder.columns().size(); i++) {
                assertThat(value(decoder, i))
                        .as("%s, seed %d", decoder.columns().get(i).name(), seed)
                        .isEqualTo(expected(header, decoder.columns().get(i)));
            }
        }
    }

    private byte[] piece(Random random, RandomMessages messages) throws IOException {
        return switch (random.nextInt(4)) {
            case 0 -> variant(messages.next(everything.field().getMessageType()), everything);
            case 1 -> variant(messages.next(collision.field().getMessageType()), collision);
            case 2 -> unknown(random);
            default -> {
                DynamicMessage event = messages.next(catalog.events().getMessageType());
                yield event.toBuilder().clearField(everything.field()).build().toByteArray();
            }
        };
    }

    private static byte[] variant(Message own, EventType type) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeMessage(type.field().getNumber(), own);
        out.flush();
        return bytes.toByteArray();
    }

    /** Fields that nobody declared, and declared ones with another wire type. */
    private static byte[] unknown(Random random) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        switch (random.nextInt(6)) {
            case 0 -> out.writeInt64(99, random.nextLong());
            case 1 -> out.writeString(98, "unknown");
            case 2 -> out.writeFixed32(7, 1);
            case 3 -> out.writeFixed64(97, 1);
            case 4 -> {
                out.writeTag(96, 3);
                out.writeTag(95, 3);
                out.writeInt32(1, 1);
                out.writeTag(95, 4);
                out.writeTag(96, 4);
            }
            default -> out.writeInt32(4, 17);
        }
        out.flush();
        return bytes.toByteArray();
    }

    private static Object value(RowDecoder decoder, int i) {
        Column column = decoder.columns().get(i);
        if (decoder.isNull(i)) {
            return "NULL";
        }
        return switch (column.type()) {
            case BOOLEAN, INT32, INT64, UINT32, UINT64, FLOAT, DOUBLE -> decoder.number(i);
            case TEXT -> text(decoder, i);
            case BYTES ->
                    ByteString.copyFrom(
                            decoder.source(i), decoder.start(i), decoder.end(i) - decoder.start(i));
            case JSON -> JsonParser.parseString(text(decoder, i));
        };
    }

    private static String text(RowDecoder decoder, int i) {
        return new String(
                decoder.source(i),
                decoder.start(i),
                decoder.end(i) - decoder.start(i),
                StandardCharsets.UTF_8);
    }

    private static Object expected(Message owner, Column column) {
        FieldDescriptor field = column.field();
        if (field.hasPresence() && !owner.hasField(field)) {
            return "NULL";
        }
        Object value = owner.getField(field);
        return switch (column.type()) {
            case BOOLEAN -> (Boolean) value ? 1L : 0L;
            case INT32 -> (long) (Integer) value;
            case UINT32 -> Integer.toUnsignedLong((Integer) value);
            case INT64, UINT64 -> value;
            case FLOAT -> Integer.toUnsignedLong(Float.floatToRawIntBits((Float) value));
            case DOUBLE -> Double.doubleToRawLongBits((Double) value);
            case TEXT -> value instanceof EnumValueDescriptor e ? enumText(e) : value;
            case BYTES -> value;
            case JSON -> json(field, owner);
        };
    }

    private static String enumText(EnumValueDescriptor value) {
        return value.getIndex() == -1 ? Integer.toString(value.getNumber()) : value.getName();
    }

    private static JsonElement json(FieldDescriptor field, Message owner) {
        DynamicMessage.Builder alone = DynamicMessage.newBuilder(field.getContainingType());
        if (field.isMapField()) {
            Map<Object, Object> last = new HashMap<>();
            for (Object entry : (List<?>) owner.getField(field)) {
                last.put(((Message) entry).getField(key(field)), entry);
            }
            last.values().forEach(entry -> alone.addRepeatedField(field, entry));
        } else {
            alone.setField(field, owner.getField(field));
        }
        try {
            JsonElement value =
                    JsonParser.parseString(JsonFormat.printer().print(alone))
                            .getAsJsonObject()
                            .get(field.getJsonName());
            return value != null ? value : field.isMapField() ? new JsonObject() : new JsonArray();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static FieldDescriptor key(FieldDescriptor map) {
        return map.getMessageType().findFieldByNumber(1);
    }

    @Test
    void collisions_resolve_by_owner_and_number() {
        assertThat(columns.header().stream().map(Column::name))
                .containsExactly("user_id", "tenant", "labels", "header_event_time", "trace");
        assertThat(columns.event().stream().map(Column::name))
                .containsExactly("page", "event_tenant");
        assertThat(columns.own(collision).stream().map(Column::name))
                .containsExactly(
                        "id",
                        "own_event_id",
                        "own_tenant",
                        "own_user_id",
                        "own_own_tenant",
                        "foo_bar",
                        "foo_bar_7",
                        "select");
    }

    @Test
    void a_type_without_fields_has_only_the_shared_columns() {
        EventType nothing = catalog.typeNamed("Nothing").orElseThrow();
        RowDecoder decoder = columns.eventDecoder(nothing);
        decoder.decode(new byte[0], 0, 0);
        assertThat(decoder.columns()).isEqualTo(columns.event());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08",
                "0A",
                "0A05",
                "0AFFFFFFFF0F",
                "09",
                "0D00",
                "FFFFFFFFFFFFFFFFFFFFFF",
                "00",
                "06",
                "07",
                "0B",
                "0B14",
                "A20604",
                "A206020904",
            })
    void bytes_that_are_no_message_are_refused(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        RowDecoder decoder = columns.eventDecoder(everything);
        assertThatThrownBy(() -> decoder.decode(bytes, 0, bytes.length))
                .isInstanceOf(RowFormatException.class);
    }

    @Test
    void text_that_is_no_utf8_is_refused_by_name() throws IOException {
        for (byte[] bad :
                List.of(
                        new byte[] {(byte) 0xC0, (byte) 0x80},
                        new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
                        new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
                        new byte[] {'1', '2', '3', '4', '5', '6', '7', '8', (byte) 0xE2})) {
            ByteArrayOutputStream own = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(own);
            out.writeByteArray(14, bad);
            out.flush();
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            CodedOutputStream event = CodedOutputStream.newInstance(wire);
            event.writeByteArray(everything.field().getNumber(), own.toByteArray());
            event.flush();
            RowDecoder decoder = columns.eventDecoder(everything);
            assertThatThrownBy(() -> decoder.decode(wire.toByteArray(), 0, wire.size()))
                    .isInstanceOf(RowFormatException.class)
                    .hasMessageContaining("event.Everything.s is not UTF-8");
        }
    }

    @Test
    void a_value_that_json_cannot_show_is_refused_by_name() throws IOException {
        var timestamp = everything.field().getMessageType().findFieldByName("at");
        DynamicMessage own =
                DynamicMessage.newBuilder(everything.field().getMessageType())
                        .setField(
                                timestamp,
                                DynamicMessage.newBuilder(timestamp.getMessageType())
                                        .setField(
                                                timestamp
                                                        .getMessageType()
                                                        .findFieldByName("seconds"),
                                                Long.MAX_VALUE)
                                        .build())
                        .build();
        byte[] bytes = variant(own, everything);
        RowDecoder decoder = columns.eventDecoder(everything);
        assertThatThrownBy(() -> decoder.decode(bytes, 0, bytes.length))
                .isInstanceOf(RowFormatException.class)
                .hasMessageContaining("event.Everything.at does not render as JSON");
    }
}
