package dev.wirebrook.market.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Connects to the Redis of the settings. Connections do not come back by themselves, for then their
 * commands would be sent again behind our back, perhaps to a server that has lost what it knew:
 * what was under way on one that is lost is known to its user only. Thread-safe.
 */
final class RedisConnections implements AutoCloseable {
    /** The fewest that the client takes: two connections keep them busy now and then. */
    private static final int THREADS = 2;

    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);

    private final RedisMarketSettings settings;
    private final ClientResources resources;
    private final RedisClient client;
    private final RedisURI uri;

    RedisConnections(RedisMarketSettings settings, ThreadFactory threads) {
        this.settings = settings;
        uri = uri(settings);
        resources =
                ClientResources.builder()
                        .ioThreadPoolSize(THREADS)
                        .computationThreadPoolSize(THREADS)
                        .threadFactoryProvider(_ -> threads)
                        .build();
        client = RedisClient.create(resources);
        ClientOptions.Builder options =
                ClientOptions.builder()
                        .autoReconnect(false)
                        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                        .socketOptions(
                                SocketOptions.builder()
                                        .connectTimeout(settings.connectTimeout())
                                        .build())
                        .timeoutOptions(TimeoutOptions.enabled(settings.answerTimeout()));
        settings.authorities()
                .ifPresent(file ->
                        options.sslOptions(
                                SslOptions.builder()
                                        .jdkSslProvider()
                                        .trustManager(file.toFile())
                                        .build()));
        client.setOptions(options.build());
    }

    private static RedisURI uri(RedisMarketSettings settings) {
        RedisURI uri = RedisURI.create(settings.uri());
        uri.setTimeout(settings.answerTimeout());
        if (!settings.password().isEmpty()) {
            RedisURI.Builder known = RedisURI.builder(uri).withTimeout(settings.answerTimeout());
            return settings.user().isEmpty()
                    ? known.withPassword(settings.password().toCharArray()).build()
                    : known.withAuthentication(settings.user(), settings.password().toCharArray())
                            .build();
        }
        return uri;
    }

    CompletionStage<StatefulRedisConnection<byte[], byte[]>> connect() {
        return client.connectAsync(ByteArrayCodec.INSTANCE, uri);
    }

    /** What went wrong and with whom. Without secrets. */
    String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause().getMessage() != null) {
            cause = cause.getCause();
        }
        String text =
                cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return "Redis at " + settings.address() + ": " + text;
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, CLOSE_PATIENCE);
        // Not waited for: its threads end with the others that this process has.
        var _ = resources.shutdown(0, CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
}
