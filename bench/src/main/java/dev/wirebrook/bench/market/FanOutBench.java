package dev.wirebrook.bench.market;

import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import dev.wirebrook.bench.Median;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * How many updates a second reach a hundred readers on four connections.
 *
 * <pre>FanOutBench WARM-UP-SECONDS ROUNDS SECONDS [nats=HOST:PORT,PID] [redis=HOST:PORT,PID]</pre>
 */
public final class FanOutBench {
    private static final int CONNECTIONS = 4;
    private static final int STREAMS = 25;
    private static final int SYMBOLS = 1_000;
    private static final String METHOD =
            "/wirebrook.market.v1.MarketDataService/SubscribeSnapshots";

    /** As one update of the market's: 115 bytes and its envelope. */
    private static final int PAYLOAD_BYTES = 115;

    private final Duration warmUp;
    private final int rounds;
    private final Duration round;

    private FanOutBench(Duration warmUp, int rounds, Duration round) {
        this.warmUp = warmUp;
        this.rounds = rounds;
        this.round = round;
    }

    /** Runs it. */
    @SuppressWarnings("SystemOut") // its output is the report
    public static void main(String[] arguments) throws Exception {
        FanOutBench bench =
                new FanOutBench(
                        Duration.ofSeconds(Long.parseLong(arguments[0])),
                        Integer.parseInt(arguments[1]),
                        Duration.ofSeconds(Long.parseLong(arguments[2])));
        System.out.println(
                "| server | reader | updates a message | updates/s | server µs an update | reader µs an update | bytes an update |");
        System.out.println("|---|---|--:|--:|--:|--:|--:|");
        for (Client client : Client.values()) {
            for (int perMessage : List.of(1, 64)) {
                bench.grpc(
                        "grpc-java, one message again and again",
                        List.of("bare", "" + perMessage),
                        client,
                        perMessage);
                bench.grpc(
                        "Wirebrook",
                        List.of("market", "" + SYMBOLS, "" + client.fed(perMessage)),
                        client,
                        perMessage);
            }
        }
        for (int i = 3; i < arguments.length; i++) {
            bench.engine(arguments[i]);
        }
        System.exit(0); // clients leave threads behind
    }

    private enum Client {
        COUNTING("counts bytes") {
            @Override
            Readers connect(InetSocketAddress server, SubscribeSnapshotsRequest request)
                    throws IOException {
                return new GrpcByteCounter(
                        server, CONNECTIONS, STREAMS, METHOD, request.toByteArray());
            }

            @Override
            int fed(int perMessage) {
                return perMessage == 1 ? 40_000 : 200_000;
            }
        },
        PARSING("grpc-java, parses") {
            @Override
            Readers connect(InetSocketAddress server, SubscribeSnapshotsRequest request) {
                return new GrpcParsingReaders(server, CONNECTIONS, STREAMS, _ -> request, _ -> {});
            }

            @Override
            int fed(int perMessage) {
                return perMessage == 1 ? 20_000 : 100_000;
            }
        };

        private final String title;

        Client(String title) {
            this.title = title;
        }

        abstract Readers connect(InetSocketAddress server, SubscribeSnapshotsRequest request)
                throws IOException;

        /** Updates a second to publish: more than a hundred readers can be sent. */
        abstract int fed(int perMessage);
    }

    private void grpc(String title, List<String> server, Client client, int perMessage)
            throws Exception {
        SubscribeSnapshotsRequest request =
                SubscribeSnapshotsRequest.newBuilder()
                        .setAll(true)
                        .setDelivery(Delivery.newBuilder().setUpdatesPerMessageMax(perMessage))
                        .build();
        try (StartedServer started = StartedServer.of(server);
                Readers readers = client.connect(started.address(), request)) {
            measure(title, client.title, readers, Optional.of(started.process().toHandle()));
        }
    }

    private void engine(String argument) throws Exception {
        String name = argument.substring(0, argument.indexOf('='));
        String address = argument.substring(name.length() + 1, argument.indexOf(','));
        long pid = Long.parseLong(argument.substring(argument.indexOf(',') + 1));
        TextCounter.Protocol protocol =
                name.equals("nats")
                        ? TextCounter.Protocol.nats(PAYLOAD_BYTES)
                        : TextCounter.Protocol.redis(PAYLOAD_BYTES);
        try (Readers readers = new TextCounter(Addresses.of(address), protocol)) {
            measure(
                    name + " on %d connections".formatted(protocol.connections()),
                    "counts bytes",
                    readers,
                    ProcessHandle.of(pid));
        }
    }

    private record Round(
            long messages, long updates, long bytes, Duration took, Duration server, Duration own) {
        double perUpdate(Duration cpu) {
            return cpu.toNanos() / 1e3 / updates;
        }
    }

    @SuppressWarnings("SystemOut") // its output is the report
    private void measure(
            String title, String reader, Readers readers, Optional<ProcessHandle> server)
            throws InterruptedException {
        Thread.sleep(warmUp);
        List<Round> measured = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            measured.add(one(readers, server.orElseThrow()));
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %.1f | %,.0f | %.3f | %.3f | %.0f |%n",
                title,
                reader,
                median(measured, r -> (double) r.updates() / r.messages()),
                median(measured, r -> r.updates() * 1e9 / r.took().toNanos()),
                median(measured, r -> r.perUpdate(r.server())),
                median(measured, r -> r.perUpdate(r.own())),
                median(measured, r -> (double) r.bytes() / r.updates()));
    }

    private Round one(Readers readers, ProcessHandle server) throws InterruptedException {
        long messages = readers.messages();
        long updates = readers.updates();
        long bytes = readers.bytes();
        Duration serverCpu = cpu(server);
        Duration ownCpu = cpu(ProcessHandle.current());
        long began = System.nanoTime();
        Thread.sleep(round);
        return new Round(
                readers.messages() - messages,
                readers.updates() - updates,
                readers.bytes() - bytes,
                Duration.ofNanos(System.nanoTime() - began),
                cpu(server).minus(serverCpu),
                cpu(ProcessHandle.current()).minus(ownCpu));
    }

    private static Duration cpu(ProcessHandle process) {
        return process.info().totalCpuDuration().orElseThrow();
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> measure) {
        return Median.of(rounds.stream().mapToDouble(measure));
    }
}
