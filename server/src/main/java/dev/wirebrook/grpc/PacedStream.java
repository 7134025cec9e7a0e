package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Server streaming for code that blocks: {@link #send} waits until the transport takes more, so
 * that a slow client slows its own producer and nothing queues up.
 *
 * <p>One thread sends; the call's callbacks come from another.
 */
public final class PacedStream<T> {
    /** What is sent. */
    @FunctionalInterface
    public interface Producer<T> {
        void produce(PacedStream<T> stream) throws InterruptedException;
    }

    /** The transport's side. */
    private interface Outlet<T> {
        boolean isReady();

        void send(T message);

        void complete();

        void fail(Throwable cause);
    }

    private final Outlet<T> outlet;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean gone;

    private PacedStream(Outlet<T> outlet) {
        this.outlet = outlet;
    }

    /** Over a bare call, whose listener must pass on {@link #ready} and {@link #cancelled}. */
    public static <T> PacedStream<T> over(ServerCall<?, T> call) {
        return new PacedStream<>(
                new Outlet<>() {
                    @Override
                    public boolean isReady() {
                        return call.isReady();
                    }

                    @Override
                    public void send(T message) {
                        call.sendMessage(message);
                    }

                    @Override
                    public void complete() {
                        call.close(Status.OK, new Metadata());
                    }

                    @Override
                    public void fail(Throwable cause) {
                        call.close(Status.fromThrowable(cause), new Metadata());
                    }
                });
    }

    /**
     * Over the observer that a generated stub hands out; to be called before its method returns.
     */
    public static <T> PacedStream<T> over(StreamObserver<T> responses) {
        ServerCallStreamObserver<T> observer = (ServerCallStreamObserver<T>) responses;
        PacedStream<T> stream =
                new PacedStream<>(
                        new Outlet<>() {
                            @Override
                            public boolean isReady() {
                                return observer.isReady();
                            }

                            @Override
                            public void send(T message) {
                                observer.onNext(message);
                            }

                            @Override
                            public void complete() {
                                observer.onCompleted();
                            }

                            @Override
                            public void fail(Throwable cause) {
                                observer.onError(cause);
                            }
                        });
        observer.setOnReadyHandler(stream::ready);
        observer.setOnCancelHandler(stream::cancelled);
        return stream;
    }

    /**
     * Sends one message.
     *
     * @return false when the client is gone
     */
    public boolean send(T message) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!gone && !outlet.isReady()) {
                changed.await();
            }
            if (gone) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        outlet.send(message);
        return true;
    }

    /**
     * Waits until the transport takes more, the client is gone, or the time is up.
     *
     * @return false when the time was up
     */
    public boolean awaitReady(Duration timeout) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = timeout.toNanos();
            while (!gone && !outlet.isReady()) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    public boolean isGone() {
        lock.lock();
        try {
            return gone;
        } finally {
            lock.unlock();
        }
    }

    /** The transport takes more. */
    public void ready() {
        signal(false);
    }

    /** The client is gone. */
    public void cancelled() {
        signal(true);
    }

    /** Runs a producer to its end and closes the call with it. */
    public void run(Producer<T> producer) {
        try {
            producer.produce(this);
            if (!isGone()) {
                outlet.complete();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(
                    new FailureException(
                            new Failure.Draining(
                                    "this node is stopping; go on at another",
                                    Duration.ofSeconds(1))));
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void fail(Throwable cause) {
        if (!isGone()) {
            outlet.fail(cause);
        }
    }

    private void signal(boolean cancelled) {
        lock.lock();
        try {
            gone |= cancelled;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
