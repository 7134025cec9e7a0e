package dev.wirebrook.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Presents the certificate that is current when a handshake begins. A handshake chooses by a name
 * and then asks for what the name stands for: names carry the generation that they are of, so that
 * a change in between does not mix two. Thread-safe.
 */
final class ReloadingKeys extends X509ExtendedKeyManager {
    private record Generation(long number, X509ExtendedKeyManager keys) {
        private String prefix() {
            return number + ":";
        }
    }

    private record Generations(Generation current, Generation before) {}

    private volatile Generations generations;

    ReloadingKeys(X509ExtendedKeyManager keys) {
        Generation first = new Generation(0, keys);
        generations = new Generations(first, first);
    }

    /** Called by one thread at a time. */
    void change(X509ExtendedKeyManager keys) {
        Generation current = generations.current();
        generations = new Generations(new Generation(current.number() + 1, keys), current);
    }

    private @Nullable String choose(Function<X509ExtendedKeyManager, @Nullable String> choice) {
        Generation current = generations.current();
        String alias = choice.apply(current.keys());
        return alias == null ? null : current.prefix() + alias;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        return choose(keys -> keys.chooseEngineServerAlias(keyType, issuers, engine));
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, Socket socket) {
        return choose(keys -> keys.chooseServerAlias(keyType, issuers, socket));
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
        return choose(keys -> keys.chooseClientAlias(keyTypes, issuers, socket));
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        return choose(keys -> keys.chooseEngineClientAlias(keyTypes, issuers, engine));
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        Generation generation = generation(alias);
        return generation == null
                ? null
                : generation.keys().getCertificateChain(within(generation, alias));
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        Generation generation = generation(alias);
        return generation == null
                ? null
                : generation.keys().getPrivateKey(within(generation, alias));
    }

    private @Nullable Generation generation(String alias) {
        Generations known = generations;
        if (alias.startsWith(known.current().prefix())) {
            return known.current();
        }
        return alias.startsWith(known.before().prefix()) ? known.before() : null;
    }

    private static String within(Generation generation, String alias) {
        return alias.substring(generation.prefix().length());
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }
}
