package dev.wirebrook.auth;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Failure.Unauthenticated.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Says who calls. Its files are read again when they change, and all that was found by the old ones
 * is forgotten then. Thread-safe; does not block, but a token that it has not seen takes the check
 * of a signature, some ten microseconds.
 */
public final class Authenticator implements AutoCloseable {
    /** Longest token that is looked at, in characters. */
    public static final int TOKEN_CHARS_MAX = 8 << 10;

    private static final System.Logger LOG = System.getLogger(Authenticator.class.getName());
    private static final String SCHEME = "Bearer ";
    private static final int CACHED_MAX = 10_000;

    /** What an unknown key is compared with, so that it takes as long as a wrong one. */
    private static final Digest NOBODYS = Digest.of(new byte[0]);

    // immutable state
    private final AuthSources sources;
    private final InstantSource clock;
    private final @Nullable WatchedFile<Clients> clients;
    private final @Nullable WatchedFile<TokenKeys> keys;
    private final Map<Reason, LongAdder> refused = new EnumMap<>(Reason.class);
    private final LongAdder denied = new LongAdder();
    private final @Nullable Future<?> watch;

    // mutable state
    private volatile Generation generation;

    /** What the files held at one time, and what was found by it. */
    private record Generation(
            long number, Clients clients, Optional<TokenVerifier> tokens, VerdictCache cache) {}

