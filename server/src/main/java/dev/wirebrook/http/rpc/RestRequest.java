package dev.wirebrook.http.rpc;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.http.PercentCoding;
import dev.wirebrook.http.json.JsonMessage;
import java.net.URLDecoder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a request of what a route takes from the body, the path and the query. What stands in the
 * path wins over the body.
 */
final class RestRequest {
    private static final int PARAMETERS_MAX = 1_000;

    private final RestRoutes.Route route;
    private final Map<String, String> variables;
    private final @Nullable String rawQuery;
    private final Format format;

    RestRequest(RestRoutes.Match match, @Nullable String rawQuery, Format format) {
        this.route = match.route();
        this.variables = match.variables();
        this.rawQuery = rawQuery;
        this.format = format;
    }

    Request of(byte[] body) {
        Request fromBody =
                switch (route.body()) {
                    case "" -> Request.of(new byte[0]);
                    case "*" -> format.request(body);
                    default -> format.request(wrapped(route.body(), body));
                };
        if (variables.isEmpty() && rawQuery == null) {
            return fromBody;
        }
        JsonObject more = new JsonObject();
        if (rawQuery != null && !route.body().equals("*")) {
            addQuery(more, rawQuery);
        } else if (rawQuery != null && !rawQuery.isEmpty()) {
            throw invalid("query", "is not taken here: the body is the whole request");
        }
        variables.forEach((path, value) -> add(more, path, value));
        byte[] fromElsewhere = format.request(ErrorBody.utf8(more)).message();
        return new Request(joined(fromBody.message(), fromElsewhere), fromBody.faults());
    }

    private static byte[] wrapped(String field, byte[] body) {
        byte[] before = ("{\"" + field + "\":").getBytes(StandardCharsets.UTF_8);
        int mark = JsonMessage.byteOrderMark(body);
        byte[] wrapped = new byte[before.length + body.length - mark + 1];
        System.arraycopy(before, 0, wrapped, 0, before.length);
        System.arraycopy(body, mark, wrapped, before.length, body.length - mark);
        wrapped[wrapped.length - 1] = '}';
        return wrapped;
    }

    /** Two encodings one after the other are the two messages merged. */
    private static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = new byte[first.length + second.length];
        System.arraycopy(first, 0, joined, 0, first.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private void addQuery(JsonObject request, String query) {
        String[] parameters = query.split("&", PARAMETERS_MAX + 1);
        if (parameters.length > PARAMETERS_MAX) {
            throw invalid("query", "has more than " + PARAMETERS_MAX + " parameters");
        }
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            if (!parameter.isEmpty()) {
                add(
                        request,
                        decoded(equals < 0 ? parameter : parameter.substring(0, equals)),
                        equals < 0 ? "" : decoded(parameter.substring(equals + 1)));
            }
        }
    }

    private static String decoded(String text) {
        try {
            // Bytes first: as text, what is not UTF-8 would be replaced and change the request.
            String bytes = URLDecoder.decode(text, StandardCharsets.ISO_8859_1);
            return PercentCoding.utf8(bytes.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw invalid("query", "has a % that no two hexadecimal digits follow");
        } catch (CharacterCodingException e) {
            throw invalid("query", "has bytes that are not UTF-8");
        }
    }

    private void add(JsonObject request, String path, String value) {
        JsonObject target = request;
        Descriptor type = route.schema().getInputType();
        String[] names = path.split("\\.", -1);
        for (int i = 0; i < names.length - 1; i++) {
            FieldDescriptor field = field(type, names[i], path);
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || field.isRepeated()) {
                throw invalid(path, names[i] + " has no fields that a parameter could name");
            }
            type = field.getMessageType();
            JsonElement inside = target.get(field.getJsonName());
            if (inside == null) {
                inside = new JsonObject();
                target.add(field.getJsonName(), inside);
            }
            if (!(inside instanceof JsonObject object)) {
                throw invalid(path, names[i] + " has a value and fields; send one of them");
            }
            target = object;
        }
        FieldDescriptor field = field(type, names[names.length - 1], path);
        JsonPrimitive json = primitive(field, value);
        if (field.isRepeated()) {
            JsonElement array = target.get(field.getJsonName());
            if (array == null) {
                array = new JsonArray();
                target.add(field.getJsonName(), array);
            }
            array.getAsJsonArray().add(json);
        } else if (target.has(field.getJsonName())) {
            throw invalid(path, "comes twice, and is a single value; send it once");
        } else {
            target.add(field.getJsonName(), json);
        }
    }

    private static FieldDescriptor field(Descriptor type, String name, String path) {
        for (FieldDescriptor field : type.getFields()) {
            if (field.getName().equals(name) || field.getJsonName().equals(name)) {
                return field;
            }
        }
        throw invalid(path, "is no field of " + type.getFullName());
    }

    /** All but booleans may be text in JSON. */
    private static JsonPrimitive primitive(FieldDescriptor field, String value) {
        boolean truth =
                field.getJavaType() == FieldDescriptor.JavaType.BOOLEAN
                        && (value.equals("true") || value.equals("false"));
        return truth ? new JsonPrimitive(value.equals("true")) : new JsonPrimitive(value);
    }

    private static FailureException invalid(String field, String description) {
        String shown = field.substring(0, Math.min(80, field.length()));
        return new FailureException(Failure.InvalidRequest.of(shown, description));
    }
}
