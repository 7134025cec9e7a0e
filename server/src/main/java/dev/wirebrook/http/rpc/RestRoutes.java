package dev.wirebrook.http.rpc;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.DescriptorProtos.MethodOptions;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.wirebrook.grpc.LocalMethod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The methods by the routes that their {@code google.api.http} gives them. Immutable. */
final class RestRoutes {
    private final Map<String, Route> literal = new HashMap<>();
    private final List<Route> others = new ArrayList<>();

    /**
     * One way to call a method.
     *
     * @param verb of HTTP
     * @param body the field that the body is; {@code *}: the whole request; empty: there is none
     */
    record Route(
            String verb,
            PathTemplate path,
            String body,
            LocalMethod method,
            MethodDescriptor schema) {}

    /** A route, and what the path says. */
    record Match(Route route, Map<String, String> variables) {}

    /**
     * @throws IllegalArgumentException when a path of an annotation is none
     */
    RestRoutes(List<LocalMethod> methods) {
        for (LocalMethod method : methods) {
            method.schema().ifPresent(schema -> add(method, schema));
        }
        others.sort(
                Comparator.comparing((Route route) -> !route.path().hasVerb())
                        .thenComparingInt(route -> route.path().freedom()));
    }

    private void add(LocalMethod method, MethodDescriptor schema) {
        for (HttpRule rule : rules(schema)) {
            Optional<Route> route = route(rule, method, schema);
            if (route.isEmpty()) {
                continue;
            }
            if (route.get().path().isLiteral()) {
                literal.put(rule(route.get()), route.get());
            } else {
                others.add(route.get());
            }
        }
    }

    private static String rule(Route route) {
        return route.verb() + " " + route.path();
    }

    /** A rule, and those beside it. */
    private static List<HttpRule> rules(MethodDescriptor schema) {
        HttpRule rule = options(schema).getExtension(AnnotationsProto.http);
        List<HttpRule> rules = new ArrayList<>();
        rules.add(rule);
        rules.addAll(rule.getAdditionalBindingsList());
        return rules;
    }

    /** Descriptors that a user brought have been read without knowing of the annotation. */
    private static MethodOptions options(MethodDescriptor schema) {
        ExtensionRegistry known = ExtensionRegistry.newInstance();
        AnnotationsProto.registerAllExtensions(known);
        try {
            return MethodOptions.parseFrom(schema.getOptions().toByteString(), known);
        } catch (InvalidProtocolBufferException e) {
            return schema.getOptions();
        }
    }

    private static Optional<Route> route(
            HttpRule rule, LocalMethod method, MethodDescriptor schema) {
        return switch (rule.getPatternCase()) {
            case GET -> Optional.of(route("GET", rule.getGet(), rule, method, schema));
            case PUT -> Optional.of(route("PUT", rule.getPut(), rule, method, schema));
            case POST -> Optional.of(route("POST", rule.getPost(), rule, method, schema));
            case DELETE -> Optional.of(route("DELETE", rule.getDelete(), rule, method, schema));
            case PATCH -> Optional.of(route("PATCH", rule.getPatch(), rule, method, schema));
            case CUSTOM ->
                    Optional.of(
                            route(
                                    rule.getCustom().getKind(),
                                    rule.getCustom().getPath(),
                                    rule,
                                    method,
                                    schema));
            case PATTERN_NOT_SET -> Optional.empty();
        };
    }

    private static Route route(
            String verb, String path, HttpRule rule, LocalMethod method, MethodDescriptor schema) {
        return new Route(verb, PathTemplate.parse(path), rule.getBody(), method, schema);
    }

    Optional<Match> find(String verb, String rawPath) {
        String asked = verb.equals("HEAD") ? "GET" : verb;
        Route direct = literal.get(asked + " " + rawPath);
        if (direct != null) {
            return Optional.of(new Match(direct, Map.of()));
        }
        for (Route route : others) {
            if (route.verb().equals(asked)) {
                Optional<Map<String, String>> variables = route.path().match(rawPath);
                if (variables.isPresent()) {
                    return Optional.of(new Match(route, variables.get()));
                }
            }
        }
        return Optional.empty();
    }

    /** The verbs that there are for a path, in order; none when nothing is there. */
    List<String> verbs(String rawPath) {
        TreeSet<String> verbs = new TreeSet<>();
        literal.values().stream()
                .filter(route -> route.path().toString().equals(rawPath))
                .forEach(route -> verbs.add(route.verb()));
        others.stream()
                .filter(route -> route.path().match(rawPath).isPresent())
                .forEach(route -> verbs.add(route.verb()));
        return List.copyOf(verbs);
    }

    /** Every route. */
    List<Route> all() {
        List<Route> all = new ArrayList<>(literal.values());
        all.addAll(others);
        all.sort(Comparator.comparing(RestRoutes::rule));
        return all;
    }
}
