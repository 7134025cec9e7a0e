package dev.wirebrook.grpc;

import dev.wirebrook.grpc.ClientQuota.Resource;
import dev.wirebrook.grpc.GrpcServerSettings.ClientLimits;
import dev.wirebrook.telemetry.Counter;
import dev.wirebrook.telemetry.Metrics;
import java.lang.ref.WeakReference;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The quotas of all clients. A client is known by its token's name, else by its certificate, else
 * by its address without the port. Thread-safe.
 */
final class Quotas {
    /** What comes beyond shares one quota: who can make up names or addresses gains nothing. */
    private static final int CLIENTS_MAX = 100_000;

    private final ClientLimits limits;
    private final LongSupplier nanoTime;
    private final Map<Resource, Counter> refused = new EnumMap<>(Resource.class);
    private final ClientQuota others;
    // Guarded by itself.
    private final Map<String, Entry> byClient = new HashMap<>();

    /**
     * One client's. Held while it owes anything; otherwise only its connections hold it, so that a
     * second one while the first is in use cannot come to be.
     */
    private static final class Entry {
        private final WeakReference<ClientQuota> quota;
        private @Nullable ClientQuota held;

        Entry(ClientQuota quota) {
            this.quota = new WeakReference<>(quota);
            held = quota;
        }
    }

    Quotas(ClientLimits limits, Metrics metrics, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        for (Resource resource : Resource.values()) {
            refused.put(
                    resource,
                    metrics.counter(
                            "wirebrook_quota_refused_total",
                            "Calls refused because their client took too much, by what it was.",
                            Map.of("quota", resource.setting())));
        }
        others = new ClientQuota(limits, nanoTime, this::refused);
        metrics.gauge(
                "wirebrook_quota_clients",
                "Clients whose use is counted.",
                Map.of(),
                this::clients);
    }

    boolean isBounded() {
        return !limits.equals(ClientLimits.NONE);
    }

    private long clients() {
        synchronized (byClient) {
            return byClient.size();
        }
    }

    ClientQuota of(Caller caller) {
        if (!isBounded()) {
            return ClientQuota.UNBOUNDED;
        }
        String key = caller.key();
        synchronized (byClient) {
            Entry entry = byClient.get(key);
            ClientQuota known = entry == null ? null : entry.quota.get();
            if (entry != null && known != null) {
                entry.held = known;
                return known;
            }
            if (byClient.size() >= CLIENTS_MAX) {
                return others;
            }
            ClientQuota quota = new ClientQuota(limits, nanoTime, this::refused);
            byClient.put(key, new Entry(quota));
            return quota;
        }
    }

    void refused(Resource resource) {
        Objects.requireNonNull(refused.get(resource)).increment();
    }

    /** Lets go of those that owe nothing. */
    void sweep() {
        long now = nanoTime.getAsLong();
        synchronized (byClient) {
            byClient.values()
                    .removeIf(entry -> {
                        ClientQuota held = entry.held;
                        if (held != null && held.isIdle(now)) {
                            entry.held = null;
                        }
                        return entry.quota.get() == null;
                    });
        }
    }
}