    private Authenticator(
            AuthSources sources,
            Duration lookEvery,
            @Nullable ScheduledExecutorService timer,
            InstantSource clock)
            throws IOException {
        this.sources = sources;
        this.clock = clock;
        clients =
                sources.clients().isPresent()
                        ? new WatchedFile<>(sources.clients().get(), Clients::parse)
                        : null;
        keys =
                sources.jwks().isPresent()
                        ? new WatchedFile<>(sources.jwks().get(), TokenKeys::parse)
                        : null;
        for (Reason reason : Reason.values()) {
            refused.put(reason, new LongAdder());
        }
        generation = generation(0);
        watch =
                timer == null
                        ? null
                        : timer.scheduleWithFixedDelay(
                                this::look,
                                lookEvery.toMillis(),
                                lookEvery.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    /**
     * Reads the files, and looks at them again and again until {@link #close}.
     *
     * @throws IOException that says which file is wrong, where, and what it should be
     */
    public static Authenticator open(
            AuthSources sources,
            Duration lookEvery,
            ScheduledExecutorService timer,
            InstantSource clock)
            throws IOException {
        return new Authenticator(sources, lookEvery, timer, clock);
    }

    /**
     * Reads the files this once: for who looks at a token, and is done.
     *
     * @throws IOException that says which file is wrong, where, and what it should be
     */
    public static Authenticator once(AuthSources sources, InstantSource clock) throws IOException {
        return new Authenticator(sources, Duration.ZERO, null, clock);
    }

    private Generation generation(long number) {
        TokenKeys known = keys == null ? TokenKeys.NONE : keys.value();
        return new Generation(
                number,
                clients == null ? Clients.NONE : clients.value(),
                sources.rules().map(rules -> new TokenVerifier(known, sources.shared(), rules)),
                new VerdictCache(CACHED_MAX));
    }

    private void look() {
        boolean changed = clients != null && clients.look();
        changed |= keys != null && keys.look();
        if (changed) {
            generation = generation(generation.number() + 1);
            LOG.log(System.Logger.Level.INFO, "authentication goes by the new files");
        }
    }

    /**
     * Who calls.
     *
     * @param authorization the call's header; empty: it has none
     * @param certified what the connection's certificate says; empty: it has none
     */
    public Verdict authenticate(Optional<String> authorization, String certified) {
        Generation now = generation;
        Verdict verdict =
                authorization.isPresent()
                        ? ofHeader(now, authorization.get())
                        : ofCertificate(now, certified);
        return switch (verdict) {
            case Verdict.Allowed allowed -> allowed;
            case Verdict.Refused no -> refuse(no);
        };
    }

    /** Refuses a call with more than one header. */
    public Verdict.Refused refuseSeveral() {
        return refuse(Verdict.notBearer());
    }

    private Verdict.Refused refuse(Verdict.Refused verdict) {
        LongAdder count = refused.get(verdict.failure().reason());
        if (count != null) {
            count.increment();
        }
        return verdict;
    }

    private static Verdict ofCertificate(Generation now, String certified) {
        if (certified.isEmpty()) {
            return Verdict.noToken();
        }
        Optional<Client.OfCertificate> client = now.clients().certified(certified);
        return client.isPresent()
                ? new Verdict.Allowed(
                        client.get().principal(), Verdict.Allowed.FOREVER, now.number())
                : Verdict.unknownCertificate();
    }

    private Verdict ofHeader(Generation now, String header) {
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Verdict.notBearer();
        }
        if (header.length() > SCHEME.length() + TOKEN_CHARS_MAX) {
            return Verdict.invalid();
        }
        String token = header.substring(SCHEME.length()).strip();
        return token.startsWith(ApiKey.PREFIX) ? ofKey(now, token) : ofToken(now, token);
    }

    private Verdict ofKey(Generation now, String token) {
        Optional<ApiKey> key = ApiKey.parse(token);
        if (key.isEmpty()) {
            return Verdict.invalid();
        }
        Optional<Client.OfKey> known = now.clients().key(key.get().id());
        boolean same = key.get().digest().equals(known.map(Client.OfKey::sha256).orElse(NOBODYS));
        return same && known.isPresent() ? judge(known.get(), now) : Verdict.invalid();
    }

    private Verdict judge(Client.OfKey key, Generation now) {
        if (key.revoked().isPresent()) {
            return Verdict.revoked();
        }
        long until = key.expires().map(Instant::toEpochMilli).orElse(Verdict.Allowed.FOREVER);
        return clock.millis() >= until
                ? Verdict.expired(until)
                : new Verdict.Allowed(key.principal(), until, now.number());
    }

    private Verdict ofToken(Generation now, String token) {
        if (now.tokens().isEmpty()) {
            return Verdict.invalid();
        }
        long millis = clock.millis();
        Digest digest = Digest.of(token.getBytes(StandardCharsets.ISO_8859_1));
        Optional<Verdict.Allowed> cached = now.cache().find(digest, millis);
        if (cached.isPresent()) {
            return cached.get();
        }
        Verdict verdict = now.tokens().get().verify(token, millis, now.number());
        if (verdict instanceof Verdict.Allowed allowed) {
            now.cache().put(digest, allowed);
        }
        return verdict;
    }

    /** Whether a verdict of before would be given again. */
    public boolean holds(Verdict.Allowed verdict) {
        return verdict.generation() == generation.number() && clock.millis() < verdict.until();
    }

    /** Why a caller may not do what takes a scope; empty: it may. */
    public Optional<Failure> refusal(Principal caller, Scope needed) {
        if (caller.may(needed)) {
            return Optional.empty();
        }
        denied.increment();
        String message =
                caller.has(needed)
                        ? "this call is about all tenants, and client %s calls for %s alone; ask for a token without a tenant"
                                .formatted(caller.name(), caller.tenant())
                        : "this call needs a token with scope %s, and that of client %s has not; ask for one that has"
                                .formatted(needed.text(), caller.name());
        return Optional.of(new Failure.PermissionDenied(message, needed.text()));
    }

    /** Calls refused for this reason. */
    public long refused(Reason reason) {
        LongAdder count = refused.get(reason);
        return count == null ? 0 : count.sum();
    }

    /** Calls refused since their token lacks a scope. */
    public long denied() {
        return denied.sum();
    }

    /** Tokens whose signature need not be checked again. */
    int cached() {
        return generation.cache().size();
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.cancel(false);
        }
    }
}
