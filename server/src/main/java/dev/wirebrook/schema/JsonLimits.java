package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.failure.Violation;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rule that what comes in protobuf must have a form in JSON: a timestamp of the years 1 to
 * 9999, a duration of at most 10,000 years whose parts have one sign, a finite number in a {@code
 * Value}, an {@code Any} of a known type, a {@code FieldMask} that reads back. JSON requests cannot
 * say anything else, and no table can hold it, because tables have these types as JSON.
 *
 * <p>Slow; meant for messages of which {@link WellKnownValue} says that they need it. Immutable and
 * thread-safe.
 */
final class JsonLimits {
    private static final int REASON_LENGTH_MAX = 300;

    private final EventCatalog catalog;
    private final JsonFormat.Printer printer;

    JsonLimits(EventCatalog catalog) {
        this.catalog = catalog;
        printer = RowJson.printer(catalog);
    }

    /** The first fault of {@code bytes[start, end)}, an event's message, or null. */
    @Nullable Violation ofEvent(byte[] bytes, int start, int end, String path) {
        return first(parse(catalog.events(), bytes, start, end), path, true);
    }

    /** The same for a header's message. */
    @Nullable Violation ofHeader(byte[] bytes, int start, int end) {
        return first(parse(catalog.header(), bytes, start, end), catalog.header().getName(), false);
    }

    private static Message parse(FieldDescriptor field, byte[] bytes, int start, int end) {
        try {
            return DynamicMessage.parseFrom(
                    field.getMessageType(), Arrays.copyOfRange(bytes, start, end));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("the message was not walked before", e);
        }
    }

    private @Nullable Violation first(Message message, String path, boolean isEvent) {
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            String fieldPath = path + "." + field.getName();
            boolean isVariant = isEvent && catalog.oneof().equals(field.getRealContainingOneof());
            Violation violation =
                    isVariant
                            ? first((Message) entry.getValue(), fieldPath, false)
                            : ofField(message, field, entry.getValue(), fieldPath);
            if (violation != null) {
                return violation;
            }
        }
        return null;
    }

    private @Nullable Violation ofField(
            Message message, FieldDescriptor field, Object value, String path) {
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
            return null;
        }
        DynamicMessage alone =
                DynamicMessage.newBuilder(message.getDescriptorForType())
                        .setField(field, value)
                        .buildPartial();
        try {
            printer.print(alone);
            return null;
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            return violation(path, String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            return violation(path, "it is nested too deeply");
        }
    }

    private static Violation violation(String path, String reason) {
        String shown =
                reason.length() <= REASON_LENGTH_MAX
                        ? reason
                        : reason.substring(0, REASON_LENGTH_MAX) + "...";
        return new Violation(
                path, "has a value that its type does not allow in JSON or in a table: " + shown);
    }
}
