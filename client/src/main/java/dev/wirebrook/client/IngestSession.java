package dev.wirebrook.client;

import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.ingest.v1.BatchResult;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A stream of batches to a server, which outlives the connection: batches that were not answered
 * when it broke are sent again on the next one.
 *
 * {@snippet file="ClientSnippets.java" region="ingest"}
 *
 * <p>Promise: when a batch's future completes, its events are durable, refused, or still marked
 * RETRY when the session failed. An event that was durable before the connection broke may be
 * reported as a duplicate of itself after it.
 *
 * <p>The window bounds what is in memory: {@link #send} blocks while it is full. Thread-safe; must
 * not be used by continuations that run on the network thread.
 */
public final class IngestSession implements AutoCloseable, IngestStream.Owner {
    private static final Duration A_WHILE = Duration.ofDays(1);

    // immutable state
    private final ManagedChannel channel;
    private final EventLoop timer;
    private final IngestOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // mutable state, guarded by lock
    /** Sent, or to be sent when there is a stream again; by sequence. */
    private final TreeMap<Long, Pending> unanswered = new TreeMap<>();

    /** Refused for want of room; each has a timer that sends it again. */
    private final Set<Pending> waiting = new HashSet<>();

    private long nextSequence = 1;
    private int windowBytes;
    private int windowBatches;
    private long position;
    private long resentBatches;
    private final FailureStreak failures;
    private @Nullable IngestStream stream;
    private boolean reconnecting;
    private boolean closed;
    private @Nullable StatusRuntimeException failure;

    IngestSession(ManagedChannel channel, EventLoop timer, IngestOptions options) {
        this.channel = channel;
        this.timer = timer;
        this.options = options;
        this.failures =
                new FailureStreak(options.patience(), options.backoffMin(), options.backoffMax());
    }

    /**
     * Sends a batch, whose events should have ids. Blocks while the window is full.
     *
     * @return completes on a network thread when the batch is answered; exceptionally, with {@link
     *     StatusRuntimeException}, when the session fails before
     * @throws StatusRuntimeException when the session has failed or is closed
     */
    public CompletableFuture<DispatchOutcome> send(EventBatch batch) throws InterruptedException {
        while (true) {
            Optional<CompletableFuture<DispatchOutcome>> outcome = offer(batch, A_WHILE);
            if (outcome.isPresent()) {
                return outcome.get();
            }
        }
    }

    /**
     * As {@link #send}, but waits for room only so long; empty: there was none, nothing was sent.
     */
    public Optional<CompletableFuture<DispatchOutcome>> offer(EventBatch batch, Duration patience)
            throws InterruptedException {
        Pending pending = new Pending(batch);
        lock.lockInterruptibly();
        try {
            long nanos = patience.toNanos();
            while (failure == null && !closed && !hasRoomFor(pending) && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            throwIfEnded();
            if (!hasRoomFor(pending)) {
                return Optional.empty();
            }
            windowBytes += pending.windowBytes;
            windowBatches++;
            enqueue(pending);
        } finally {
            lock.unlock();
        }
        return Optional.of(pending.outcome);
    }

    /** Blocks until every batch sent so far is answered, or the session has failed. */
    public void awaitAnswers() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (failure == null && windowBatches > 0) {
                changed.await();
            }
            if (failure != null) {
                throwIfEnded();
            }
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #awaitAnswers()}, for so long at most; whether every batch is answered. */
    public boolean awaitAnswers(Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = patience.toNanos();
            while (failure == null && windowBatches > 0 && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return windowBatches == 0;
        } finally {
            lock.unlock();
        }
    }

    /** The log position behind the last batch answered; what AwaitStored takes. */
    public long position() {
        lock.lock();
        try {
            return position;
        } finally {
            lock.unlock();
        }
    }

    /** Batches that were sent again because the connection broke or the server had no room. */
    public long resentBatches() {
        lock.lock();
        try {
            return resentBatches;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the server is away at the moment. */
    public boolean isReconnecting() {
        lock.lock();
        try {
            return reconnecting;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the stream. Batches not answered complete exceptionally; see {@link #awaitAnswers()}.
     */
    @Override
    public void close() {
        IngestStream open;
        lock.lock();
        try {
            closed = true;
            open = stream;
            stream = null;
        } finally {
            lock.unlock();
        }
        if (open != null) {
            open.halfClose();
        }
        fail(Status.CANCELLED.withDescription("the session was closed").asRuntimeException());
    }

    private boolean hasRoomFor(Pending pending) {
        return windowBatches == 0
                || (windowBatches < options.windowBatches()
                        && windowBytes + pending.windowBytes <= options.windowBytes());
    }

    private void throwIfEnded() {
        if (failure != null) {
            throw new StatusRuntimeException(failure.getStatus(), failure.getTrailers());
        }
        if (closed) {
            throw Status.CANCELLED.withDescription("the session is closed").asRuntimeException();
        }
    }

    /** Gives the batch the next sequence and sends it when there is a stream. */
    private void enqueue(Pending pending) {
        pending.sequence = nextSequence++;
        unanswered.put(pending.sequence, pending);
        if (stream != null) {
            stream.send(pending.sequence, pending.batch.rest());
        } else if (!reconnecting) {
            connect();
        }
    }

    private void connect() {
        reconnecting = false;
        IngestStream opened = new IngestStream(channel, timer, options.reportDuplicates(), this);
        stream = opened;
        opened.start();
        unanswered.forEach((sequence, pending) -> opened.send(sequence, pending.batch.rest()));
    }

    @Override
    public void answered(IngestResponse response, IngestStream from) {
        List<Pending> settled = new ArrayList<>();
        lock.lock();
        try {
            if (stream != from) {
                return;
            }
            position = Math.max(position, response.getPosition());
            settle(response, settled);
        } finally {
            lock.unlock();
        }
        settled.forEach(pending -> pending.outcome.complete(pending.batch.outcome()));
        leaveWindow(settled);
    }

    private void settle(IngestResponse response, List<Pending> settled) {
        Map<Long, List<EventResult>> results = new HashMap<>();
        for (BatchResult result : response.getResultsList()) {
            results.computeIfAbsent(result.getSequence(), sequence -> new ArrayList<>())
                    .add(result.getResult());
        }
        Iterator<Pending> answered =
                unanswered.headMap(response.getSequence(), true).values().iterator();
        while (answered.hasNext()) {
            Pending pending = answered.next();
            answered.remove();
            int before = pending.batch.unsettled();
            pending.batch.settle(results.getOrDefault(pending.sequence, List.of()));
            if (pending.batch.unsettled() < before) {
                failures.end();
            }
            if (pending.batch.isSettled()) {
                settled.add(pending);
            } else {
                retryLater(pending);
            }
        }
    }

    /** After their futures: whoever awaited the answers has heard them all by then. */
    private void leaveWindow(List<Pending> settled) {
        lock.lock();
        try {
            for (Pending pending : settled) {
                windowBytes -= pending.windowBytes;
                windowBatches--;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The server had no room for some events of the batch. */
    private void retryLater(Pending pending) {
        if (failures.addAndEndsPatience()) {
            StatusRuntimeException refused =
                    Status.RESOURCE_EXHAUSTED
                            .withDescription("the server has no room for events")
                            .asRuntimeException();
            timer.execute(() -> fail(refused));
        }
        waiting.add(pending);
        schedule(
                () -> {
                    waiting.remove(pending);
                    countResent(pending);
                    enqueue(pending);
                },
                failures.backoff());
    }

    @Override
    public void ended(Status status, Metadata trailers, IngestStream ended) {
        StatusRuntimeException fatal = null;
        lock.lock();
        try {
            if (stream != ended) {
                return;
            }
            stream = null;
            // The server may end a stream in good order, as when it drains.
            Status reason =
                    status.isOk()
                            ? Status.UNAVAILABLE.withDescription("the server ended the stream")
                            : status;
            Optional<Duration> delay = RetryDelays.requested(reason, trailers);
            if (!unanswered.isEmpty()) {
                if (timer.isShuttingDown()
                        || !RetryDelays.isTransient(reason, delay.isPresent())
                        || failures.addAndEndsPatience()) {
                    fatal = new StatusRuntimeException(reason, trailers);
                } else {
                    reconnecting = true;
                    schedule(this::reconnect, delay.orElseGet(failures::backoff));
                }
            }
        } finally {
            lock.unlock();
        }
        if (fatal != null) {
            fail(fatal);
        }
    }

    private void reconnect() {
        if (stream == null) {
            unanswered.values().forEach(this::countResent);
            // The waits here bound the load on a server that comes back; the channel's own would
            // grow to two minutes.
            channel.resetConnectBackoff();
            connect();
        }
    }

    private void countResent(Pending pending) {
        if (!pending.resent) {
            pending.resent = true;
            resentBatches++;
        }
    }

    /** Runs the task later, with the lock held, unless the session has ended by then. */
    private void schedule(Runnable task, Duration wait) {
        timer.schedule(
                        () -> {
                            lock.lock();
                            try {
                                if (failure == null && !closed) {
                                    task.run();
                                }
                            } finally {
                                lock.unlock();
                            }
                        },
                        wait.toNanos(),
                        TimeUnit.NANOSECONDS)
                .addListener(scheduled -> {
                    if (scheduled.isCancelled()) {
                        fail(
                                Status.CANCELLED
                                        .withDescription("the client was closed")
                                        .asRuntimeException());
                    }
                });
    }

    private void fail(StatusRuntimeException reason) {
        List<Pending> lost = new ArrayList<>();
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
            }
            lost.addAll(unanswered.values());
            lost.addAll(waiting);
            unanswered.clear();
            waiting.clear();
            for (Pending pending : lost) {
                windowBytes -= pending.windowBytes;
                windowBatches--;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        lost.forEach(pending -> pending.outcome.completeExceptionally(reason));
    }

    /** A batch that is not settled. Guarded by the session's lock, except the future. */
    private static final class Pending {
        private final PartialBatch batch;
        private final int windowBytes;
        private final CompletableFuture<DispatchOutcome> outcome = new CompletableFuture<>();
        private long sequence;
        private boolean resent;

        Pending(EventBatch batch) {
            this.batch = new PartialBatch(batch);
            this.windowBytes = batch.encodedLength();
        }
    }
}
