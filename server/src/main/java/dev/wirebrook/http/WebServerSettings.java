package dev.wirebrook.http;

import java.time.Duration;
import java.util.List;

/**
 * How the HTTP listener behaves. Immutable.
 *
 * @param host address or name to bind to
 * @param port 0 to 65535; 0 takes any free port
 * @param guardHost refuses requests whose {@code Host} is not this machine itself, so that no web
 *     page can reach a listener on loopback by DNS rebinding
 * @param origins of the web pages that may call, besides the listener's own, such as {@code
 *     https://app.example}; {@code *} is every page
 * @param connectionsMax connections at a time
 * @param streamsPerConnectionMax requests at a time on one connection of HTTP/2
 * @param requestTimeout for a request's head to come in, and again for its body, and for what a
 *     client does not take of its answer; a connection is closed when it had no request for so long
 * @param bodiesBytesMax of request bodies that have not come in whole, over all connections
 */
public record WebServerSettings(
        String host,
        int port,
        boolean guardHost,
        List<String> origins,
        int connectionsMax,
        int streamsPerConnectionMax,
        Duration requestTimeout,
        long bodiesBytesMax) {
    public static final WebServerSettings DEFAULT =
            new WebServerSettings(
                    "127.0.0.1",
                    8019,
                    true,
                    List.of(),
                    4_096,
                    256,
                    Duration.ofSeconds(10),
                    Math.clamp(Runtime.getRuntime().maxMemory() / 4, 4 << 20, 64 << 20));

    public WebServerSettings {
        origins = List.copyOf(origins);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is 0 to 65535, not " + port);
        }
        if (connectionsMax < 1) {
            throw new IllegalArgumentException(
                    "connectionsMax is 1 or more, not " + connectionsMax);
        }
        if (streamsPerConnectionMax < 1) {
            throw new IllegalArgumentException(
                    "streamsPerConnectionMax is 1 or more, not " + streamsPerConnectionMax);
        }
        if (requestTimeout.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "requestTimeout is 1 ms or more, not " + requestTimeout);
        }
        if (bodiesBytesMax < 1) {
            throw new IllegalArgumentException(
                    "bodiesBytesMax is 1 or more, not " + bodiesBytesMax);
        }
    }

    public WebServerSettings withAddress(String newHost, int newPort) {
        return new WebServerSettings(
                newHost,
                newPort,
                guardHost,
                origins,
                connectionsMax,
                streamsPerConnectionMax,
                requestTimeout,
                bodiesBytesMax);
    }

    public WebServerSettings withGuardHost(boolean guarded) {
        return new WebServerSettings(
                host,
                port,
                guarded,
                origins,
                connectionsMax,
                streamsPerConnectionMax,
                requestTimeout,
                bodiesBytesMax);
    }

    public WebServerSettings withOrigins(List<String> allowed) {
        return new WebServerSettings(
                host,
                port,
                guardHost,
                allowed,
                connectionsMax,
                streamsPerConnectionMax,
                requestTimeout,
                bodiesBytesMax);
    }

    public WebServerSettings withRequestTimeout(Duration timeout) {
        return new WebServerSettings(
                host,
                port,
                guardHost,
                origins,
                connectionsMax,
                streamsPerConnectionMax,
                timeout,
                bodiesBytesMax);
    }
}
