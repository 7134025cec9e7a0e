package dev.wirebrook.market.redis;

import dev.wirebrook.market.SharedUpdate;
import io.lettuce.core.KeyValue;
import io.lettuce.core.MapScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Two connections to one run of a Redis server, one for commands and one that waits for the
 * channel, and the row of sequences that it goes on with. Whatever fails on it ends it; another is
 * opened then.
 *
 * <p>Thread-safe; never blocks.
 */
final class RedisLink {
    private static final Pattern RUN = Pattern.compile("(?m)^run_id:(\\w+)");
    private static final byte SYMBOL_MARK = '#';
    private static final int PAGE = 500;
    private static final int ENTRIES = 32;

    /** Answers that are kept for the node; more than may be under way. */
    private static final int ANSWERS = 2 * Outbox.WINDOW;

    /**
     * What the node knows of what it has seen.
     *
     * @param epoch empty: it has seen nothing yet
     * @param sequence the highest
     * @param run of the server that it saw it on
     */
    record Known(String epoch, long sequence, String run) {
        Known orLater(long seen) {
            return seen > sequence ? new Known(epoch, seen, run) : this;
        }
    }

    /** Where the row of sequences is; the epoch is empty when there is none. */
    record Head(String epoch, long sequence) {}

    /** Values of symbols at a sequence; of those that were updated since, perhaps later ones. */
    record Values(long sequence, List<SharedUpdate> latest) {}

    // immutable state
    private final RedisMarketSettings settings;
    private final MarketKeys keys;
    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final StatefulRedisConnection<byte[], byte[]> channelConnection;
    private final RedisAsyncCommands<byte[], byte[]> commands;
    private final String run;
    private final String publishDigest;
    private final Head opened;
    private final byte[] term;
    private final ReentrantLock lock = new ReentrantLock();

    // mutable state
    private boolean closed;

    private RedisLink(
            RedisMarketSettings settings,
            MarketKeys keys,
            StatefulRedisConnection<byte[], byte[]> connection,
            StatefulRedisConnection<byte[], byte[]> channelConnection,
            String run,
            String publishDigest,
            List<byte[]> opened) {
        this.settings = settings;
        this.keys = keys;
        this.connection = connection;
        this.channelConnection = channelConnection;
        this.commands = connection.async();
        this.run = run;
        this.publishDigest = publishDigest;
        this.opened =
                new Head(
                        MarketKeys.text(opened.get(0)),
                        Long.parseLong(MarketKeys.text(opened.get(1))));
        term = opened.get(2);
    }

    /**
     * @param newEpoch should one be needed: there is none, or the server has lost what the node has
     *     seen
     */
    static CompletionStage<RedisLink> open(
            RedisConnections connections,
            RedisMarketSettings settings,
            MarketKeys keys,
            Known known,
            String newEpoch) {
        return connections
                .connect()
                .thenCompose(connection ->
                        closingOnFailure(
                                connection,
                                connections
                                        .connect()
                                        .thenCompose(channel ->
                                                closingOnFailure(
                                                        channel,
                                                        open(
                                                                settings,
                                                                keys,
                                                                known,
                                                                newEpoch,
                                                                connection,
                                                                channel)))));
    }

    private static CompletionStage<RedisLink> closingOnFailure(
            StatefulRedisConnection<byte[], byte[]> connection,
            CompletionStage<RedisLink> opening) {
        return opening.whenComplete((_, failure) -> {
            if (failure != null) {
                var _ = connection.closeAsync();
            }
        });
    }

    private static CompletionStage<RedisLink> open(
            RedisMarketSettings settings,
            MarketKeys keys,
            Known known,
            String newEpoch,
            StatefulRedisConnection<byte[], byte[]> connection,
            StatefulRedisConnection<byte[], byte[]> channel) {
        RedisAsyncCommands<byte[], byte[]> commands = connection.async();
        return run(commands)
                .thenCombine(run(channel.async()), RedisLink::same)
                .thenCompose(run ->
                        commands.scriptLoad(MarketScript.PUBLISH.text())
                                .thenCompose(digest ->
                                        opened(settings, keys, known, newEpoch, commands, run)
                                                .thenApply(opened ->
                                                        new RedisLink(
                                                                settings,
                                                                keys,
                                                                connection,
                                                                channel,
                                                                run,
                                                                digest,
                                                                opened))));
    }

    private static CompletionStage<String> run(RedisAsyncCommands<byte[], byte[]> commands) {
        return commands.info("server")
                .thenApply(info -> {
                    Matcher run = RUN.matcher(info);
                    if (!run.find()) {
                        throw new IllegalStateException("INFO server tells no run_id");
                    }
                    return run.group(1);
                });
    }

    private static String same(String run, String channelRun) {
        if (!run.equals(channelRun)) {
            throw new IllegalStateException("the server was started anew just now");
        }
        return run;
    }

