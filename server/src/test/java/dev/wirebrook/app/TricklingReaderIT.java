package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import dev.wirebrook.api.market.v1.Update;
import dev.wirebrook.client.WirebrookClient;
import dev.wirebrook.grpc.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers that take a byte a second from their sockets, beside others that keep up. */
@Timeout(120)
class TricklingReaderIT {
    private static final int SYMBOLS = 500;
    private static final int ROUNDS = 400;
    private static final List<Conflation> CONFLATIONS =
            List.of(
                    Conflation.CONFLATION_LATEST,
                    Conflation.CONFLATION_LATEST,
                    Conflation.CONFLATION_MERGE,
                    Conflation.CONFLATION_NONE);

    @TempDir private Path directory;

    @Test
    void readers_of_a_byte_a_second_delay_nobody_and_end_on_the_last_values() throws Exception {
        List<RawHttp2> slow = new ArrayList<>();
        try (TestNode server = TestNode.start(directory, Map.of());
                WirebrookClient other = server.newClient();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            put(server, 0);
            List<Future<Integer>> ends = new ArrayList<>();
            for (Conflation conflation : CONFLATIONS) {
                RawHttp2 reader = subscribed(server, conflation);
                slow.add(reader);
                ends.add(threads.submit(() -> messagesUntilLast(reader)));
            }
            Gathered<SubscribeSnapshotsResponse> fast = new Gathered<>();
            MarketDataServiceGrpc.newStub(other.channel())
                    .subscribeSnapshots(
                            SubscribeSnapshotsRequest.newBuilder().addSymbolIds(1).build(), fast);
            await().untilAsserted(() ->
                    assertThat(server.metric("wirebrook_market_subscriptions"))
                            .isEqualTo(CONFLATIONS.size() + 1));
            long[] nanos = new long[ROUNDS];
            for (int round = 1; round <= ROUNDS; round++) {
                long start = System.nanoTime();
                put(server, round);
                awaitPrice(fast, round);
                nanos[round - 1] = System.nanoTime() - start;
            }
            assertThat(ends).as("have read some bytes by now").noneMatch(Future::isDone);
            Arrays.sort(nanos);
            assertThat(Duration.ofNanos(nanos[ROUNDS * 99 / 100]))
                    .as("99th of 100 of the other's updates")
                    .isLessThan(Duration.ofSeconds(1));
            slow.forEach(reader -> reader.trickle(Duration.ZERO));
            for (Future<Integer> end : ends) {
                assertThat(end.get(60, TimeUnit.SECONDS))
                        .as("updates of the last values' reader")
                        .isLessThan(ROUNDS * SYMBOLS);
            }
            for (RawHttp2 reader : slow) {
                reader.close();
            }
            await().untilAsserted(
                            () -> assertThat(server.metric("wirebrook_market_slots")).isEqualTo(1));
        }
    }

    private static void put(TestNode server, int price) {
        MarketDataServiceGrpc.newBlockingStub(server.client().channel())
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .putSnapshots(
                        PutSnapshotsRequest.newBuilder()
                                .addAllSnapshots(
                                        IntStream.rangeClosed(1, SYMBOLS)
                                                .mapToObj(id ->
                                                        Snapshot.newBuilder()
                                                                .setSymbolId(id)
                                                                .setLtp(price)
                                                                .build())
                                                .toList())
                                .build());
    }

    private static void awaitPrice(Gathered<SubscribeSnapshotsResponse> reader, int price)
            throws InterruptedException {
        double last = -1;
        while (last < price) {
            for (Update update : reader.next().getUpdatesList()) {
                last = update.getSnapshot().getLtp();
            }
        }
    }

    /** Its windows have room for all there is, so only its socket holds the server back. */
    private static RawHttp2 subscribed(TestNode server, Conflation conflation) throws IOException {
        RawHttp2 reader = new RawHttp2(server.node().grpcAddress(), 4_096);
        reader.handshake(
                ByteBuffer.allocate(6).putShort((short) 4).putInt(Integer.MAX_VALUE).array());
        reader.frame(RawHttp2.WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(1 << 30).array());
        reader.headers(1, "wirebrook.market.v1.MarketDataService/SubscribeSnapshots");
        byte[] request =
                SubscribeSnapshotsRequest.newBuilder()
                        .setAll(true)
                        .setDelivery(Delivery.newBuilder().setConflation(conflation))
                        .build()
                        .toByteArray();
        reader.data(
                1,
                ByteBuffer.allocate(5 + request.length)
                        .put((byte) 0)
                        .putInt(request.length)
                        .put(request)
                        .array(),
                true);
        reader.trickle(Duration.ofSeconds(1));
        return reader;
    }

    /** How many updates it was sent until it had the last price of each symbol. */
    private static int messagesUntilLast(RawHttp2 reader) throws IOException {
        ByteArrayOutputStream unread = new ByteArrayOutputStream();
        Set<Integer> last = new HashSet<>();
        int updates = 0;
        while (last.size() < SYMBOLS) {
            unread.writeBytes(
                    reader.next(frame -> frame.type() == RawHttp2.DATA).orElseThrow().payload());
            ByteBuffer bytes = ByteBuffer.wrap(unread.toByteArray());
            while (bytes.remaining() >= 5 && bytes.remaining() >= 5 + length(bytes)) {
                byte[] message = new byte[length(bytes)];
                bytes.position(bytes.position() + 5).get(message);
                for (Update update :
                        SubscribeSnapshotsResponse.parseFrom(message).getUpdatesList()) {
                    updates++;
                    if (update.getSnapshot().getLtp() == ROUNDS) {
                        last.add(update.getSnapshot().getSymbolId());
                    }
                }
            }
            unread.reset();
            unread.write(bytes.array(), bytes.position(), bytes.remaining());
        }
        return updates;
    }

    private static int length(ByteBuffer bytes) {
        return bytes.getInt(bytes.position() + 1);
    }
}
