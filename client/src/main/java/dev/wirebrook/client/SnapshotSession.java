package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.PublishResult;
import dev.wirebrook.api.market.v1.PublishSnapshotsRequest;
import dev.wirebrook.api.market.v1.PublishSnapshotsResponse;
import dev.wirebrook.api.market.v1.Snapshot;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A stream of updates to a server, which outlives the connection.
 *
 * {@snippet file="ClientSnippets.java" region="snapshots"}
 *
 * <p>Promise: requests are taken in the order in which they were sent, and when the future of one
 * completes, its updates are durable or rejected. Readers may see an update before that.
 *
 * <p>When the connection breaks, nobody knows whether the requests that were not answered were
 * taken. Those whose updates all have an {@code exchange_time} are sent again: the server takes
 * none that is earlier than what it knows, so an old price never replaces a newer one; an update
 * may come to readers twice, and one that was taken before may be reported as too early. The others
 * are not sent again: their futures fail with UNAVAILABLE.
 *
 * <p>The window bounds what is in memory: {@link #send} blocks while it is full. Thread-safe; must
 * not be used by continuations that run on the network thread.
 */
public final class SnapshotSession
        implements AutoCloseable,
                DuplexStream.Owner<PublishSnapshotsRequest, PublishSnapshotsResponse> {
    /** What the server takes in one request. */
    public static final int SNAPSHOTS_MAX = 1_000;

    // immutable state
    private final ManagedChannel channel;
    private final EventLoop timer;
    private final SnapshotSessionOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // mutable state, guarded by lock
    /** Sent, or to be sent when there is a stream again; by sequence. */
    private final TreeMap<Long, Pending> unanswered = new TreeMap<>();

    private final FailureStreak failures;
    private int window;
    private long nextSequence = 1;
    private long resentRequests;
    private @Nullable DuplexStream<PublishSnapshotsRequest, PublishSnapshotsResponse> stream;

    /** Whether the server has taken the call. What is sent before could be lost unseen. */
    private boolean open;

    private boolean reconnecting;
    private boolean closed;
    private @Nullable StatusRuntimeException failure;

    SnapshotSession(ManagedChannel channel, EventLoop timer, SnapshotSessionOptions options) {
        this.channel = channel;
        this.timer = timer;
        this.options = options;
        this.failures =
                new FailureStreak(options.patience(), options.backoffMin(), options.backoffMax());
    }

    /**
     * Sends updates. Blocks while the window is full.
     *
     * @param snapshots 1 to {@link #SNAPSHOTS_MAX}
     * @return completes on a network thread when they are answered; exceptionally, with {@link
     *     StatusRuntimeException}, when that will not happen any more
     * @throws StatusRuntimeException when the session has failed or is closed
     */
    public CompletableFuture<SnapshotOutcome> send(List<Snapshot> snapshots)
            throws InterruptedException {
        Pending pending = new Pending(snapshots);
        lock.lockInterruptibly();
        try {
            while (failure == null && !closed && window >= options.windowRequests()) {
                changed.await();
            }
            throwIfEnded();
            window++;
            pending.sequence = nextSequence++;
            unanswered.put(pending.sequence, pending);
            if (open) {
                transmit(pending);
            } else if (stream == null && !reconnecting) {
                connect();
            }
        } finally {
            lock.unlock();
        }
        return pending.outcome;
    }

    /**
     * Blocks until every request sent so far is answered or given up; its future says which.
     *
     * @throws StatusRuntimeException when the session has failed
     */
    public void awaitAnswers() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (failure == null && window > 0) {
                changed.await();
            }
            if (failure != null) {
                throwIfEnded();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Requests that were sent again because the connection broke. */
    public long resentRequests() {
        lock.lock();
        try {
            return resentRequests;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the stream. Requests not answered complete exceptionally; see {@link #awaitAnswers()}.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (stream != null) {
                stream.halfClose();
                stream = null;
                open = false;
            }
        } finally {
            lock.unlock();
        }
        fail(Status.CANCELLED.withDescription("the session was closed").asRuntimeException());
    }

    private void throwIfEnded() {
        if (failure != null) {
            throw new StatusRuntimeException(failure.getStatus(), failure.getTrailers());
        }
        if (closed) {
            throw Status.CANCELLED.withDescription("the session is closed").asRuntimeException();
        }
    }

    private void connect() {
        reconnecting = false;
        DuplexStream<PublishSnapshotsRequest, PublishSnapshotsResponse> opened =
                new DuplexStream<>(
                        channel, MarketDataServiceGrpc.getPublishSnapshotsMethod(), timer, this);
        stream = opened;
        // Answers are fewer than requests, and those are bounded by the window.
        opened.start(Integer.MAX_VALUE);
    }

    @Override
    public void opened(DuplexStream<PublishSnapshotsRequest, PublishSnapshotsResponse> from) {
        lock.lock();
        try {
            if (stream == from) {
                open = true;
                unanswered.values().forEach(this::transmit);
            }
        } finally {
            lock.unlock();
        }
    }

    private void transmit(Pending pending) {
        if (stream != null) {
            if (pending.sent) {
                resentRequests++;
            }
            pending.sent = true;
            stream.send(
                    PublishSnapshotsRequest.newBuilder()
                            .setSequence(pending.sequence)
                            .addAllSnapshots(pending.snapshots)
                            .build());
        }
    }

    @Override
    public void received(
            PublishSnapshotsResponse response,
            DuplexStream<PublishSnapshotsRequest, PublishSnapshotsResponse> from) {
        Map<Long, List<PublishResult>> rejected = new HashMap<>();
        for (PublishResult result : response.getResultsList()) {
            rejected.computeIfAbsent(result.getSequence(), _ -> new ArrayList<>()).add(result);
        }
        List<Pending> settled = new ArrayList<>();
        lock.lock();
        try {
            if (stream != from) {
                return;
            }
            Iterator<Pending> answered =
                    unanswered.headMap(response.getSequence(), true).values().iterator();
            while (answered.hasNext()) {
                settled.add(answered.next());
                answered.remove();
            }
            failures.end();
        } finally {
            lock.unlock();
        }
        for (Pending pending : settled) {
            List<PublishResult> wrong = rejected.getOrDefault(pending.sequence, List.of());
            pending.outcome.complete(
                    new SnapshotOutcome(pending.snapshots.size() - wrong.size(), wrong));
        }
        leaveWindow(settled);
    }

    /** After their futures: whoever awaited the answers has heard them all by then. */
    private void leaveWindow(List<Pending> settled) {
        lock.lock();
        try {
            window -= settled.size();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void ended(
            Status status,
            Metadata trailers,
            DuplexStream<PublishSnapshotsRequest, PublishSnapshotsResponse> ended) {
        // The server may end a stream in good order, as when it drains.
        Status reason =
                status.isOk()
                        ? Status.UNAVAILABLE.withDescription("the server ended the stream")
                        : status;
        StatusRuntimeException fatal = null;
        List<Pending> doubtful = new ArrayList<>();
        lock.lock();
        try {
            if (stream != ended) {
                return;
            }
            stream = null;
            open = false;
            Optional<Duration> delay = RetryDelays.requested(reason, trailers);
            if (unanswered.isEmpty()) {
                return;
            }
            if (timer.isShuttingDown()
                    || !RetryDelays.isTransient(reason, delay.isPresent())
                    || failures.addAndEndsPatience()) {
                fatal = new StatusRuntimeException(reason, trailers);
            } else {
                removeDoubtful(doubtful);
                reconnecting = true;
                reconnectAfter(delay.orElseGet(failures::backoff));
            }
        } finally {
            lock.unlock();
        }
        if (fatal != null) {
            fail(fatal);
        }
        StatusRuntimeException unknown =
                Status.UNAVAILABLE
                        .withDescription(
                                "the connection broke before the server answered; the updates may have been taken, and without an exchange_time they are not sent again")
                        .withCause(reason.asRuntimeException())
                        .asRuntimeException();
        doubtful.forEach(pending -> pending.outcome.completeExceptionally(unknown));
        leaveWindow(doubtful);
    }

    /** What may have been taken, and must not be sent again. */
    private void removeDoubtful(List<Pending> doubtful) {
        unanswered
                .values()
                .removeIf(pending -> {
                    boolean isDoubtful = pending.sent && !pending.repeatable;
                    if (isDoubtful) {
                        doubtful.add(pending);
                    }
                    return isDoubtful;
                });
    }

    private void reconnectAfter(Duration wait) {
        timer.schedule(this::reconnect, wait.toNanos(), TimeUnit.NANOSECONDS)
                .addListener(scheduled -> {
                    if (scheduled.isCancelled()) {
                        fail(
                                Status.CANCELLED
                                        .withDescription("the client was closed")
                                        .asRuntimeException());
                    }
                });
    }

    private void reconnect() {
        lock.lock();
        try {
            if (failure != null || closed || stream != null) {
                return;
            }
            reconnecting = false;
            if (!unanswered.isEmpty()) {
                // The waits here bound the load on a server that comes back; the channel's own
                // would grow to two minutes.
                channel.resetConnectBackoff();
                connect();
            }
        } finally {
            lock.unlock();
        }
    }

    private void fail(StatusRuntimeException reason) {
        List<Pending> lost;
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
            }
            lost = List.copyOf(unanswered.values());
            unanswered.clear();
            window -= lost.size();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        lost.forEach(pending -> pending.outcome.completeExceptionally(reason));
    }

    /** A request that is not answered. Guarded by the session's lock, except the future. */
    private static final class Pending {
        private final List<Snapshot> snapshots;
        private final boolean repeatable;
        private final CompletableFuture<SnapshotOutcome> outcome = new CompletableFuture<>();
        private long sequence;
        private boolean sent;

        Pending(List<Snapshot> snapshots) {
            if (snapshots.isEmpty() || snapshots.size() > SNAPSHOTS_MAX) {
                throw new IllegalArgumentException(
                        "1 to %d updates go into a request, not %d"
                                .formatted(SNAPSHOTS_MAX, snapshots.size()));
            }
            this.snapshots = List.copyOf(snapshots);
            this.repeatable = snapshots.stream().allMatch(Snapshot::hasExchangeTime);
        }
    }
}
