package dev.wirebrook.auth;

import dev.wirebrook.auth.Verdict.Allowed;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tokens whose signature was checked, by their SHA-256: whoever reads this memory finds no token.
 * Holds good ones alone, so that a flood of bad ones neither fills it nor drives others out. Full,
 * it forgets the one that was asked for the longest ago. Thread-safe.
 */
final class VerdictCache {
    private final Map<Digest, Allowed> verdicts;

    /**
     * @param max 1 or more verdicts
     */
    VerdictCache(int max) {
        verdicts =
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Digest, Allowed> eldest) {
                        return size() > max;
                    }
                };
    }

    /**
     * @param now in milliseconds since 1970; a token that has ended by then is forgotten
     */
    synchronized Optional<Allowed> find(Digest token, long now) {
        Allowed known = verdicts.get(token);
        if (known != null && now >= known.until()) {
            verdicts.remove(token);
            return Optional.empty();
        }
        return Optional.ofNullable(known);
    }

    synchronized void put(Digest token, Allowed verdict) {
        verdicts.put(token, verdict);
    }

    synchronized int size() {
        return verdicts.size();
    }
}
