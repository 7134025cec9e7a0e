package dev.wirebrook.http.rpc;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.wirebrook.grpc.LocalMethod;
import dev.wirebrook.http.Answer;
import dev.wirebrook.http.Exchange;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * What can be called with JSON, as a document of OpenAPI 3.1. Routes are listed with their fields;
 * methods without a route at {@code POST /package.Service/Method}. Immutable.
 */
final class OpenApi {
    static final String PATH = "/openapi.json";

    /** {@code {name=shelves/*}} is {@code {name}} here. */
    private static final Pattern VARIABLE = Pattern.compile("\\{([^}=]+)(=[^}]*)?}");

    private final byte[] document;
    private final String etag;

    OpenApi(String version, RestRoutes routes, List<LocalMethod> methods) {
        JsonSchemas schemas = new JsonSchemas();
        Map<String, JsonObject> paths = new TreeMap<>();
        Set<String> routed = new HashSet<>();
        for (RestRoutes.Route route : routes.all()) {
            boolean first = routed.add(route.method().fullName());
            add(
                    paths,
                    VARIABLE.matcher(route.path().toString()).replaceAll("{$1}"),
                    route.verb(),
                    operation(route, first, schemas));
        }
        for (LocalMethod method : methods) {
            if (method.takesOne() && !routed.contains(method.fullName())) {
                method.schema()
                        .ifPresent(schema ->
                                add(
                                        paths,
                                        "/" + method.fullName(),
                                        "POST",
                                        byName(method, schema, schemas)));
            }
        }
        document = ErrorBody.utf8(whole(version, paths, schemas));
        etag = '"' + digest(document) + '"';
    }

