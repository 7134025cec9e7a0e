package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a message's fields are filled from a JSON document. Fields that the message does not have, or
 * not in this shape, are left out: a user's own schema may have fewer. Immutable.
 */
final class MessageFields {
    private static final int AMOUNT_LENGTH_MAX = 64;

    private final Map<String, FieldSource> sourceByField;

    private MessageFields(Map<String, FieldSource> sourceByField) {
        this.sourceByField = Map.copyOf(sourceByField);
    }

    static MessageFields none() {
        return new MessageFields(Map.of());
    }

    static MessageFields of(Map<String, FieldSource> sourceByField) {
        return new MessageFields(sourceByField);
    }

    MessageFields with(String field, FieldSource source) {
        Map<String, FieldSource> more = new LinkedHashMap<>(sourceByField);
        more.put(field, source);
        return new MessageFields(more);
    }

    /**
     * The message.
     *
     * @throws UnfitException when a field cannot hold what the document has for it
     */
    Message fill(Descriptor type, JsonElement document) throws UnfitException {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (Map.Entry<String, FieldSource> entry : sourceByField.entrySet()) {
            FieldDescriptor field = type.findFieldByName(entry.getKey());
            if (field != null) {
                fill(message, field, entry.getValue(), document);
            }
        }
        return message.build();
    }

    private static void fill(
            DynamicMessage.Builder message,
            FieldDescriptor field,
            FieldSource source,
            JsonElement document)
            throws UnfitException {
        switch (source) {
            case FieldSource.FromPath from -> fillFromPath(message, field, from, document);
            case FieldSource.Constant(String text) -> {
                if (!field.isRepeated() && ScalarValues.fills(field)) {
                    message.setField(field, ScalarValues.of(field, new JsonPrimitive(text)));
                }
            }
            case FieldSource.Nested(MessageFields fields) -> {
                if (isMessage(field) && !field.isRepeated()) {
                    Message nested = fields.fill(field.getMessageType(), document);
                    if (!nested.getAllFields().isEmpty()) {
                        message.setField(field, nested);
                    }
                }
            }
            case FieldSource.Each(JsonPath array, MessageFields fields) -> {
                if (isMessage(field) && field.isRepeated() && !field.isMapField()) {
                    for (JsonElement element : elements(array, document)) {
                        message.addRepeatedField(
                                field, fields.fill(field.getMessageType(), element));
                    }
                }
            }
            case FieldSource.Entries(JsonPath object) ->
                    fillMap(message, field, members(object, document));
            case FieldSource.ConstantEntries(Map<String, String> entries) ->
                    fillMap(message, field, entries);
            case FieldSource.Sum(JsonPath array, JsonPath amount) -> {
                if (!field.isRepeated() && ScalarValues.fills(field)) {
                    Optional<BigDecimal> sum = sum(array, amount, document);
                    if (sum.isPresent()) {
                        message.setField(
                                field, ScalarValues.of(field, new JsonPrimitive(sum.get())));
                    }
                }
            }
        }
    }

    private static void fillFromPath(
            DynamicMessage.Builder message,
            FieldDescriptor field,
            FieldSource.FromPath from,
            JsonElement document)
            throws UnfitException {
        JsonElement value = null;
        for (JsonPath path : from.paths()) {
            value = value == null ? path.find(document) : value;
        }
        if (value == null
                || !ScalarValues.fills(field)
                || (from.lenient() && !value.isJsonPrimitive())) {
            return;
        }
        try {
            if (!field.isRepeated()) {
                message.setField(field, ScalarValues.of(field, value));
            } else if (value.isJsonArray()) {
                for (JsonElement element : value.getAsJsonArray()) {
                    if (!element.isJsonNull()) {
                        message.addRepeatedField(field, ScalarValues.of(field, element));
                    }
                }
            } else {
                message.addRepeatedField(field, ScalarValues.of(field, value));
            }
        } catch (UnfitException e) {
            if (!from.lenient()) {
                throw e;
            }
        }
    }

    /** The members of an object as text: arrays and objects as their JSON, null left out. */
    private static Map<String, String> members(JsonPath object, JsonElement document) {
        Map<String, String> texts = new LinkedHashMap<>();
        JsonElement found = object.find(document);
        if (found != null && found.isJsonObject()) {
            found.getAsJsonObject()
                    .asMap()
                    .forEach((name, member) -> {
                        if (!member.isJsonNull()) {
                            texts.put(
                                    name,
                                    member.isJsonPrimitive()
                                            ? member.getAsString()
                                            : member.toString());
                        }
                    });
        }
        return texts;
    }

    private static void fillMap(
            DynamicMessage.Builder message, FieldDescriptor field, Map<String, String> entries) {
        if (!field.isMapField()) {
            return;
        }
        Descriptor entry = field.getMessageType();
        FieldDescriptor key = entry.findFieldByNumber(1);
        FieldDescriptor value = entry.findFieldByNumber(2);
        if (isText(key) && isText(value)) {
            entries.forEach((name, text) ->
                    message.addRepeatedField(
                            field,
                            DynamicMessage.newBuilder(entry)
                                    .setField(key, name)
                                    .setField(value, text)
                                    .build()));
        }
    }

    private static Optional<BigDecimal> sum(JsonPath array, JsonPath amount, JsonElement document)
            throws UnfitException {
        BigDecimal sum = null;
        for (JsonElement element : elements(array, document)) {
            JsonElement part = amount.find(element);
            if (part != null) {
                sum = (sum == null ? BigDecimal.ZERO : sum).add(amount(amount, part));
            }
        }
        return Optional.ofNullable(sum);
    }

    private static BigDecimal amount(JsonPath path, JsonElement part) throws UnfitException {
        String text = part.isJsonPrimitive() ? part.getAsString() : "";
        try {
            if (text.length() <= AMOUNT_LENGTH_MAX) {
                BigDecimal amount = new BigDecimal(text);
                // A sum with 1e999999999 in it would have as many digits.
                if (Math.abs((long) amount.scale()) <= AMOUNT_LENGTH_MAX) {
                    return amount;
                }
            }
        } catch (NumberFormatException e) {
            // As one that is too long.
        }
        throw new UnfitException("an element's " + path + " is no amount");
    }

    private static Iterable<JsonElement> elements(JsonPath array, JsonElement document) {
        JsonElement found = array.find(document);
        return found != null && found.isJsonArray()
                ? found.getAsJsonArray()
                : List.<JsonElement>of();
    }

    private static boolean isMessage(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    }

    private static boolean isText(FieldDescriptor field) {
        return field.getJavaType() == FieldDescriptor.JavaType.STRING;
    }
}
