package dev.wirebrook.http;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLParameters;

/**
 * The HTTP listener that orchestrators and scrapers ask:
 *
 * <ul>
 *   <li>{@code GET /livez}: 200, or 503 when the process has to be started anew
 *   <li>{@code GET /readyz}: 200, or 503 when no traffic should come; {@code ?verbose} gives a line
 *       per component
 *   <li>{@code GET /metrics}: Prometheus' text or OpenMetrics, gzipped when the scraper takes it
 *   <li>{@code GET /heartbeat/}: 200, or 410 when out of rotation; {@code PUT
 *       /heartbeat/?beat=false} and {@code true} take it out and put it back
 * </ul>
 *
 * It also hands on what is posted below the paths of its receivers. Starts when made. Thread-safe.
 */
public final class ProbeServer implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ProbeServer.class.getName());
    private static final int HEADERS_MAX = 64;
    private static final int HEADER_BYTES_MAX = 16 << 10;
    private static final int BODY_BYTES_DRAINED_MAX = 16 << 10;
    private static final int BACKLOG = 128;

    private final HttpServer server;

    private ProbeServer(HttpServer server) {
        this.server = server;
    }

    /**
     * Binds and serves.
     *
     * @param receivers who takes what is posted, by the path above it, such as {@code /webhooks/}
     * @param tls what connections are secured with; belongs to the caller. Certificates of clients
     *     are checked and not required, for who probes has none. Empty: plain text
     * @param executor runs each request, on a thread of its own since slow clients hold theirs;
     *     belongs to the caller
     * @throws IOException when the address cannot be bound; the message says which
     */
    public static ProbeServer start(
            ProbeServerSettings settings,
            Health health,
            Metrics metrics,
            Rotation rotation,
            Map<String, PostReceiver> receivers,
            Optional<ServerTls> tls,
            Executor executor)
            throws IOException {
        limit(settings);
        try {
            HttpServer server =
                    create(new InetSocketAddress(settings.host(), settings.port()), tls);
            server.setExecutor(executor);
            Probes probes = new Probes(health, metrics, rotation);
            server.createContext("/", new GuardedHandler(settings.guardOrigin(), probes::answer));
            receivers.forEach((path, receiver) ->
                    server.createContext(
                            path,
                            new GuardedHandler(
                                    settings.guardOrigin(), new Posts(receiver)::answer)));
            server.start();
            ProbeServer started = new ProbeServer(server);
            InetSocketAddress address = started.address();
            LOGGER.log(
                    System.Logger.Level.INFO,
                    () ->
                            "%s on %s port %d"
                                    .formatted(
                                            tls.isPresent() ? "HTTPS" : "HTTP",
                                            address.getHostString(),
                                            address.getPort()));
            return started;
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen for HTTP on %s port %d: %s"
                            .formatted(settings.host(), settings.port(), e.getMessage()),
                    e);
        }
    }

    private static HttpServer create(InetSocketAddress address, Optional<ServerTls> tls)
            throws IOException {
        if (tls.isEmpty()) {
            return HttpServer.create(address, BACKLOG);
        }
        HttpsServer server = HttpsServer.create(address, BACKLOG);
        server.setHttpsConfigurator(
                new HttpsConfigurator(tls.get().context()) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        SSLParameters set = getSSLContext().getDefaultSSLParameters();
                        set.setProtocols(ServerTls.PROTOCOLS.toArray(String[]::new));
                        set.setCipherSuites(ServerTls.CIPHERS.toArray(String[]::new));
                        set.setWantClientAuth(tls.get().clients().isPresent());
                        parameters.setSSLParameters(set);
                    }
                });
        return server;
    }

    /** The JDK's server takes its limits from system properties; what the user has set stays. */
    private static void limit(ProbeServerSettings settings) {
        String seconds = Long.toString(settings.requestTimeout().toSeconds());
        Map.of(
                        "sun.net.httpserver.maxReqTime",
                        seconds,
                        "sun.net.httpserver.maxRspTime",
                        seconds,
                        "sun.net.httpserver.idleInterval",
                        seconds,
                        "sun.net.httpserver.maxReqHeaders",
                        Integer.toString(HEADERS_MAX),
                        "sun.net.httpserver.maxReqHeaderSize",
                        Integer.toString(HEADER_BYTES_MAX),
                        "sun.net.httpserver.drainAmount",
                        Integer.toString(BODY_BYTES_DRAINED_MAX),
                        "sun.net.httpserver.nodelay",
                        "true",
                        "jdk.httpserver.maxConnections",
                        Integer.toString(settings.connectionsMax()))
                .forEach((name, value) -> {
                    if (System.getProperty(name) == null) {
                        System.setProperty(name, value);
                    }
                });
    }

    /** Where it listens; the port is the real one when the settings left it open. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Stops at once. May be called again. */
    @Override
    public void close() {
        server.stop(0);
    }
}
