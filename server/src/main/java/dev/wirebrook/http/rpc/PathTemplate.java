package dev.wirebrook.http.rpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.http.PercentCoding;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A path of {@code google.api.http}, with the grammar that {@code google/api/http.proto} gives:
 * {@code /v1/{name=shelves/*}/books:list}. Immutable.
 */
final class PathTemplate {
    private final String text;
    private final List<Segment> segments;
    private final String verb;

    private PathTemplate(String text, List<Segment> segments, String verb) {
        this.text = text;
        this.segments = List.copyOf(segments);
        this.verb = verb;
    }

    /** A piece between slashes; each knows the variable that it is a part of. */
    private sealed interface Segment {
        /** Empty: of none. */
        String variable();

        record Literal(String variable, String text) implements Segment {}

        record One(String variable) implements Segment {}

        /** The rest of the path; only as the last. */
        record Rest(String variable) implements Segment {}
    }

    /**
     * @throws IllegalArgumentException when it is none
     */
    static PathTemplate parse(String text) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException(text + " does not begin with a slash");
        }
        int brace = text.lastIndexOf('}');
        int colon = text.indexOf(':', Math.max(brace, text.lastIndexOf('/')));
        String verb = colon < 0 ? "" : text.substring(colon + 1);
        String path = text.substring(1, colon < 0 ? text.length() : colon);
        List<Segment> segments = new ArrayList<>();
        int from = 0;
        while (from < path.length()) {
            if (path.charAt(from) == '{') {
                int to = path.indexOf('}', from);
                if (to < 0) {
                    throw new IllegalArgumentException(text + " opens a brace and closes none");
                }
                String inside = path.substring(from + 1, to);
                int equals = inside.indexOf('=');
                String variable = equals < 0 ? inside : inside.substring(0, equals);
                add(segments, variable, equals < 0 ? "*" : inside.substring(equals + 1));
                from = to + 2;
            } else {
                int slash = path.indexOf('/', from);
                int to = slash < 0 ? path.length() : slash;
                add(segments, "", path.substring(from, to));
                from = to + 1;
            }
        }
        for (Segment segment : segments.subList(0, Math.max(0, segments.size() - 1))) {
            if (segment instanceof Segment.Rest) {
                throw new IllegalArgumentException(text + " has ** before its end");
            }
        }
        return new PathTemplate(text, segments, verb);
    }

    private static void add(List<Segment> segments, String variable, String pattern) {
        for (String piece : pattern.split("/", -1)) {
            segments.add(
                    switch (piece) {
                        case "*" -> new Segment.One(variable);
                        case "**" -> new Segment.Rest(variable);
                        default -> new Segment.Literal(variable, piece);
                    });
        }
    }

    /** Whether every path that it takes is the template itself. */
    boolean isLiteral() {
        return segments.stream()
                .allMatch(segment ->
                        segment instanceof Segment.Literal literal && literal.variable().isEmpty());
    }

    /**
     * The variables of a path, decoded; empty when the path is none of this template.
     *
     * @param rawPath as it stands in the request line
     */
    Optional<Map<String, String>> match(String rawPath) {
        String path = rawPath.substring(Math.min(1, rawPath.length()));
        if (!verb.isEmpty()) {
            if (!path.endsWith(":" + verb)) {
                return Optional.empty();
            }
            path = path.substring(0, path.length() - verb.length() - 1);
        }
        List<String> pieces = List.of(path.split("/", -1));
        Map<String, String> variables = new HashMap<>();
        int at = 0;
        for (Segment segment : segments) {
            if (at >= pieces.size()) {
                return Optional.empty();
            }
            String piece = pieces.get(at++);
            switch (segment) {
                case Segment.Literal literal -> {
                    if (!literal.text().equals(piece)) {
                        return Optional.empty();
                    }
                }
                case Segment.One _ -> {
                    if (piece.isEmpty()) {
                        return Optional.empty();
                    }
                }
                case Segment.Rest _ -> {
                    piece = String.join("/", pieces.subList(at - 1, pieces.size()));
                    at = pieces.size();
                }
            }
            if (!segment.variable().isEmpty()) {
                variables.merge(
                        segment.variable(), decoded(piece), (before, now) -> before + "/" + now);
            }
        }
        return at == pieces.size() ? Optional.of(variables) : Optional.empty();
    }

    private static String decoded(String piece) {
        try {
            return PercentCoding.decodedExactly(piece);
        } catch (CharacterCodingException e) {
            throw new FailureException(
                    Failure.InvalidRequest.of("path", "has bytes that are not UTF-8"));
        }
    }

    /** The fields that the path names, in its order. */
    Set<String> variables() {
        Set<String> variables = new LinkedHashSet<>();
        for (Segment segment : segments) {
            if (!segment.variable().isEmpty()) {
                variables.add(segment.variable());
            }
        }
        return variables;
    }

    /** In how many places a path may differ: the fewer, the more particular is the template. */
    int freedom() {
        int freedom = 0;
        for (Segment segment : segments) {
            freedom +=
                    switch (segment) {
                        case Segment.Literal _ -> 0;
                        case Segment.One _ -> 1;
                        case Segment.Rest _ -> 100;
                    };
        }
        return freedom;
    }

    boolean hasVerb() {
        return !verb.isEmpty();
    }

    @Override
    public String toString() {
        return text;
    }
}
