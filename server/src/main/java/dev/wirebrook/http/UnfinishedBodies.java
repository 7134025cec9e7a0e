package dev.wirebrook.http;

import dev.wirebrook.telemetry.Counter;
import dev.wirebrook.telemetry.Metrics;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bodies that have begun to arrive and are not whole. A client may have a thousand requests
 * open and send nearly all of each: when all unfinished bodies together take too much memory, the
 * one that has been on its way the longest is given up. Thread-safe.
 */
final class UnfinishedBodies {
    private final long bytesMax;
    private final Counter givenUp;
    // Guarded by itself; what each body holds, in the order in which they began.
    private final Map<RequestBody, Long> held = new LinkedHashMap<>();
    // Guarded by held.
    private long bytes;

    UnfinishedBodies(long bytesMax, Metrics metrics) {
        this.bytesMax = bytesMax;
        metrics.gauge(
                "wirebrook_http_unfinished_bytes",
                "Bytes held of request bodies that are not whole yet.",
                Map.of(),
                this::bytes);
        givenUp =
                metrics.counter(
                        "wirebrook_http_unfinished_given_up_total",
                        "Request bodies given up because too many unfinished ones were held.",
                        Map.of());
    }

    private long bytes() {
        synchronized (held) {
            return bytes;
        }
    }

    /** Says how much a body holds now. */
    void holds(RequestBody body, long now) {
        List<RequestBody> oldest = new ArrayList<>();
        synchronized (held) {
            Long before = held.put(body, now);
            bytes += now - (before == null ? 0 : before);
            Iterator<Map.Entry<RequestBody, Long>> inOrder = held.entrySet().iterator();
            while (bytes > bytesMax && inOrder.hasNext()) {
                Map.Entry<RequestBody, Long> first = inOrder.next();
                oldest.add(first.getKey());
                bytes -= first.getValue();
                inOrder.remove();
            }
        }
        for (RequestBody longest : oldest) {
            givenUp.increment();
            longest.giveUp();
        }
    }

    void remove(RequestBody body) {
        synchronized (held) {
            Long before = held.remove(body);
            bytes -= before == null ? 0 : before;
        }
    }
}
