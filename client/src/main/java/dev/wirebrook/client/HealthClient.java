package dev.wirebrook.client;

import io.grpc.Channel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Asks after the health of a server, by the standard protocol. Thread-safe. */
public final class HealthClient {
    private final HealthGrpc.HealthBlockingStub stub;
    private final Duration timeout;

    HealthClient(Channel channel, Duration timeout) {
        this.stub = HealthGrpc.newBlockingStub(channel);
        this.timeout = timeout;
    }

    /**
     * The status now.
     *
     * @param service full name of a service; empty is the server as a whole
     * @throws io.grpc.StatusRuntimeException NOT_FOUND when the server has no such service
     */
    public ServingStatus check(String service) {
        return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    /** The status now and whenever it changes. Ends only by failing. */
    public Iterator<HealthCheckResponse> watch(String service) {
        return stub.watch(HealthCheckRequest.newBuilder().setService(service).build());
    }
}
