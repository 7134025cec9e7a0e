package dev.wirebrook.bench.peers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A closed loop: every lane keeps its window full of messages that are not acknowledged yet. */
final class Load {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Peer peer;
    private final Shape shape;
    private final LongAdder acked = new LongAdder();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile boolean stopped;

    Load(Peer peer, Shape shape) {
        this.peer = peer;
        this.shape = shape;
    }

    /** Runs for the warm-up and then once for each round; the engine is under load all the time. */
    List<Round> run(Duration warmUp, Duration round, int rounds, ProcessCpu serverCpu)
            throws Exception {
        List<Thread> senders = new ArrayList<>();
        for (int lane = 0; lane < peer.lanes(); lane++) {
            Lane opened = peer.open(lane);
            senders.add(Thread.ofPlatform().name("lane-" + lane).start(() -> send(opened)));
        }
        List<Round> results = new ArrayList<>();
        try {
            Thread.sleep(warmUp);
            for (int i = 0; i < rounds; i++) {
                results.add(measure(round, serverCpu));
            }
        } finally {
            stopped = true;
            for (Thread sender : senders) {
                sender.join();
            }
        }
        Exception first = failure.get();
        if (first != null) {
            throw first;
        }
        return results;
    }

    private Round measure(Duration duration, ProcessCpu serverCpu) throws InterruptedException {
        ProcessCpu clientCpu = ProcessCpu.ofThisProcess();
        long events = acked.sum();
        Duration server = serverCpu.used();
        Duration client = clientCpu.used();
        long began = System.nanoTime();
        Thread.sleep(duration);
        return new Round(
                acked.sum() - events,
                Duration.ofNanos(System.nanoTime() - began),
                clientCpu.used().minus(client),
                serverCpu.used().minus(server));
    }

    private void send(Lane lane) {
        try {
            Messages messages = new Messages(shape);
            Semaphore room = new Semaphore(peer.window());
            Receipt receipt = receipt(room);
            while (!stopped && failure.get() == null) {
                if (!room.tryAcquire()) {
                    lane.flush();
                    acquire(room, 1);
                }
                lane.send(messages.next(), receipt);
            }
            lane.flush();
            acquire(room, peer.window());
            lane.disconnect();
        } catch (Exception e) {
            failure.compareAndSet(null, e);
        }
    }

    private Receipt receipt(Semaphore room) {
        return new Receipt() {
            @Override
            public void acknowledged() {
                acked.add(shape.events());
                room.release();
            }

            @Override
            public void failed(Throwable reason) {
                failure.compareAndSet(null, new IOException("not acknowledged", reason));
            }
        };
    }

    private void acquire(Semaphore room, int permits) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!room.tryAcquire(permits, 100, TimeUnit.MILLISECONDS)) {
            if (failure.get() != null) {
                return;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(
                        "no acknowledgement for " + PATIENCE.toSeconds() + " s");
            }
        }
    }

    /**
     * What one round came to.
     *
     * @param events acknowledged in the round
     */
    record Round(long events, Duration elapsed, Duration clientCpu, Duration serverCpu) {
        double eventsPerSecond() {
            return events * 1e9 / elapsed.toNanos();
        }

        double clientCpuMicrosPerEvent() {
            return clientCpu.toNanos() / 1e3 / events;
        }

        double serverCpuMicrosPerEvent() {
            return serverCpu.toNanos() / 1e3 / events;
        }
    }
}
