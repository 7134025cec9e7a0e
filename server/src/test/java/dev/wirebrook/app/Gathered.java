package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Gathers what a stream says. */
final class Gathered<T> implements StreamObserver<T> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final BlockingQueue<T> messages = new LinkedBlockingQueue<>();
    final CompletableFuture<Status> end = new CompletableFuture<>();

    @Override
    public void onNext(T message) {
        messages.add(message);
    }

    @Override
    public void onError(Throwable failure) {
        end.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }

    T next() throws InterruptedException {
        T message = messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(message).as("a message within " + PATIENCE).isNotNull();
        return Objects.requireNonNull(message);
    }

    Status status() throws Exception {
        return end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
