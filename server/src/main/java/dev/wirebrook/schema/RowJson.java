package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Renders one repeated, map or message field in protobuf's JSON mapping. Collects the field's
 * occurrences on the wire as they come, then parses and prints them alone. Confined to a thread.
 */
final class RowJson {
    private static final byte[] EMPTY_LIST = {'[', ']'};
    private static final byte[] EMPTY_MAP = {'{', '}'};

    private final FieldDescriptor field;
    private final JsonFormat.Printer printer;
    private byte[] occurrences = new byte[64];
    private int length;

    RowJson(FieldDescriptor field, JsonFormat.Printer printer) {
        this.field = field;
        this.printer = printer;
    }

    /** A printer that knows the messages of the catalogue's files inside {@code Any}. */
    static JsonFormat.Printer printer(EventCatalog catalog) {
        return JsonFormat.printer()
                .omittingInsignificantWhitespace()
                .usingTypeRegistry(types(catalog));
    }

    /** The messages of the catalogue's files. */
    static TypeRegistry types(EventCatalog catalog) {
        TypeRegistry.Builder types = TypeRegistry.newBuilder();
        collect(catalog.dispatch().getFile(), new HashSet<>(), types);
        return types.build();
    }

    private static void collect(FileDescriptor file, Set<String> seen, TypeRegistry.Builder types) {
        if (seen.add(file.getName())) {
            file.getDependencies().forEach(dependency -> collect(dependency, seen, types));
            types.add(file.getMessageTypes());
        }
    }

    void clear() {
        length = 0;
    }

    /** Takes {@code bytes[start, end)}: a tag and its value. */
    void add(byte[] bytes, int start, int end) {
        int added = end - start;
        if (length + added > occurrences.length) {
            occurrences = Arrays.copyOf(occurrences, Math.max(length + added, 2 * length));
        }
        System.arraycopy(bytes, start, occurrences, length, added);
        length += added;
    }

    byte[] render() {
        if (length == 0) {
            return empty();
        }
        DynamicMessage.Builder message = DynamicMessage.newBuilder(field.getContainingType());
        String json;
        try {
            message.mergeFrom(occurrences, 0, length);
            if (field.isMapField()) {
                keepLastOfEachKey(message);
            }
            json = printer.print(message.buildPartial());
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new RowFormatException(
                    field.getFullName() + " does not render as JSON: " + e.getMessage());
        } catch (StackOverflowError e) {
            throw new RowFormatException(field.getFullName() + " is nested too deeply for JSON");
        }
        if (json.length() == 2) {
            return empty();
        }
        return json.substring(valueStart(json), json.length() - 1).getBytes(StandardCharsets.UTF_8);
    }

    /** As protobuf defines it; dynamic messages keep maps as lists. */
    private void keepLastOfEachKey(DynamicMessage.Builder message) {
        FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
        Map<Object, Message> last = new LinkedHashMap<>();
        int count = message.getRepeatedFieldCount(field);
        for (int i = 0; i < count; i++) {
            Message entry = (Message) message.getRepeatedField(field, i);
            last.put(entry.getField(key), entry);
        }
        if (last.size() < count) {
            message.setField(field, List.copyOf(last.values()));
        }
    }

    private byte[] empty() {
        return field.isMapField() ? EMPTY_MAP : EMPTY_LIST;
    }

    /** Behind the colon of an object's first member. */
    private static int valueStart(String json) {
        int at = 2;
        while (json.charAt(at) != '"') {
            at += json.charAt(at) == '\\' ? 2 : 1;
        }
        return at + 2;
    }
}
