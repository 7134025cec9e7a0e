package dev.wirebrook.http.rpc;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * JSON Schema of messages, as proto3 maps them to JSON. Every message and enum that was asked for
 * or is reached from one stands once among {@link #all}. Confined to one thread.
 */
final class JsonSchemas {
    private final Map<String, JsonObject> byName = new TreeMap<>();

    /** A schema for every message, by its full name. */
    JsonObject all() {
        JsonObject all = new JsonObject();
        byName.forEach(all::add);
        return all;
    }

    /** Whether a field may be a parameter of a query as it is. */
    static boolean isParameter(FieldDescriptor field) {
        return field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
                || (!field.isRepeated() && wellKnown(field.getMessageType()).isPresent());
    }

    JsonObject of(Descriptor message) {
        Optional<JsonObject> known = wellKnown(message);
        if (known.isPresent()) {
            return known.get();
        }
        String name = message.getFullName();
        if (!byName.containsKey(name)) {
            JsonObject schema = typed("object");
            // Before its fields: one of them may be of this very message.
            byName.put(name, schema);
            JsonObject properties = new JsonObject();
            message.getFields().forEach(field -> properties.add(field.getJsonName(), of(field)));
            schema.add("properties", properties);
        }
        return reference(name);
    }

    JsonObject of(FieldDescriptor field) {
        if (field.isMapField()) {
            JsonObject map = typed("object");
            map.add("additionalProperties", of(field.getMessageType().findFieldByName("value")));
            return map;
        }
        JsonObject one = single(field);
        if (!field.isRepeated()) {
            return one;
        }
        JsonObject array = typed("array");
        array.add("items", one);
        return array;
    }

    private JsonObject single(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case MESSAGE -> of(field.getMessageType());
            case ENUM -> of(field.getEnumType());
            case BOOLEAN -> typed("boolean");
            case STRING -> typed("string");
            case INT -> formatted("integer", "int32");
            // Beyond 2^53 a number of JSON would not survive most readers.
            case LONG -> formatted("string", "int64");
            case FLOAT -> formatted("number", "float");
            case DOUBLE -> formatted("number", "double");
            case BYTE_STRING -> encoded();
        };
    }

    private JsonObject of(EnumDescriptor type) {
        String name = type.getFullName();
        if (name.equals("google.protobuf.NullValue")) {
            return typed("null");
        }
        if (!byName.containsKey(name)) {
            JsonArray names = new JsonArray();
            type.getValues().stream().map(EnumValueDescriptor::getName).forEach(names::add);
            JsonObject schema = typed("string");
            schema.add("enum", names);
            byName.put(name, schema);
        }
        return reference(name);
    }

    private static Optional<JsonObject> wellKnown(Descriptor message) {
        return Optional.ofNullable(
                switch (message.getFullName()) {
                    case "google.protobuf.Timestamp" -> formatted("string", "date-time");
                    case "google.protobuf.Duration", "google.protobuf.FieldMask" -> typed("string");
                    case "google.protobuf.StringValue" -> typed("string");
                    case "google.protobuf.BytesValue" -> encoded();
                    case "google.protobuf.BoolValue" -> typed("boolean");
                    case "google.protobuf.Int32Value", "google.protobuf.UInt32Value" ->
                            typed("integer");
                    case "google.protobuf.Int64Value", "google.protobuf.UInt64Value" ->
                            formatted("string", "int64");
                    case "google.protobuf.FloatValue", "google.protobuf.DoubleValue" ->
                            typed("number");
                    case "google.protobuf.Struct", "google.protobuf.Any" -> typed("object");
                    case "google.protobuf.ListValue" -> typed("array");
                    case "google.protobuf.Value" -> new JsonObject();
                    default -> null;
                });
    }

    private static JsonObject typed(String type) {
        JsonObject schema = new JsonObject();
        schema.addProperty("type", type);
        return schema;
    }

    private static JsonObject formatted(String type, String format) {
        JsonObject schema = typed(type);
        schema.addProperty("format", format);
        return schema;
    }

    private static JsonObject encoded() {
        JsonObject schema = typed("string");
        schema.addProperty("contentEncoding", "base64");
        return schema;
    }

    private static JsonObject reference(String name) {
        JsonObject schema = new JsonObject();
        schema.addProperty("$ref", "#/components/schemas/" + name);
        return schema;
    }
}
