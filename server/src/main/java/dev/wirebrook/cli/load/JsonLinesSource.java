package dev.wirebrook.cli.load;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object a line. A nested value is the column of its path, such as {@code user.address.city} or
 * {@code items.0.sku}; an array is also a column of its own, as JSON.
 */
final class JsonLinesSource implements RowSource {
    private static final int LINE_CHARS_MAX = 16 << 20;
    private static final int DEPTH_MAX = 32;
    private static final Gson GSON = new Gson();

    private final BufferedReader reader;
    private long number;

    JsonLinesSource(Reader input) {
        reader = new BufferedReader(input, 1 << 16);
    }

    @Override
    public List<String> columns() {
        return List.of();
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public @Nullable SourceRow next() throws IOException, RowFault {
        String line = readLine();
        while (line != null && line.isBlank()) {
            line = readLine();
        }
        return line == null ? null : new Row(number, values(line));
    }

    private @Nullable String readLine() throws IOException {
        number++;
        StringBuilder line = new StringBuilder();
        for (int c = reader.read(); c != '\n'; c = reader.read()) {
            if (c < 0) {
                return line.isEmpty() ? null : line.toString();
            }
            if (line.length() == LINE_CHARS_MAX) {
                throw new IOException("line " + number + " is longer than 16 MiB");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    private static Map<String, String> values(String line) throws RowFault {
        JsonReader json = new JsonReader(new StringReader(line));
        json.setStrictness(Strictness.STRICT);
        json.setNestingLimit(DEPTH_MAX);
        try {
            JsonElement element = GSON.fromJson(json, JsonElement.class);
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw new RowFault("is no JSON: something follows the object");
            }
            if (!(element instanceof JsonObject object)) {
                throw new RowFault("is no JSON object");
            }
            Map<String, String> values = new HashMap<>();
            flatten("", object, values);
            return values;
        } catch (JsonParseException | IOException e) {
            throw new RowFault("is no JSON: " + e.getMessage());
        }
    }

    private static void flatten(String prefix, JsonObject object, Map<String, String> values) {
        object.entrySet().forEach(entry -> put(prefix + entry.getKey(), entry.getValue(), values));
    }

    private static void put(String path, JsonElement element, Map<String, String> values) {
        switch (element) {
            case JsonObject object -> flatten(path + ".", object, values);
            case JsonArray array -> {
                values.put(path, array.toString());
                for (int i = 0; i < array.size(); i++) {
                    put(path + "." + i, array.get(i), values);
                }
            }
            default -> {
                if (!element.isJsonNull() && !element.getAsString().isEmpty()) {
                    values.put(path, element.getAsString());
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private record Row(long number, Map<String, String> values) implements SourceRow {
        @Override
        public @Nullable String value(String column) {
            return values.get(column);
        }
    }
}
