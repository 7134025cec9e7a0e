package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.telemetry.Health;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
    private EchoServer server;
    private Health.Component log;

    @BeforeEach
    void start() throws Exception {
        server = new EchoServer();
        log = server.health.component("log");
        log.ready();
        server.health.service("test.EchoService", log);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void checks_the_node_and_each_service() {
        assertThat(check("")).isEqualTo(ServingStatus.SERVING);
        assertThat(check("test.EchoService")).isEqualTo(ServingStatus.SERVING);
        log.notReady("disk is full");
        assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(check("test.EchoService")).isEqualTo(ServingStatus.NOT_SERVING);
    }

    @Test
    void does_not_find_a_service_that_is_unknown() {
        assertThat(Details.failing(() -> check("test.Other")).code())
                .isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void pushes_every_change_to_those_who_watch() {
        Watch watch = new Watch("");
        watch.awaits(ServingStatus.SERVING);
        server.health.rest();
        watch.awaits(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
        server.health.resume();
        watch.awaits(ServingStatus.SERVING, ServingStatus.NOT_SERVING, ServingStatus.SERVING);
        log.notReady("disk is full");
        log.notReady("disk is still full");
        watch.awaits(
                ServingStatus.SERVING,
                ServingStatus.NOT_SERVING,
                ServingStatus.SERVING,
                ServingStatus.NOT_SERVING);
    }

    @Test
    void lets_clients_watch_a_service_that_is_still_to_come() {
        Watch watch = new Watch("test.Later");
        watch.awaits(ServingStatus.SERVICE_UNKNOWN);
        server.health.service("test.Later", log);
        watch.awaits(ServingStatus.SERVICE_UNKNOWN, ServingStatus.SERVING);
    }

    @Test
    void says_not_serving_before_the_watch_ends_when_the_node_leaves() throws Exception {
        Watch watch = new Watch("");
        watch.awaits(ServingStatus.SERVING);
        server.health.drain();
        watch.awaits(ServingStatus.SERVING, ServingStatus.NOT_SERVING);
        assertThat(server.server.drain(java.time.Duration.ofSeconds(10))).isTrue();
        await().untilAsserted(() -> assertThat(watch.end.get()).isNotNull());
        assertThat(Status.fromThrowable(watch.end.get()).getCode())
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    private ServingStatus check(String service) {
        return HealthGrpc.newBlockingStub(server.channel)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    private final class Watch implements StreamObserver<HealthCheckResponse> {
        private final List<ServingStatus> seen = new CopyOnWriteArrayList<>();
        private final AtomicReference<@Nullable Throwable> end = new AtomicReference<>();

        Watch(String service) {
            HealthGrpc.newStub(server.channel)
                    .watch(HealthCheckRequest.newBuilder().setService(service).build(), this);
        }

        void awaits(ServingStatus... statuses) {
            await().untilAsserted(() -> assertThat(seen).containsExactly(statuses));
        }

        @Override
        public void onNext(HealthCheckResponse response) {
            seen.add(response.getStatus());
        }

        @Override
        public void onError(Throwable cause) {
            end.set(cause);
        }

        @Override
        public void onCompleted() {}
    }
}
