package dev.wirebrook.http.json;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is rare, by protobuf's own parser and printer: {@code Any}, {@code FieldMask} and what
 * proto3 took away. Thread-safe.
 */
final class ForeignJson {
    private static final int MESSAGE_LENGTH_MAX = 200;

    private final JsonFormat.Parser parser;
    private final JsonFormat.Printer printer;

    ForeignJson(JsonFormat.TypeRegistry registry) {
        parser = JsonFormat.parser().usingTypeRegistry(registry);
        printer =
                JsonFormat.printer().omittingInsignificantWhitespace().usingTypeRegistry(registry);
    }

    /** The wire bytes of the JSON value that comes next. */
    byte[] toWire(JsonInput in, Descriptor type, int depth) throws InvalidJsonException {
        int start = in.position();
        in.passOver(depth);
        String json = new String(in.bytes(), start, in.position() - start, StandardCharsets.UTF_8);
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        try {
            parser.merge(json, message);
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            // The parser takes a value for granted to be what it expects in some places.
            throw in.fault("is no " + type.getFullName() + ": " + shortened(e.getMessage()));
        }
        if (!message.isInitialized()) {
            throw in.fault("lacks " + shortened(message.getInitializationErrorString()));
        }
        return message.build().toByteArray();
    }

    byte[] toJson(byte[] wire, int start, int end, Descriptor type) throws InvalidWireException {
        try {
            return printer.print(
                            DynamicMessage.parseFrom(type, Arrays.copyOfRange(wire, start, end)))
                    .getBytes(StandardCharsets.UTF_8);
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new InvalidWireException(
                    "no "
                            + type.getFullName()
                            + " that JSON can say: "
                            + shortened(e.getMessage()));
        }
    }

    private static String shortened(@Nullable String reason) {
        String message = Objects.requireNonNullElse(reason, "");

        return message.length() <= MESSAGE_LENGTH_MAX
                ? message
                : message.substring(0, MESSAGE_LENGTH_MAX) + "…";
    }
}
