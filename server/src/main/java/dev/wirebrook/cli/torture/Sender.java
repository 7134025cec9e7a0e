package dev.wirebrook.cli.torture;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.Response;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Sends batches of random sizes, each until it is acknowledged, and keeps the record: events {@code
 * 0} to {@link #acknowledged} of this sender are durable, and no others exist. After some
 * acknowledgements it sends the batch once more, as a client does whose answer got lost.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // written by its own thread only, read by others
final class Sender implements Runnable {
    private static final int BATCH_EVENTS_MAX = 100;
    private static final long CALL_SECONDS_MAX = 20;
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String name;
    private final ManagedChannel channel;
    private final RandomGenerator random;
    private volatile boolean enough;
    private volatile long acknowledged;
    private volatile long resentEvents;
    private volatile long failedCalls;
    private volatile String refusal = "";

    Sender(String name, ManagedChannel channel, RandomGenerator random) {
        this.name = name;
        this.channel = channel;
        this.random = random;
    }

    @Override
    public void run() {
        while (!enough && refusal.isEmpty()) {
            int size = 1 + random.nextInt(BATCH_EVENTS_MAX);
            Events batch = batch(acknowledged, size);
            if (!sendUntilAcknowledged(batch)) {
                return;
            }
            acknowledged = acknowledged + size;
            if (random.nextInt(20) == 0 && sendOnce(batch)) {
                resentEvents = resentEvents + size;
            }
        }
    }

    private boolean sendUntilAcknowledged(Events batch) {
        while (!sendOnce(batch)) {
            if (!refusal.isEmpty()) {
                return false;
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
        return true;
    }

    private boolean sendOnce(Events batch) {
        try {
            Response response =
                    EventServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS)
                            .dispatch(batch);
            if (response.getAccepted() != batch.getEventsCount()) {
                refusal = "sender " + name + ": " + response;
                return false;
            }
            return true;
        } catch (StatusRuntimeException e) {
            failedCalls = failedCalls + 1;
            switch (e.getStatus().getCode()) {
                case INVALID_ARGUMENT, INTERNAL, DATA_LOSS, UNIMPLEMENTED ->
                        refusal = "sender " + name + ": " + e.getStatus();
                default -> {
                    // The server is away, and what became of the batch is unknown: it is sent
                    // again.
                }
            }
            return false;
        }
    }

    private Events batch(long first, int size) {
        Events.Builder batch =
                Events.newBuilder()
                        .setHeader(Header.newBuilder().setClientId(name).setSessionId("torture"));
        for (long n = first; n < first + size; n++) {
            batch.addEvents(
                    Event.newBuilder()
                            .setId(name + "-" + n)
                            .setAddToCartEvent(
                                    AddToCartEvent.newBuilder()
                                            .setProductId("P" + n % 97)
                                            .setPrice(n % 1_000 / 100.0)
                                            .setQuantity((int) (n % 7))));
        }
        return batch.build();
    }

    /** Ends after the batch that is under way is acknowledged. */
    void stop() {
        enough = true;
    }

    String name() {
        return name;
    }

    long acknowledged() {
        return acknowledged;
    }

    /** Events sent again after they had been acknowledged. */
    long resentEvents() {
        return resentEvents;
    }

    long failedCalls() {
        return failedCalls;
    }

    /** Empty, or an answer that a correct server does not give. */
    String refusal() {
        return refusal;
    }
}
