package dev.wirebrook.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.FreezableProxy;
import dev.wirebrook.api.admin.v1.DrainRequest;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.client.EventPublisher;
import dev.wirebrook.client.PublisherOptions;
import dev.wirebrook.client.WirebrookClient;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client of two servers behind one name, of which one leaves, dies or falls silent. */
@Timeout(180)
class ServerSetIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private Path directory;
    private final FixedNames names = new FixedNames();
    private ServerProcess first;
    private ServerProcess second;
    private WirebrookClient toFirst;
    private WirebrookClient toSecond;

    @BeforeEach
    void start() throws Exception {
        NameResolverRegistry.getDefaultRegistry().register(names);
        first = server("first");
        second = server("second");
        toFirst = client(first.grpcAddress());
        toSecond = client(second.grpcAddress());
    }

    @AfterEach
    void stop() {
        NameResolverRegistry.getDefaultRegistry().deregister(names);
        toFirst.close();
        toSecond.close();
        first.close();
        second.close();
    }

    private ServerProcess server(String name) throws Exception {
        return ServerProcess.start(Files.createDirectory(directory.resolve(name)), 0, List.of());
    }

    private static WirebrookClient client(String target) {
        return WirebrookClient.builder().target(target).build();
    }

    private WirebrookClient clientOfBoth(int firstPort, int secondPort) {
        names.resolveTo(firstPort, secondPort);
        return client(FixedNames.SCHEME + ":///servers");
    }

    private static Events batch() {
        return Events.newBuilder()
                .addEvents(
                        Event.newBuilder().setAddToCartEvent(AddToCartEvent.getDefaultInstance()))
                .build();
    }

    private static void send(WirebrookClient client, int batches) throws Exception {
        for (int i = 0; i < batches; i++) {
            assertThat(client.events().dispatch(batch()).accepted()).isEqualTo(1);
        }
    }

    private static long accepted(WirebrookClient client) {
        return client.admin().status().getCounts().getAccepted();
    }

    @Test
    void calls_go_round_and_past_a_server_that_is_out_of_rotation() throws Exception {
        try (WirebrookClient both = clientOfBoth(first.grpcPort(), second.grpcPort())) {
            await().atMost(PATIENCE)
                    .until(() -> {
                        send(both, 4);
                        return accepted(toFirst) > 0 && accepted(toSecond) > 0;
                    });
            long firstBefore = accepted(toFirst);
            long secondBefore = accepted(toSecond);
            send(both, 20);
            assertThat(accepted(toFirst)).isEqualTo(firstBefore + 10);
            assertThat(accepted(toSecond)).isEqualTo(secondBefore + 10);

            toFirst.admin().drain(DrainRequest.newBuilder().setDrain(true).build());
            await().atMost(PATIENCE)
                    .until(() -> {
                        long before = accepted(toFirst);
                        send(both, 4);
                        return accepted(toFirst) == before;
                    });
            long atRest = accepted(toFirst);
            send(both, 20);
            assertThat(accepted(toFirst)).isEqualTo(atRest);

            // Operators reach it as before, and take it back.
            toFirst.admin().drain(DrainRequest.getDefaultInstance());
            await().atMost(PATIENCE)
                    .until(() -> {
                        send(both, 2);
                        return accepted(toFirst) > atRest;
                    });
        }
    }

    @Test
    void reads_and_a_publisher_go_on_when_one_is_killed() throws Exception {
        try (WirebrookClient both = clientOfBoth(first.grpcPort(), second.grpcPort());
                EventPublisher publisher =
                        both.publisher(
                                PublisherOptions.DEFAULT.withBatching(
                                        10, 1 << 20, Duration.ofMillis(1), 4))) {
            for (int i = 0; i < 2_000; i++) {
                assertThat(publisher.publish(batch().getEvents(0)).isTaken()).isTrue();
                if (i == 1_000) {
                    first.kill();
                }
                if (i % 20 == 0) {
                    assertThat(both.admin().status().getVersion()).isNotEmpty();
                }
            }
            assertThat(publisher.flush(PATIENCE).isComplete()).isTrue();
            assertThat(publisher.metrics().acknowledged()).isEqualTo(2_000);
        }
    }

    @Test
    void a_read_that_one_server_does_not_answer_is_answered_by_the_other() throws Exception {
        try (FreezableProxy way = new FreezableProxy(first.grpcPort());
                WirebrookClient both = clientOfBoth(way.port(), second.grpcPort())) {
            for (int i = 0; i < 10; i++) {
                assertThat(both.admin().status().getVersion()).isNotEmpty();
            }
            way.freeze();
            Duration longest = Duration.ZERO;
            for (int i = 0; i < 10; i++) {
                long start = System.nanoTime();
                assertThat(both.admin().status().getVersion()).isNotEmpty();
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                longest = took.compareTo(longest) > 0 ? took : longest;
            }
            // Half of them went to the silent one first. Unhedged they would end after 30 s.
            assertThat(longest).isBetween(Duration.ofMillis(400), Duration.ofSeconds(10));
        }
    }

    /** A name that stands for what the test says. */
    private static final class FixedNames extends NameResolverProvider {
        private static final String SCHEME = "fixed";

        private final List<EquivalentAddressGroup> addresses = new CopyOnWriteArrayList<>();

        void resolveTo(int... ports) {
            addresses.clear();
            Arrays.stream(ports)
                    .mapToObj(port ->
                            new EquivalentAddressGroup(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
                    .forEach(addresses::add);
        }

        @Override
        public NameResolver newNameResolver(URI target, NameResolver.Args args) {
            return new NameResolver() {
                @Override
                public String getServiceAuthority() {
                    return "localhost";
                }

                @Override
                public void start(Listener2 listener) {
                    listener.onResult(
                            ResolutionResult.newBuilder()
                                    .setAddressesOrError(StatusOr.fromValue(addresses))
                                    .build());
                }

                @Override
                public void shutdown() {}
            };
        }

        @Override
        public String getDefaultScheme() {
            return SCHEME;
        }

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }

        @Override
        public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
            return List.of(InetSocketAddress.class);
        }
    }
}
