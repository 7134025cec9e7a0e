package dev.wirebrook.bench.market;

import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Opens subscriptions that nothing comes for, says {@code open}, and holds them.
 *
 * <pre>IdleBench HOST:PORT CONNECTIONS STREAMS SYMBOLS-EACH</pre>
 */
public final class IdleBench {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private IdleBench() {}

    /** Runs it until it is killed. */
    @SuppressWarnings("SystemOut") // whoever started it reads this
    public static void main(String[] arguments) throws Exception {
        InetSocketAddress server = Addresses.of(arguments[0]);
        int connections = Integer.parseInt(arguments[1]);
        int streams = Integer.parseInt(arguments[2]);
        int symbols = Integer.parseInt(arguments[3]);
        try (Readers readers =
                new GrpcParsingReaders(
                        server,
                        connections,
                        streams,
                        reader -> request(reader, symbols),
                        _ -> {})) {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (readers.messages() < (long) connections * streams) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException(
                            readers.messages() + " of the subscriptions began");
                }
                Thread.sleep(Duration.ofMillis(50));
            }
            System.out.println("open");
            Thread.currentThread().join();
        }
    }

    private static SubscribeSnapshotsRequest request(int reader, int symbols) {
        SubscribeSnapshotsRequest.Builder request = SubscribeSnapshotsRequest.newBuilder();
        for (int i = 0; i < symbols; i++) {
            request.addSymbolIds(1_000_000 + (reader * symbols + i) % 1_000);
        }
        return request.build();
    }
}
