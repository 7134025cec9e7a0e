package dev.wirebrook.cli.bench;

import dev.wirebrook.cli.bench.BenchResult.Latency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends generated events and times the acknowledgements.
 *
 * <p>In the closed loop every answer lets the next batch go, which finds the most that a server
 * takes; its latencies are those of a sender that waits. In the open loop batches go at a fixed
 * rate, and a late answer does not hold back the next one; its latencies count from the moment that
 * a batch was due, so that a stall is felt by all batches that it held up (no coordinated
 * omission).
 */
public final class IngestBench {
    /**
     * Sleeping for less costs the machine under test more than the sending does. What this makes
     * late counts as latency.
     */
    private static final Duration PAUSE_MIN = Duration.ofNanos(200_000);

    private static final Duration LATE_MAX = Duration.ofMillis(10);
    private static final Duration REST_PATIENCE = Duration.ofSeconds(10);

    /** In the open loop: beyond this the server has fallen behind for good. */
    private static final int OUTSTANDING_MAX = 20_000;

    private final BenchPlan plan;
    private final List<Lane> lanes = new ArrayList<>();

    public IngestBench(BenchPlan plan) {
        this.plan = plan;
    }

    /** Runs the plan. Blocks for its warm-up and duration. */
    public BenchResult run() throws InterruptedException {
        try {
            long run = System.nanoTime() >>> 16 << 20;
            for (int i = 0; i < plan.connections(); i++) {
                lanes.add(Lane.open(plan, new BatchTemplate(plan.batchEvents(), run + i, i)));
            }
            return plan.eventsPerSecond() == 0 ? closedLoop() : openLoop();
        } finally {
            lanes.forEach(Lane::close);
        }
    }

    private BenchResult closedLoop() throws InterruptedException {
        long start = System.nanoTime();
        for (Lane lane : lanes) {
            lane.sendOnAnswer();
            for (int i = 0; i < plan.inFlight(); i++) {
                lane.send(System.nanoTime());
            }
        }
        sleep(plan.warmUp());
        Snapshot begin = new Snapshot(plan);
        // Whatever is answered from now on counts: as many were sent before as will be open at the
        // end.
        lanes.forEach(lane -> lane.measure(start));
        sleep(plan.duration());
        lanes.forEach(Lane::stopMeasuring);
        Snapshot end = new Snapshot(plan);
        lanes.forEach(Lane::stop);
        awaitRest();
        return result(begin, end);
    }

    private BenchResult openLoop() throws InterruptedException {
        long nanosPerBatch = (long) (1e9 * plan.batchEvents() / plan.eventsPerSecond());
        warmUp(nanosPerBatch);
        Snapshot begin = new Snapshot(plan);
        lanes.forEach(lane -> lane.measure(begin.nanos));
        long due = begin.nanos;
        long end = due + plan.duration().toNanos();
        for (long sent = 0; due < end && !isStopped(); sent++) {
            sendAt(due, sent);
            due += nanosPerBatch;
        }
        // Those that were due in time are measured to the last.
        awaitRest();
        Snapshot last = new Snapshot(plan);
        lanes.forEach(Lane::stop);
        return result(begin, last);
    }

    /**
     * At the same rate, except that a cold machine need not make up for what it is late with: none
     * of that is left over for the measurement.
     */
    private void warmUp(long nanosPerBatch) throws InterruptedException {
        long due = System.nanoTime();
        long end = due + plan.warmUp().toNanos();
        for (long sent = 0; due < end && !isStopped(); sent++) {
            sendAt(due, sent);
            due = Math.max(due + nanosPerBatch, System.nanoTime() - LATE_MAX.toNanos());
        }
        awaitRest();
    }

    private void sendAt(long due, long number) throws InterruptedException {
        waitUntil(due);
        Lane lane = lanes.get((int) (number % lanes.size()));
        while (lane.outstanding.get() > OUTSTANDING_MAX && !lane.isStopped()) {
            Thread.sleep(1);
        }
        lane.send(due);
    }

    private boolean isStopped() {
        return lanes.stream().anyMatch(Lane::isStopped);
    }

    private static void waitUntil(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(Math.max(left, PAUSE_MIN.toNanos()));
        }
    }

    private void sleep(Duration duration) throws InterruptedException {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < end && !isStopped()) {
            TimeUnit.NANOSECONDS.sleep(
                    Math.min(end - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(100)));
        }
    }

    private void awaitRest() throws InterruptedException {
        long end = System.nanoTime() + REST_PATIENCE.toNanos();
        while (System.nanoTime() < end
                && lanes.stream().anyMatch(lane -> lane.outstanding.get() > 0)) {
            Thread.sleep(5);
        }
    }

    private BenchResult result(Snapshot begin, Snapshot end) {
        LatencyHistogram latency = new LatencyHistogram();
        long batches = 0;
        long failures = 0;
        Optional<String> firstFailure = Optional.empty();
        for (Lane lane : lanes) {
            latency.add(lane.latency());
            batches += lane.batches();
            failures += lane.failures();
            firstFailure = firstFailure.or(lane::firstFailure);
        }
        return new BenchResult(
                Duration.ofNanos(end.nanos - begin.nanos),
                batches,
                batches * plan.batchEvents(),
                lanes.getFirst().template.length(),
                failures,
                firstFailure,
                Latency.of(latency),
                end.client.minus(begin.client),
                end.server.flatMap(spent -> begin.server.map(spent::minus)));
    }

    /** Time and CPU time at a moment. */
    private static final class Snapshot {
        private final long nanos = System.nanoTime();
        private final Duration client;
        private final Optional<Duration> server;

        Snapshot(BenchPlan plan) {
            client = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
            server =
                    plan.serverPid().isPresent()
                            ? ProcessHandle.of(plan.serverPid().getAsLong())
                                    .flatMap(process -> process.info().totalCpuDuration())
                            : Optional.empty();
        }
    }
}
