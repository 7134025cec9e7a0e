package dev.wirebrook.market.redis;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.market.SharedUpdate;
import dev.wirebrook.market.UpdateDraft;
import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    Snapshot snapshot(int id) {
        return Objects.requireNonNull(snapshots().get(id));
    }

    long historyEntries() {
        return ask(commands -> commands.xlen(keys.channel(epoch())));
    }

    /** What the channel has. */
    List<SharedUpdate> history() {
        return ask(commands -> commands.xrange(channel(), Range.unbounded())).stream()
                .flatMap(entry -> entry.getBody().values().stream())
                .flatMap(entry -> SharedUpdates.inEntry(entry).stream())
                .toList();
    }

    long answersOfTheBusiestNode() {
        return ask(commands ->
                commands.keys("*:answers:*").stream()
                        .mapToLong(commands::hlen)
                        .max()
                        .orElseThrow());
    }

    /** Publishes what nobody will find in the channel, as if it was there and is gone again. */
    void publishUnheard(long number, Snapshot update) {
        UpdateDraft draft = UpdateDraft.of(update, Instant.now());
        byte[][] used = {keys.state(), channel(), keys.answers()};
        byte[] epoch = MarketKeys.bytes(epoch());
        ask(commands -> {
            commands.hset(keys.answers(), MarketKeys.bytes("term"), MarketKeys.bytes(1));
            commands.multi();
            commands.eval(
                    MarketScript.PUBLISH.text(),
                    ScriptOutputType.VALUE,
                    used,
                    epoch,
                    MarketKeys.bytes(1),
                    MarketKeys.bytes(number),
                    MarketKeys.bytes(100),
                    MarketKeys.bytes(100),
                    MarketKeys.bytes(100),
                    MarketKeys.bytes(100),
                    PublishArguments.of(draft));
            commands.xtrim(used[1], 0);
            return commands.exec();
        });
    }

    int channels() {
        return ask(commands -> commands.keys("*:channel:*")).size();
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
