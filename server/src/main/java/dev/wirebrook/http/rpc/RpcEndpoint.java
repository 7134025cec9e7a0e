package dev.wirebrook.http.rpc;

import dev.wirebrook.auth.Scope;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.FailureStatus;
import dev.wirebrook.grpc.LocalCalls;
import dev.wirebrook.grpc.LocalMethod;
import dev.wirebrook.http.Answer;
import dev.wirebrook.http.Doorkeeper;
import dev.wirebrook.http.Endpoint;
import dev.wirebrook.http.Exchange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Calls the server's methods for those who speak HTTP: finds the method by the path and the dialect
 * by the type of the body. Thread-safe.
 */
public final class RpcEndpoint implements Endpoint {
    private static final String TYPES =
            "application/json, application/proto, application/connect+json,"
                    + " application/connect+proto, application/grpc-web+proto,"
                    + " application/grpc-web-text";

    private final LocalCalls calls;
    private final int messageBytesMax;
    private final RestRoutes routes;
    private final String version;
    private final Endpoint description;
    // Guarded by this; made when it is first asked for, since most starts never are.
    private @Nullable OpenApi openApi;
    // Of the methods that are here and have been called so: most starts need few of them.
    private final Map<String, Format> json = new ConcurrentHashMap<>();

    /**
     * @param version of the server, for those who read what there is to call
     * @param messageBytesMax longest body that is read, and longest message when it is plain
     * @param door asks for a token with {@code reflection} before the description of the methods,
     *     as reflection itself does; calls ask by themselves
     */
    public RpcEndpoint(LocalCalls calls, String version, int messageBytesMax, Doorkeeper door) {
        this.calls = calls;
        this.messageBytesMax = messageBytesMax;
        routes = new RestRoutes(calls.methods());
        this.version = version;
        description = door.scoped(Scope.REFLECTION, exchange -> openApi().answer(exchange));
    }

    @Override
    public void answer(Exchange exchange) {
        String path = exchange.rawPath();
        Optional<RestRoutes.Match> rest;
        try {
            rest = routes.find(exchange.method(), path);
        } catch (FailureException e) {
            FailureStatus status = FailureStatus.of(e.failure());
            ErrorBody error = ErrorBody.of(status.status(), status.trailers());
            exchange.send(error.answer(error.rpcStatus()));
            return;
        }
        if (rest.isPresent()) {
            answerRest(exchange, rest.get());
        } else if (path.equals(OpenApi.PATH)) {
            description.answer(exchange);
        } else if (isMethodName(path)) {
            answerByName(exchange, calls.find(path.substring(1)));
        } else {
            refuse(exchange, path);
        }
    }

    private synchronized OpenApi openApi() {
        OpenApi made = openApi;
        if (made == null) {
            made = new OpenApi(version, routes, calls.methods());
            openApi = made;
        }
        return made;
    }

    private void refuse(Exchange exchange, String path) {
        List<String> verbs = routes.verbs(path);
        exchange.send(
                verbs.isEmpty()
                        ? Answer.text(
                                404,
                                "not found; there are /livez, /readyz, /metrics, /heartbeat/,"
                                        + " /webhooks/, the routes of /openapi.json, and every"
                                        + " method at POST /package.Service/Method")
                        : Answer.methodNotAllowed(String.join(", ", verbs)));
    }

    /** {@code /package.Service/Method}. */
    private static boolean isMethodName(String path) {
        int slash = path.indexOf('/', 1);
        return slash > 1
                && slash == path.lastIndexOf('/')
                && slash < path.length() - 1
                && path.substring(1, slash).contains(".");
    }

