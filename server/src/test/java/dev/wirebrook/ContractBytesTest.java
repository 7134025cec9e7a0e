package dev.wirebrook;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.wirebrook.api.admin.v1.AdminProto;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.api.ingest.v1.IngestProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes that clients of other makers send and get, as they are on the wire. */
class ContractBytesTest {
    private static final int LINE_BYTES = 32;

    /** Messages within each other; some contain themselves. */
    private static final int DEPTH_MAX = 4;

    @Test
    void of_event_dispatch() throws IOException {
        Events.Builder batch =
                Events.newBuilder()
                        .setHeader(
                                Header.newBuilder().mergeFrom(filled(Header.getDefaultInstance())));
        for (int number : List.of(9, 10, 13, 14, 23, 26)) {
            FieldDescriptor type = Event.getDescriptor().findFieldByNumber(number);
            batch.addEvents(
                    Event.newBuilder()
                            .setId("e" + number)
                            .setTimestamp("2026-11-03T09:30:00Z")
                            .setField(type, fill(type.getMessageType(), 1)));
        }
        StringBuilder text = new StringBuilder();
        append(text, batch.build());
        append(text, filled(Response.getDefaultInstance()));
        GoldenFile.resource("contracts/event.hex").assertHolds(text.toString());
    }

    @Test
    void of_ingest_v1() throws IOException {
        GoldenFile.resource("contracts/ingest-v1.hex")
                .assertHolds(all(IngestProto.getDescriptor()));
    }

    @Test
    void of_admin_v1() throws IOException {
        GoldenFile.resource("contracts/admin-v1.hex").assertHolds(all(AdminProto.getDescriptor()));
    }

    private static String all(FileDescriptor file) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Descriptor message : file.getMessageTypes()) {
            append(text, fill(message, 0));
        }
        return text.toString();
    }

    private static Message filled(Message prototype) {
        return fill(prototype.getDescriptorForType(), 0);
    }

    /** Every field set, each to a value of its own; of a oneof the first. */
    private static Message fill(Descriptor type, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            OneofDescriptor oneof = field.getRealContainingOneof();
            boolean nested = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            if ((oneof != null && oneof.getField(0) != field) || (nested && depth == DEPTH_MAX)) {
                continue;
            }
            Object value = value(field, depth);
            if (field.isRepeated()) {
                message.addRepeatedField(field, value);
            } else {
                message.setField(field, value);
            }
        }
        return message.build();
    }

    private static Object value(FieldDescriptor field, int depth) {
        int number = field.getNumber();
        return switch (field.getJavaType()) {
            case INT -> 1_000 + number;
            case LONG -> 5_000_000_000L + number;
            case FLOAT -> number + 0.5f;
            case DOUBLE -> number + 0.25;
            case BOOLEAN -> true;
            case STRING -> field.getName();
            case BYTE_STRING -> com.google.protobuf.ByteString.copyFromUtf8(field.getName());
            case ENUM -> field.getEnumType().getValues().getLast();
            case MESSAGE -> fill(field.getMessageType(), depth + 1);
        };
    }

    private static void append(StringBuilder text, Message message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        message.writeTo(out);
        out.flush();
        byte[] wire = bytes.toByteArray();
        text.append(message.getDescriptorForType().getFullName()).append('\n');
        for (int at = 0; at < wire.length; at += LINE_BYTES) {
            text.append("  ")
                    .append(
                            HexFormat.ofDelimiter(" ")
                                    .formatHex(wire, at, Math.min(at + LINE_BYTES, wire.length)))
                    .append('\n');
        }
    }
}
