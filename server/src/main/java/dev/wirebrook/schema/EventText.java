package dev.wirebrook.schema;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.TextFormat;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.Base64;

/**
 * Shows events to people: one line of JSON for any bytes, sound or not, with the field names of the
 * protos. Makes many objects; not for the way in.
 *
 * <p>Immutable and thread-safe.
 */
public final class EventText {
    private final EventCatalog catalog;
    private final JsonFormat.Printer printer;

    public EventText(EventCatalog catalog) {
        this.catalog = catalog;
        JsonFormat.TypeRegistry messages =
                JsonFormat.TypeRegistry.newBuilder().add(catalog.batchMessage()).build();
        printer =
                JsonFormat.printer()
                        .usingTypeRegistry(messages)
                        .preservingProtoFieldNames()
                        .omittingInsignificantWhitespace();
    }

    /**
     * An object with the members {@code type} (the name of the event's type; empty when it has none
     * of the catalogue's), {@code header} and {@code event}, each the message as JSON. What the
     * catalogue does not know of a message follows as {@code unknownHeader} and {@code
     * unknownEvent}, in protobuf's text format. In place of a message that is none stands {@code
     * {"unreadable": reason, "base64": bytes}}, in place of one that JSON cannot show {@code
     * {"unprintable": reason, "text": text format}}.
     */
    public String toJson(ByteString header, ByteString event) {
        Shown shownHeader = show(catalog.header().getMessageType(), header);
        Shown shownEvent = show(catalog.events().getMessageType(), event);
        StringBuilder json = new StringBuilder(256);
        json.append("{\"type\":").append(quoted(shownEvent.type(catalog)));
        json.append(",\"header\":").append(shownHeader.json());
        json.append(",\"event\":").append(shownEvent.json());
        appendUnknown(json, "unknownHeader", shownHeader);
        appendUnknown(json, "unknownEvent", shownEvent);
        return readable(json.append('}'));
    }

    /**
     * The same for what came in as something else than an event: an object with the members {@code
     * type} (empty), {@code delivery} (what is known of it) and {@code body}, each as text, or as
     * {@code {"base64": bytes}} when it is no UTF-8.
     */
    public String deliveryToJson(ByteString head, ByteString body) {
        return readable(
                new StringBuilder("{\"type\":\"\",\"delivery\":")
                        .append(textOrBase64(head))
                        .append(",\"body\":")
                        .append(textOrBase64(body))
                        .append('}'));
    }

    private String textOrBase64(ByteString bytes) {
        return bytes.isValidUtf8()
                ? quoted(bytes.toStringUtf8())
                : print(
                        Struct.newBuilder()
                                .putFields(
                                        "base64",
                                        text(
                                                Base64.getEncoder()
                                                        .encodeToString(bytes.toByteArray())))
                                .build());
    }

    private record Shown(Message message, String json) {
        String type(EventCatalog catalog) {
            FieldDescriptor variant = message.getOneofFieldDescriptor(catalog.oneof());
            return variant == null ? "" : variant.getMessageType().getName();
        }
    }

    private Shown show(Descriptor type, ByteString bytes) {
        Message message;
        try {
            message = DynamicMessage.parseFrom(type, bytes);
        } catch (InvalidProtocolBufferException e) {
            String base64 = Base64.getEncoder().encodeToString(bytes.toByteArray());
            return new Shown(
                    DynamicMessage.getDefaultInstance(type),
                    object("unreadable", String.valueOf(e.getMessage()), "base64", base64));
        }
        try {
            return new Shown(message, printer.print(message));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            // A Timestamp out of its range, an Any of an unknown type.
            String text = TextFormat.printer().emittingSingleLine(true).printToString(message);
            return new Shown(
                    message, object("unprintable", String.valueOf(e.getMessage()), "text", text));
        }
    }

    private void appendUnknown(StringBuilder json, String member, Shown shown) {
        UnknownFieldSet unknown = shown.message().getUnknownFields();
        if (!unknown.asMap().isEmpty()) {
            String text = TextFormat.printer().emittingSingleLine(true).printToString(unknown);
            json.append(",\"").append(member).append("\":").append(quoted(text));
        }
    }

    /**
     * Takes back what JsonFormat does to put JSON into HTML pages: it escapes five characters that
     * URLs are full of.
     */
    private static String readable(StringBuilder json) {
        StringBuilder readable = new StringBuilder(json.length());
        int i = 0;
        while (i < json.length()) {
            char c = json.charAt(i);
            if (c != '\\') {
                readable.append(c);
                i++;
                continue;
            }
            int end = json.charAt(i + 1) == 'u' ? i + 6 : i + 2;
            String escape = json.substring(i, end);
            readable.append(
                    switch (escape) {
                        case "\\u003d" -> "=";
                        case "\\u0026" -> "&";
                        case "\\u003c" -> "<";
                        case "\\u003e" -> ">";
                        case "\\u0027" -> "'";
                        default -> escape;
                    });
            i = end;
        }
        return readable.toString();
    }

    private String object(String key, String value, String otherKey, String otherValue) {
        return print(
                Struct.newBuilder()
                        .putFields(key, text(value))
                        .putFields(otherKey, text(otherValue))
                        .build());
    }

    private String quoted(String text) {
        return print(text(text));
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private String print(Message message) {
        try {
            return printer.print(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("text that JSON cannot show", e);
        }
    }
}