    private static String digest(byte[] bytes) {
        try {
            byte[] sha = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(sha, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static JsonObject whole(
            String version, Map<String, JsonObject> paths, JsonSchemas schemas) {
        JsonObject info = new JsonObject();
        info.addProperty("title", "Wirebrook");
        info.addProperty("version", version);
        JsonObject all = new JsonObject();
        paths.forEach(all::add);
        JsonObject bearer = new JsonObject();
        bearer.addProperty("type", "http");
        bearer.addProperty("scheme", "bearer");
        JsonObject schemes = new JsonObject();
        schemes.add("token", bearer);
        JsonObject components = new JsonObject();
        components.add("schemas", schemas.all());
        components.add("securitySchemes", schemes);
        // A token, or none where the server asks for none.
        JsonObject token = new JsonObject();
        token.add("token", new JsonArray());
        JsonArray security = new JsonArray();
        security.add(token);
        security.add(new JsonObject());
        JsonObject document = new JsonObject();
        document.addProperty("openapi", "3.1.0");
        document.add("info", info);
        document.add("paths", all);
        document.add("components", components);
        document.add("security", security);
        return document;
    }

    private static void add(
            Map<String, JsonObject> paths, String path, String verb, JsonObject operation) {
        paths.computeIfAbsent(path, _ -> new JsonObject())
                .add(verb.toLowerCase(Locale.ROOT), operation);
    }

    private static JsonObject operation(
            RestRoutes.Route route, boolean first, JsonSchemas schemas) {
        MethodDescriptor schema = route.schema();
        JsonObject operation = new JsonObject();
        // An id stands once in a document; further ways to the same method have none.
        if (first) {
            operation.addProperty("operationId", id(schema));
        }
        operation.add("tags", tags(schema));
        JsonArray parameters = new JsonArray();
        Set<String> inPath = route.path().variables();
        Descriptor request = schema.getInputType();
        inPath.forEach(
                name -> parameters.add(parameter(name, "path", fieldAt(request, name), schemas)));
        if (!route.body().equals("*")) {
            for (FieldDescriptor field : request.getFields()) {
                if (!inPath.contains(field.getName()) && !field.getName().equals(route.body())) {
                    addQuery(parameters, "", field, schemas);
                }
            }
        }
        operation.add("parameters", parameters);
        if (route.body().equals("*")) {
            operation.add("requestBody", body(schemas.of(request)));
        } else if (!route.body().isEmpty()) {
            operation.add("requestBody", body(schemas.of(request.findFieldByName(route.body()))));
        }
        operation.add("responses", responses(route.method(), schema, schemas));
        return operation;
    }

    /** A field, or those of the message that it is: {@code filter.reason}. */
    private static void addQuery(
            JsonArray parameters, String above, FieldDescriptor field, JsonSchemas schemas) {
        String name = above + field.getJsonName();
        if (JsonSchemas.isParameter(field)) {
            parameters.add(parameter(name, "query", field, schemas));
        } else if (above.isEmpty() && !field.isRepeated()) {
            field.getMessageType()
                    .getFields()
                    .forEach(inner -> addQuery(parameters, name + ".", inner, schemas));
        }
    }

    private static JsonObject byName(
            LocalMethod method, MethodDescriptor schema, JsonSchemas schemas) {
        JsonObject operation = new JsonObject();
        operation.addProperty("operationId", id(schema));
        operation.add("tags", tags(schema));
        operation.add("requestBody", body(schemas.of(schema.getInputType())));
        operation.add("responses", responses(method, schema, schemas));
        return operation;
    }

    private static String id(MethodDescriptor schema) {
        return schema.getFullName().replace('.', '_');
    }

    private static JsonArray tags(MethodDescriptor schema) {
        JsonArray tags = new JsonArray();
        tags.add(schema.getService().getFullName());
        return tags;
    }

    private static FieldDescriptor fieldAt(Descriptor type, String path) {
        Descriptor at = type;
        FieldDescriptor field = null;
        for (String name : path.split("\\.", -1)) {
            field = at.findFieldByName(name);
            if (field == null) {
                throw new IllegalArgumentException(
                        "a route of %s names %s, which is no field of it"
                                .formatted(type.getFullName(), path));
            }
            at =
                    field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                            ? field.getMessageType()
                            : at;
        }
        if (field == null) {
            throw new IllegalArgumentException("a route names no field");
        }
        return field;
    }

    private static JsonObject parameter(
            String name, String in, FieldDescriptor field, JsonSchemas schemas) {
        JsonObject parameter = new JsonObject();
        parameter.addProperty("name", name);
        parameter.addProperty("in", in);
        if (in.equals("path")) {
            parameter.addProperty("required", true);
        }
        parameter.add("schema", schemas.of(field));
        return parameter;
    }

    private static JsonObject body(JsonObject schema) {
        JsonObject body = new JsonObject();
        body.addProperty("required", true);
        body.add("content", content(List.of("application/json"), schema));
        return body;
    }

    private static JsonObject content(List<String> types, JsonObject schema) {
        JsonObject content = new JsonObject();
        for (String type : types) {
            JsonObject media = new JsonObject();
            media.add("schema", schema.deepCopy());
            content.add(type, media);
        }
        return content;
    }

    private static JsonObject responses(
            LocalMethod method, MethodDescriptor schema, JsonSchemas schemas) {
        JsonObject success = new JsonObject();
        success.addProperty(
                "description",
                method.answersOne() ? "The response." : "Responses, one a line or an event each.");
        success.add(
                "content",
                content(
                        method.answersOne()
                                ? List.of("application/json")
                                : List.of("application/x-ndjson", "text/event-stream"),
                        schemas.of(schema.getOutputType())));
        JsonObject failure = new JsonObject();
        failure.addProperty("description", "What is wrong, and what to do next.");
        failure.add(
                "content",
                content(
                        List.of("application/json"),
                        schemas.of(com.google.rpc.Status.getDescriptor())));
        JsonObject responses = new JsonObject();
        responses.add("200", success);
        responses.add("default", failure);
        return responses;
    }

    /** The document, or that the client has it already. */
    void answer(Exchange exchange) {
        if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
            exchange.send(Answer.methodNotAllowed("GET, HEAD"));
            return;
        }
        UnaryOperator<Answer> cached =
                answer -> answer.with("etag", etag).with("cache-control", "no-cache");
        String known = exchange.header("if-none-match");
        exchange.send(
                cached.apply(
                        known != null && (known.contains(etag) || known.equals("*"))
                                ? new Answer(304, "application/json", new byte[0], Map.of())
                                : new Answer(200, "application/json", document, Map.of())));
    }
}
