package dev.wirebrook.cli.torture;

import com.google.protobuf.ListValue;
import dev.wirebrook.api.admin.v1.EventCounts;
import dev.wirebrook.api.admin.v1.QueryResponse;
import dev.wirebrook.client.WirebrookClient;
import dev.wirebrook.flow.Workers;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The crash test: senders with their own record of what was acknowledged, a server that is killed
 * at random moments, and in the end the table held against the record. Confined to one thread.
 */
public final class Torture {
    private static final Duration SETTLE_PATIENCE = Duration.ofMinutes(2);

    private final Path directory;
    private final int kills;
    private final int senderCount;
    private final Duration leastLife;
    private final Duration mostLife;
    private final Random random;
    private final List<String> serverOptions;
    private final Consumer<String> progress;
    private final List<Sender> senders = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private String balance = "";

    public Torture(
            Path directory,
            int kills,
            int senderCount,
            Duration leastLife,
            Duration mostLife,
            long seed,
            List<String> serverOptions,
            Consumer<String> progress) {
        this.directory = directory;
        this.kills = kills;
        this.senderCount = senderCount;
        this.leastLife = leastLife;
        this.mostLife = mostLife;
        this.random = new Random(seed);
        this.serverOptions = List.copyOf(serverOptions);
        this.progress = progress;
    }

    /**
     * Runs to the end.
     *
     * @return what was wrong; empty: nothing
     */
    public List<String> run() throws IOException, InterruptedException {
        ServerProcess server = ServerProcess.start(directory, 0, serverOptions);
        int port = server.grpcPort();
        try (Workers workers = new Workers();
                WirebrookClient client =
                        WirebrookClient.builder()
                                .target(server.grpcAddress())
                                .eventLoopThreads(1)
                                .retries(false)
                                .build()) {
            List<Thread> threads = startSenders(workers, client);
            for (int kill = 1; kill <= kills && refusal().isEmpty(); kill++) {
                awaitLoad();
                // The moment of the kill is the experiment, not a condition that could be awaited.
                Thread.sleep(random.nextLong(leastLife.toMillis(), mostLife.toMillis() + 1));
                server.kill();
                progress.accept(
                        "kill %d of %d, %,d events acknowledged"
                                .formatted(kill, kills, acknowledged()));
                long acknowledgedBefore = acknowledged();
                server = ServerProcess.start(directory, port, serverOptions);
                client.channel().resetConnectBackoff();
                checkCountsAfterRestart(client, acknowledgedBefore);
            }
            senders.forEach(Sender::stop);
            for (Thread thread : threads) {
                thread.join();
            }
            if (!refusal().isEmpty()) {
                faults.add(refusal());
            }
            check(client);
            int exitCode = server.terminate();
            if (exitCode != 0) {
                faults.add(
                        "asked to end by SIGTERM, the server ended with exit code "
                                + exitCode
                                + ", not 0");
            }
        } finally {
            server.close();
        }
        return faults;
    }

    /** What happened, in a line. */
    public String summary() {
        return "%d kills, %,d events acknowledged, %,d of them sent again, %,d calls failed; %s"
                .formatted(
                        kills,
                        acknowledged(),
                        senders.stream().mapToLong(Sender::resentEvents).sum(),
                        senders.stream().mapToLong(Sender::failedCalls).sum(),
                        balance);
    }