    private void answerRest(Exchange exchange, RestRoutes.Match match) {
        LocalMethod method = match.route().method();
        Format format = jsonOf(method);
        RestRequest request = new RestRequest(match, exchange.rawQuery(), format);
        boolean hasBody = !match.route().body().isEmpty();
        if (hasBody && !isJson(CallHeaders.contentType(exchange))) {
            exchange.send(unsupported("application/json"));
            return;
        }
        String coding = exchange.header("content-encoding");
        if (!Gzip.isKnown(coding)) {
            exchange.send(
                    Answer.text(415, "a body here is compressed with gzip, or not at all")
                            .with("accept-encoding", "gzip"));
            return;
        }
        Dialect dialect =
                method.answersOne()
                        ? UnaryDialect.rest(exchange, request::of, format)
                        : new JsonStreamDialect(
                                exchange, request::of, format, wantsEvents(exchange));
        start(exchange, method, dialect, coding);
    }

    private void answerByName(Exchange exchange, LocalMethod method) {
        if (!exchange.method().equals("POST")) {
            exchange.send(Answer.methodNotAllowed("POST"));
            return;
        }
        String type = CallHeaders.contentType(exchange);
        if (!Gzip.isKnown(coding(exchange, type))) {
            exchange.answerWith(
                    type.startsWith("application/grpc-web")
                            ? "grpc-accept-encoding"
                            : type.startsWith("application/connect+")
                                    ? "connect-accept-encoding"
                                    : "accept-encoding",
                    "gzip");
        }
        Format format = jsonOf(method);
        switch (type) {
            case "application/grpc-web",
                    "application/grpc-web+proto",
                    "application/grpc-web-text",
                    "application/grpc-web-text+proto" ->
                    start(
                            exchange,
                            method,
                            new GrpcWebDialect(exchange, type, messageBytesMax),
                            null);
            case "application/connect+proto" ->
                    start(
                            exchange,
                            method,
                            new ConnectStreamDialect(
                                    exchange, Format.BINARY, type, messageBytesMax),
                            null);
            case "application/connect+json" ->
                    start(
                            exchange,
                            method,
                            new ConnectStreamDialect(exchange, format, type, messageBytesMax),
                            null);
            case "application/proto" ->
                    start(
                            exchange,
                            method,
                            UnaryDialect.connect(exchange, Format.BINARY, type),
                            exchange.header("content-encoding"));
            case "application/json" ->
                    start(
                            exchange,
                            method,
                            // What is wrong with a method that nobody can call is Connect's too.
                            method.answersOne() || !method.takesOne()
                                    ? UnaryDialect.connect(exchange, format, type)
                                    : new JsonStreamDialect(
                                            exchange,
                                            format::request,
                                            format,
                                            wantsEvents(exchange)),
                            exchange.header("content-encoding"));
            default -> exchange.send(unsupported(TYPES));
        }
    }

    private static @Nullable String coding(Exchange exchange, String type) {
        if (type.startsWith("application/grpc-web")) {
            return exchange.header("grpc-encoding");
        }
        return exchange.header(
                type.startsWith("application/connect+")
                        ? "connect-content-encoding"
                        : "content-encoding");
    }

    private Format jsonOf(LocalMethod method) {
        Format made = json.get(method.fullName());
        return made != null
                ? made
                : method.schema()
                        .map(schema ->
                                json.computeIfAbsent(
                                        method.fullName(),
                                        _ -> Format.json(schema, method.verdicts())))
                        .orElse(Format.BINARY);
    }

    private static boolean isJson(String type) {
        return type.equals("application/json") || type.equals("application/problem+json");
    }

    private static boolean wantsEvents(Exchange exchange) {
        String accept = exchange.header("accept");
        return accept != null && accept.contains("text/event-stream");
    }

    private static Answer unsupported(String types) {
        return Answer.text(415, "the content type of a body here is one of " + types)
                .with("accept-post", types);
    }

    private void start(
            Exchange exchange, LocalMethod method, Dialect dialect, @Nullable String coding) {
        new RpcCall(exchange, method, dialect, messageBytesMax).start(coding);
    }

    /** What nobody here would take. */
    static Failure unsupportedStream(String method) {
        return new Failure.Unimplemented(
                "%s takes a stream of requests, which HTTP here does not carry; call it with gRPC"
                        .formatted(method));
    }
}
