package dev.wirebrook.bench.peers;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A Redis stream: XADD in pipelines of 64 on eight connections. */
final class RedisPeer implements Peer {
    private static final byte[] STREAM = "peers".getBytes(StandardCharsets.UTF_8);
    private static final byte[] FIELD = "e".getBytes(StandardCharsets.UTF_8);
    private static final int PIPELINE = 64;

    /** Keeps the server's memory small; Redis trims whole nodes, which costs next to nothing. */
    private static final long KEPT_MESSAGES = 100_000;

    private final RedisClient client;

    RedisPeer(String host, int port) {
        client = RedisClient.create(RedisURI.create(host, port));
        try (var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            connection.sync().del(STREAM);
        }
    }

    @Override
    public int lanes() {
        return 8;
    }

    @Override
    public int window() {
        return PIPELINE;
    }

    @Override
    public Lane open(int lane) {
        return new Pipeline(client.connect(ByteArrayCodec.INSTANCE));
    }

    @Override
    public void disconnect() {
        try (var connection = client.connect(ByteArrayCodec.INSTANCE)) {
            connection.sync().del(STREAM);
        }
        client.shutdown();
    }

    private static final class Pipeline implements Lane {
        private final StatefulRedisConnection<byte[], byte[]> connection;
        private int unflushed;

        Pipeline(StatefulRedisConnection<byte[], byte[]> connection) {
            this.connection = connection;
            connection.setAutoFlushCommands(false);
        }

        @Override
        public void send(byte[] message, Receipt receipt) {
            var _ =
                    connection
                            .async()
                            .xadd(
                                    STREAM,
                                    XAddArgs.Builder.maxlen(KEPT_MESSAGES).approximateTrimming(),
                                    Map.of(FIELD, message))
                            .whenComplete((id, error) -> {
                                if (error == null) {
                                    receipt.acknowledged();
                                } else {
                                    receipt.failed(error);
                                }
                            });
            if (++unflushed == PIPELINE) {
                flush();
            }
        }

        @Override
        public void flush() {
            connection.flushCommands();
            unflushed = 0;
        }

        @Override
        public void disconnect() {
            connection.close();
        }
    }
}
