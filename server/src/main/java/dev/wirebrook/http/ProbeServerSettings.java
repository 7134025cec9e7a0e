package dev.wirebrook.http;

import java.time.Duration;

/**
 * How the HTTP listener for probes behaves. Immutable.
 *
 * @param host address or name to bind to
 * @param port 0 to 65535; 0 takes any free port
 * @param guardOrigin refuses requests whose {@code Host} or {@code Origin} is not this machine
 *     itself, so that no web page can reach a listener on loopback by DNS rebinding or a form
 * @param connectionsMax connections at a time
 * @param requestTimeout for a request to come in, and again for its answer to be taken; in whole
 *     seconds, and one value for all such listeners of a process
 */
public record ProbeServerSettings(
        String host, int port, boolean guardOrigin, int connectionsMax, Duration requestTimeout) {
    public static final ProbeServerSettings DEFAULT =
            new ProbeServerSettings("127.0.0.1", 8019, true, 512, Duration.ofSeconds(10));

    public ProbeServerSettings {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is 0 to 65535, not " + port);
        }
        if (connectionsMax < 1) {
            throw new IllegalArgumentException(
                    "connectionsMax is 1 or more, not " + connectionsMax);
        }
        if (requestTimeout.toSeconds() < 1) {
            throw new IllegalArgumentException(
                    "requestTimeout is 1 s or more, not " + requestTimeout);
        }
    }

    public ProbeServerSettings withAddress(String newHost, int newPort) {
        return new ProbeServerSettings(
                newHost, newPort, guardOrigin, connectionsMax, requestTimeout);
    }

    public ProbeServerSettings withGuardOrigin(boolean guarded) {
        return new ProbeServerSettings(host, port, guarded, connectionsMax, requestTimeout);
    }
}