    private static CompletionStage<List<byte[]>> opened(
            RedisMarketSettings settings,
            MarketKeys keys,
            Known known,
            String newEpoch,
            RedisAsyncCommands<byte[], byte[]> commands,
            String run) {
        return commands.eval(
                MarketScript.OPEN.text(),
                ScriptOutputType.MULTI,
                new byte[][] {
                    keys.state(), keys.answers(), keys.channel(known.epoch()), keys.channel("")
                },
                MarketKeys.bytes(newEpoch),
                MarketKeys.bytes(run),
                MarketKeys.bytes(known.epoch()),
                MarketKeys.bytes(known.sequence()),
                MarketKeys.bytes(known.run()),
                MarketKeys.bytes(settings.answersKept().toSeconds()));
    }

    String epoch() {
        return opened.epoch();
    }

    /** Of the last update when it was opened. */
    long sequence() {
        return opened.sequence();
    }

    /** Which run of the server it leads to. */
    String run() {
        return run;
    }

    /**
     * @param number of the publication; rises, and the same for the same
     * @return the outcomes; null when the epoch or the link is another by now
     */
    CompletionStage<byte @Nullable []> publish(long number, List<byte[]> updates, int symbolsMax) {
        List<byte[]> arguments = new ArrayList<>(7 + updates.size());
        arguments.add(MarketKeys.bytes(epoch()));
        arguments.add(term);
        arguments.add(MarketKeys.bytes(number));
        arguments.add(MarketKeys.bytes(settings.historyUpdates()));
        arguments.add(MarketKeys.bytes(symbolsMax));
        arguments.add(MarketKeys.bytes(ANSWERS));
        arguments.add(MarketKeys.bytes(settings.answersKept().toSeconds()));
        arguments.addAll(updates);
        return commands.evalsha(
                publishDigest,
                ScriptOutputType.VALUE,
                new byte[][] {keys.state(), keys.channel(epoch()), keys.answers()},
                arguments.toArray(byte[][]::new));
    }

    /** Asks where the row of sequences is, and has the answers to this node kept on. */
    CompletionStage<Head> head() {
        var _ = commands.expire(keys.answers(), settings.answersKept());
        return commands.hmget(keys.state(), MarketKeys.EPOCH, MarketKeys.SEQUENCE)
                .thenApply(fields ->
                        new Head(
                                text(fields.get(0), ""), Long.parseLong(text(fields.get(1), "0"))));
    }

    private static String text(KeyValue<byte[], byte[]> field, String otherwise) {
        return field.hasValue() ? MarketKeys.text(field.getValue()) : otherwise;
    }

    /**
     * What the channel has after a sequence.
     *
     * @param waits for something to come, but not for ever
     */
    @SuppressWarnings("unchecked") // of one offset, which is what the array is made for
    CompletionStage<List<SharedUpdate>> read(long after, boolean waits) {
        XReadArgs arguments = new XReadArgs().count(ENTRIES);
        if (waits) {
            Duration wait = settings.answerTimeout().dividedBy(2);
            arguments.block(Math.max(1, wait.toMillis()));
        }
        return channelConnection
                .async()
                .xread(arguments, XReadArgs.StreamOffset.from(keys.channel(epoch()), after + "-0"))
                .thenApply(RedisLink::updates);
    }

    private static List<SharedUpdate> updates(
            @Nullable List<StreamMessage<byte[], byte[]>> messages) {
        List<SharedUpdate> updates = new ArrayList<>();
        if (messages != null) {
            for (StreamMessage<byte[], byte[]> message : messages) {
                message.getBody()
                        .values()
                        .forEach(entry -> updates.addAll(SharedUpdates.inEntry(entry)));
            }
        }
        return updates;
    }

    /**
     * All latest values, read in pages so that nobody has to wait for them. Those that have changed
     * meanwhile are later than the sequence, and not left out: who takes the sequence for all that
     * was would else miss what of theirs came before it.
     */
    CompletionStage<Values> values() {
        return head().thenCompose(before -> {
            List<SharedUpdate> latest = new ArrayList<>();
            return page(ScanCursor.INITIAL, latest)
                    .thenCompose(_ -> head())
                    .thenApply(after -> {
                        if (!before.epoch().equals(epoch()) || !after.epoch().equals(epoch())) {
                            throw new IllegalStateException("the epoch is another");
                        }
                        return new Values(before.sequence(), latest);
                    });
        });
    }

    private CompletionStage<@Nullable Void> page(ScanCursor from, List<SharedUpdate> latest) {
        return commands.hscan(keys.state(), from, ScanArgs.Builder.limit(PAGE))
                .thenCompose(page -> {
                    take(page, latest);
                    return page.isFinished()
                            ? CompletableFuture.completedFuture(null)
                            : page(page, latest);
                });
    }

    private static void take(MapScanCursor<byte[], byte[]> page, List<SharedUpdate> latest) {
        page.getMap()
                .forEach((field, value) -> {
                    if (field[0] == SYMBOL_MARK) {
                        String id = MarketKeys.text(Arrays.copyOfRange(field, 1, field.length));
                        latest.add(SharedUpdates.inState(Integer.parseInt(id), value));
                    }
                });
    }

    /** Does something unless it is closed, and keeps it from being closed meanwhile. */
    void whileOpen(Runnable task) {
        lock.lock();
        try {
            if (!closed) {
                task.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /** When it returns, nothing is done any more that was to be done {@link #whileOpen}. */
    void end() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends it, and gives up its connections. */
    void close() {
        end();
        var _ = connection.closeAsync();
        var _ = channelConnection.closeAsync();
    }
}
