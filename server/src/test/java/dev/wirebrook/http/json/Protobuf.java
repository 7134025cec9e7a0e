package dev.wirebrook.http.json;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;

/** What protobuf's own parsers and printers make of it: the reference. */
final class Protobuf {
    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().usingTypeRegistry(Kinds.REGISTRY);
    private static final JsonFormat.Parser PARSER =
            JsonFormat.parser().usingTypeRegistry(Kinds.REGISTRY);

    private Protobuf() {}

    static DynamicMessage message(Descriptor type, byte[] wire)
            throws InvalidProtocolBufferException {
        return DynamicMessage.parseFrom(type, wire);
    }

    static byte[] json(Descriptor type, byte[] wire) throws InvalidProtocolBufferException {
        return PRINTER.print(message(type, wire)).getBytes(StandardCharsets.UTF_8);
    }

    static DynamicMessage read(Descriptor type, byte[] json) throws InvalidProtocolBufferException {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        PARSER.merge(new String(json, StandardCharsets.UTF_8), message);
        return message.build();
    }

    /** A document as values, for whom members have no order and 1.0 is 1. */
    static JsonElement tree(byte[] json) {
        return JsonParser.parseString(new String(json, StandardCharsets.UTF_8));
    }
}
