package dev.wirebrook.http;

import java.util.Map;

/**
 * Chooses what answers by the path. Thread-safe.
 *
 * @param exact by the whole path
 * @param below by the path above, with its slash at the end
 * @param otherwise all that is neither
 */
record Paths(Map<String, Endpoint> exact, Map<String, Endpoint> below, Endpoint otherwise)
        implements Endpoint {
    Paths {
        exact = Map.copyOf(exact);
        below = Map.copyOf(below);
    }

    @Override
    public void answer(Exchange exchange) {
        find(exchange.path()).answer(exchange);
    }

    private Endpoint find(String path) {
        Endpoint found = exact.get(path);
        if (found != null) {
            return found;
        }
        for (Map.Entry<String, Endpoint> entry : below.entrySet()) {
            if (path.startsWith(entry.getKey())) {
                return entry.getValue();
            }
        }
        return otherwise;
    }
}
