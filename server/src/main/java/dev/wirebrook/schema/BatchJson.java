package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Batches in protobuf's JSON mapping and back. Makes many objects; not for the way in. Immutable
 * and thread-safe.
 */
public final class BatchJson {
    private final EventCatalog catalog;
    private final JsonFormat.Printer printer;
    private final JsonFormat.Parser parser;

    public BatchJson(EventCatalog catalog) {
        this.catalog = catalog;
        printer = RowJson.printer(catalog);
        parser = JsonFormat.parser().usingTypeRegistry(RowJson.types(catalog));
    }

    /**
     * A batch as JSON in UTF-8; empty when JSON cannot say all that it says, for it has fields that
     * the catalogue does not know, or values out of their range.
     */
    public Optional<byte[]> print(byte[] batch) {
        try {
            DynamicMessage message = DynamicMessage.parseFrom(catalog.batchMessage(), batch);
            return hasUnknownFields(message)
                    ? Optional.empty()
                    : Optional.of(printer.print(message).getBytes(StandardCharsets.UTF_8));
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * @throws InvalidProtocolBufferException when it is no batch in JSON; says why
     */
    public byte[] parse(byte[] json) throws InvalidProtocolBufferException {
        DynamicMessage.Builder batch = DynamicMessage.newBuilder(catalog.batchMessage());
        parser.merge(new String(json, StandardCharsets.UTF_8), batch);
        return batch.build().toByteArray();
    }

    private static boolean hasUnknownFields(Message message) {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            return true;
        }
        for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
            if (field.getKey().getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && hasUnknown(field.getValue())) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasUnknown(@Nullable Object value) {
        return switch (value) {
            case Message message -> hasUnknownFields(message);
            case Iterable<?> many -> {
                boolean found = false;
                for (Object one : many) {
                    found |= hasUnknown(one);
                }
                yield found;
            }
            case null, default -> false;
        };
    }
}
