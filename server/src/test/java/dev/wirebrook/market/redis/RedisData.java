package dev.wirebrook.market.redis;

import dev.wirebrook.api.market.v1.Snapshot;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** What a Redis holds, looked at past the code under test's connections. */
final class RedisData implements AutoCloseable {
    private final RedisClient client;
    private final MarketKeys keys = new MarketKeys("{wirebrook:market}", "test");

    RedisData(String url) {
        client = RedisClient.create(url);
    }

    <T> T ask(Function<RedisCommands<byte[], byte[]>, T> question) {
        try (StatefulRedisConnection<byte[], byte[]> connection =
                client.connect(ByteArrayCodec.INSTANCE)) {
            return question.apply(connection.sync());
        }
    }

    private String field(byte[] name) {
        byte[] value = ask(commands -> commands.hget(keys.state(), name));
        return value == null ? "" : MarketKeys.text(value);
    }

    String epoch() {
        return field(MarketKeys.EPOCH);
    }

    long sequence() {
        return Long.parseLong(field(MarketKeys.SEQUENCE));
    }

    Map<Integer, Snapshot> snapshots() {
        Map<Integer, Snapshot> snapshots = new TreeMap<>();
        ask(commands -> commands.hgetall(keys.state()))
                .forEach((field, value) -> {
                    if (field[0] == '#') {
                        int id = Integer.parseInt(MarketKeys.text(field).substring(1));
                        snapshots.put(id, SharedUpdates.inState(id, value).snapshot());
                    }
                });
        return snapshots;
    }

    long historyEntries() {
        return ask(commands -> commands.xlen(keys.channel(epoch())));
    }

    /** As if an operator did it. */
    void command(Function<RedisCommands<byte[], byte[]>, String> command) {
        ask(command);
    }

    byte[] channel() {
        return keys.channel(epoch());
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