    private List<Thread> startSenders(Workers workers, WirebrookClient client) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < senderCount; i++) {
            Sender sender = new Sender("s" + i, client.channel(), new Random(random.nextLong()));
            senders.add(sender);
            threads.add(workers.startNamed("sender-" + i, sender));
        }
        return threads;
    }

    /** A kill is only worth something while events are on their way. */
    private void awaitLoad() throws InterruptedException {
        long before = acknowledged();
        long deadline = System.nanoTime() + SETTLE_PATIENCE.toNanos();
        while (acknowledged() == before && refusal().isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(1);
        }
        if (acknowledged() == before && refusal().isEmpty()) {
            faults.add("nothing was acknowledged within " + SETTLE_PATIENCE + " of a start");
        }
    }

    private long acknowledged() {
        return senders.stream().mapToLong(Sender::acknowledged).sum();
    }

    private String refusal() {
        return senders.stream()
                .map(Sender::refusal)
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** Counts are those of the log and the sinks from the first look on, whatever is unsettled. */
    private void checkCountsAfterRestart(WirebrookClient client, long acknowledgedBefore)
            throws InterruptedException {
        EventCounts counts = countsOnceReachable(client);
        // RabbitMQ does not say what it has handed out: counts are those of the routes there.
        boolean logIsCounted = serverOptions.stream().noneMatch(o -> o.contains("rabbitmq"));
        if (logIsCounted && counts.getAccepted() < acknowledgedBefore) {
            faults.add(
                    "right after a restart %,d events are counted as accepted; %,d were acknowledged before it"
                            .formatted(counts.getAccepted(), acknowledgedBefore));
        }
        long settledOrInFlight =
                counts.getStored()
                        + counts.getDuplicate()
                        + counts.getQuarantined()
                        + counts.getDeadLettered()
                        + counts.getInFlight();
        if (settledOrInFlight != counts.getAccepted() || counts.getInFlight() < 0) {
            faults.add("right after a restart the counts do not balance: " + text(counts));
        }
    }

    /** The client may need a moment to connect to the new process. */
    private static EventCounts countsOnceReachable(WirebrookClient client)
            throws InterruptedException {
        long deadline = System.nanoTime() + SETTLE_PATIENCE.toNanos();
        while (true) {
            try {
                return client.admin().status().getCounts();
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE
                        || System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(10);
            }
        }
    }

    private static String text(EventCounts counts) {
        return "accepted %,d = stored %,d + duplicate %,d + quarantined %,d + dead-lettered %,d + in flight %,d"
                .formatted(
                        counts.getAccepted(),
                        counts.getStored(),
                        counts.getDuplicate(),
                        counts.getQuarantined(),
                        counts.getDeadLettered(),
                        counts.getInFlight());
    }

    private void check(WirebrookClient client) {
        client.admin().awaitStored(0, SETTLE_PATIENCE);
        for (Sender sender : senders) {
            checkSender(client, sender);
        }
        long rows = number(client, "select count(*) from add_to_cart_event");
        if (rows != acknowledged()) {
            faults.add(
                    "the table has %,d rows, and %,d events were acknowledged"
                            .formatted(rows, acknowledged()));
        }
        EventCounts counts = client.admin().status().getCounts();
        balance = text(counts);
        if (counts.getInFlight() != 0
                || counts.getStored() != rows
                || counts.getQuarantined() + counts.getDeadLettered() != 0) {
            faults.add("the counts do not balance: " + balance);
        }
    }

    /**
     * Its events are numbered without gaps, so their number, the number of different ones and the
     * last tell all.
     */
    private void checkSender(WirebrookClient client, Sender sender) {
        List<Long> row =
                numbers(
                        client,
                        "select count(*), count(distinct event_id), coalesce(max(cast(split_part(event_id, '-', 2) as bigint)), -1)"
                                + " from add_to_cart_event where client_id = '"
                                + sender.name()
                                + "'");
        long acknowledged = sender.acknowledged();
        if (row.get(1) < acknowledged || row.get(2) < acknowledged - 1) {
            faults.add(
                    "LOST: sender %s had %,d events acknowledged, the table has %,d of them"
                            .formatted(sender.name(), acknowledged, row.get(1)));
        }
        if (row.get(0) > row.get(1)) {
            faults.add(
                    "DOUBLE: sender %s has %,d rows for %,d events"
                            .formatted(sender.name(), row.get(0), row.get(1)));
        }
        if (row.get(2) >= acknowledged) {
            faults.add(
                    "sender %s sent %,d events, the table has number %,d"
                            .formatted(sender.name(), acknowledged, row.get(2)));
        }
    }

    private static long number(WirebrookClient client, String sql) {
        return numbers(client, sql).getFirst();
    }

    private static List<Long> numbers(WirebrookClient client, String sql) {
        Iterator<QueryResponse> responses = client.admin().query(sql, 1);
        while (responses.hasNext()) {
            for (ListValue row : responses.next().getRowsList()) {
                return row.getValuesList().stream()
                        .map(value ->
                                value.hasNumberValue()
                                        ? (long) value.getNumberValue()
                                        : Long.parseLong(value.getStringValue()))
                        .toList();
            }
        }
        throw new IllegalStateException("no row for: " + sql);
    }
}
