package dev.wirebrook.http;

import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** What the probes' paths answer. Thread-safe. */
final class Probes implements BlockingEndpoint.Source {
    private static final String READ = "GET, HEAD";
    private static final String READ_OR_PUT = "GET, HEAD, PUT";

    private final Health health;
    private final Metrics metrics;
    private final Rotation rotation;

    Probes(Health health, Metrics metrics, Rotation rotation) {
        this.health = health;
        this.metrics = metrics;
        this.rotation = rotation;
    }

    /**
     * @param accept the header of that name
     * @param acceptEncoding the header of that name
     */
    private record Request(
            String method,
            String path,
            @Nullable String query,
            @Nullable String accept,
            @Nullable String acceptEncoding) {
        boolean reads() {
            return method.equals("GET") || method.equals("HEAD");
        }
    }

    @Override
    public Answer answer(Exchange exchange) throws IOException {
        return answer(
                new Request(
                        exchange.method(),
                        exchange.path(),
                        exchange.rawQuery(),
                        exchange.header("accept"),
                        exchange.header("accept-encoding")));
    }

    private Answer answer(Request request) throws IOException {
        return switch (request.path()) {
            case "/livez" -> request.reads() ? live() : Answer.methodNotAllowed(READ);
            case "/readyz" ->
                    request.reads() ? ready(request.query()) : Answer.methodNotAllowed(READ);
            case "/metrics" -> request.reads() ? metrics(request) : Answer.methodNotAllowed(READ);
            case "/heartbeat", "/heartbeat/" -> heartbeat(request);
            default ->
                    Answer.text(
                            404,
                            "not found; there are /livez, /readyz, /metrics, /heartbeat/ and /webhooks/");
        };
    }

    private Answer live() {
        Health.Snapshot now = health.snapshot();
        return now.live() ? Answer.text(200, "live") : Answer.text(503, components(now));
    }

    private Answer ready(@Nullable String query) {
        Health.Snapshot now = health.snapshot();
        String verdict = now.ready() ? "ready" : "not ready: " + reason(now);
        boolean verbose = query != null && query.split("[=&]", 2)[0].equals("verbose");
        String text = verbose ? components(now) + "\n" + verdict : verdict;
        return Answer.text(now.ready() ? 200 : 503, text);
    }

    private static String reason(Health.Snapshot now) {
        if (now.state() != Health.State.SERVING) {
            return "the node is " + now.state().name().toLowerCase(Locale.ROOT);
        }
        return now.components().stream()
                .filter(component -> component.condition() != Health.Condition.READY)
                .map(component -> component.name() + ": " + component.reason())
                .collect(Collectors.joining("; "));
    }

    private static String components(Health.Snapshot now) {
        String state = "[state] " + now.state().name().toLowerCase(Locale.ROOT);
        return now.components().stream()
                .map(Probes::line)
                .collect(Collectors.joining("\n", state + "\n", ""))
                .stripTrailing();
    }

    private static String line(Health.ComponentStatus component) {
        return switch (component.condition()) {
            case READY ->
                    "[+] %s since %s%s"
                            .formatted(
                                    component.name(),
                                    component.since(),
                                    component.reason().isEmpty() ? "" : ": " + component.reason());
            case NOT_READY ->
                    "[-] %s since %s: %s"
                            .formatted(component.name(), component.since(), component.reason());
            case BROKEN ->
                    "[!] %s since %s: %s"
                            .formatted(component.name(), component.since(), component.reason());
        };
    }

    private Answer metrics(Request request) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(16 << 10);
        boolean gzip = AcceptedCodings.takesGzip(request.acceptEncoding());
        try (OutputStream target = gzip ? new GZIPOutputStream(body) : body) {
            metrics.write(request.accept(), target);
        }
        return new Answer(
                200,
                metrics.contentType(request.accept()),
                body.toByteArray(),
                gzip
                        ? Map.of("Content-Encoding", "gzip", "Vary", "Accept, Accept-Encoding")
                        : Map.of("Vary", "Accept, Accept-Encoding"));
    }

    private Answer heartbeat(Request request) {
        if (request.reads()) {
            return rotation.beats()
                    ? Answer.text(200, "beating")
                    : Answer.text(410, "not beating: this node is out of rotation");
        }
        if (!request.method().equals("PUT")) {
            return Answer.methodNotAllowed(READ_OR_PUT);
        }
        return switch (request.query()) {
            case "beat=true" ->
                    rotation.beat(true)
                            ? Answer.text(200, "beating")
                            : refused("cannot be put into rotation");
            case "beat=false" ->
                    rotation.beat(false)
                            ? Answer.text(200, "not beating")
                            : refused("cannot be taken out of rotation");
            case null, default ->
                    Answer.text(400, "say PUT /heartbeat/?beat=true or PUT /heartbeat/?beat=false");
        };
    }

    private Answer refused(String what) {
        return Answer.text(
                409,
                "%s: the node is %s"
                        .formatted(what, health.state().name().toLowerCase(Locale.ROOT)));
    }
}
