package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.telemetry.Health;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * {@code grpc.health.v1.Health} over the node's {@link Health}. The empty service name stands for
 * the node. {@code Watch} pushes the newest status: changes that came and went while a watcher
 * could not be written to are left out.
 */
final class HealthEndpoint extends HealthGrpc.HealthImplBase {
    private final Health health;

    HealthEndpoint(Health health) {
        this.health = health;
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> responses) {
        ServingStatus status = status(request.getService());
        if (status == ServingStatus.SERVICE_UNKNOWN) {
            throw new FailureException(
                    new Failure.NotFound(
                            "no service " + request.getService() + " has a health status here",
                            "service",
                            request.getService()));
        }
        responses.onNext(response(status));
        responses.onCompleted();
    }

    @Override
    public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> responses) {
        ServerCallStreamObserver<HealthCheckResponse> call =
                (ServerCallStreamObserver<HealthCheckResponse>) responses;
        Watcher watcher = new Watcher(request.getService(), call);
        Health.Listening listening = health.listen(watcher);
        call.setOnCancelHandler(listening::close);
        call.setOnCloseHandler(listening::close);
        call.setOnReadyHandler(watcher::changed);
        watcher.changed();
    }

    private ServingStatus status(String service) {
        return health.serves(service)
                .map(serves -> serves ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
                .orElse(ServingStatus.SERVICE_UNKNOWN);
    }

    private static HealthCheckResponse response(ServingStatus status) {
        return HealthCheckResponse.newBuilder().setStatus(status).build();
    }

    private final class Watcher implements Health.Listener {
        private final String service;
        private final ServerCallStreamObserver<HealthCheckResponse> call;
        // Guarded by this.
        private @Nullable ServingStatus sent;

        Watcher(String service, ServerCallStreamObserver<HealthCheckResponse> call) {
            this.service = service;
            this.call = call;
        }

        @Override
        public synchronized void changed() {
            ServingStatus now = status(service);
            if (now != sent && call.isReady()) {
                sent = now;
                call.onNext(response(now));
            }
        }
    }
}
