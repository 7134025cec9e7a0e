package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.Overflow;
import dev.wirebrook.api.market.v1.StreamMarketDataRequest;
import dev.wirebrook.api.market.v1.StreamMarketDataResponse;
import dev.wirebrook.api.market.v1.Update;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Updates of symbols as they come, which outlives the connection: when it breaks, the next one goes
 * on after the last progress that the server told, or, where the server no longer knows what came
 * since, with a fresh snapshot of each symbol.
 *
 * {@snippet file="ClientSnippets.java" region="subscribe"}
 *
 * <p>Promise: the updates of a symbol come in the order of their sequences, none twice, and after
 * quiet the last that was handed out is the latest there is. That holds within an epoch; a server
 * that starts with another has sequences of its own, and each symbol comes fresh.
 *
 * <p>A reader that is slow is not buffered for: at most two messages wait here, the rest is
 * conflated by the server as the delivery says. Thread-safe. Reading blocks, so read on a virtual
 * thread of its own.
 */
public final class MarketSubscription
        implements AutoCloseable,
                DuplexStream.Owner<StreamMarketDataRequest, StreamMarketDataResponse> {
    /** One is read while the next is on its way. */
    private static final int MESSAGES_AHEAD = 2;

    private static final Duration A_WHILE = Duration.ofDays(1);

    // immutable state
    private final ManagedChannel channel;
    private final EventLoop timer;
    private final SubscriptionOptions options;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // mutable state, guarded by lock
    private final WantedSymbols wanted = new WantedSymbols();
    private final UpdateOrder order;
    private final ArrayDeque<Received> received = new ArrayDeque<>();
    private final ArrayDeque<MarketUpdate> ready = new ArrayDeque<>();
    private final FailureStreak failures;
    private @Nullable DuplexStream<StreamMarketDataRequest, StreamMarketDataResponse> stream;
    private boolean closed;
    private @Nullable StatusRuntimeException failure;

    /** A message, and the stream that may send another when it is read. */
    private record Received(
            StreamMarketDataResponse response,
            DuplexStream<StreamMarketDataRequest, StreamMarketDataResponse> from) {}

    private MarketSubscription(
            ManagedChannel channel, EventLoop timer, SubscriptionOptions options) {
        this.channel = channel;
        this.timer = timer;
        this.options = options;
        this.order =
                new UpdateOrder(options.delivery().getConflation() == Conflation.CONFLATION_MERGE);
        this.failures =
                new FailureStreak(options.patience(), options.backoffMin(), options.backoffMax());
    }

    static MarketSubscription start(
            ManagedChannel channel, EventLoop timer, Symbols symbols, SubscriptionOptions options) {
        MarketSubscription subscription = new MarketSubscription(channel, timer, options);
        subscription.lock.lock();
        try {
            subscription.wanted.subscribe(symbols);
            subscription.connect();
        } finally {
            subscription.lock.unlock();
        }
        return subscription;
    }

    /**
     * The next update. Blocks until there is one.
     *
     * @throws StatusRuntimeException when the subscription has failed; CANCELLED when it is closed
     */
    public MarketUpdate next() throws InterruptedException {
        while (true) {
            Optional<MarketUpdate> update = poll(A_WHILE);
            if (update.isPresent()) {
                return update.get();
            }
        }
    }

    /**
     * As {@link #next}, but waits only so long; empty: none came.
     *
     * @throws StatusRuntimeException as {@link #next}
     */
    public Optional<MarketUpdate> poll(Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = patience.toNanos();
            while (true) {
                Optional<MarketUpdate> update = take();
                if (update.isPresent()) {
                    return update;
                }
                throwIfEnded();
                if (nanos <= 0) {
                    return Optional.empty();
                }
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands on every update, on this thread, until the subscription is closed.
     *
     * @throws StatusRuntimeException when the subscription has failed
     */
    public void forEach(Consumer<MarketUpdate> reader) throws InterruptedException {
        while (true) {
            MarketUpdate update;
            try {
                update = next();
            } catch (StatusRuntimeException e) {
                if (isClosed()) {
                    return;
                }
                throw e;
            }
            reader.accept(update);
        }
    }

    /**
     * Adds symbols: what is known of each comes first, then its updates. What is subscribed already
     * changes nothing. Does not wait for the server.
     */
    public void subscribe(Symbols symbols) {
        lock.lock();
        try {
            wanted.subscribe(symbols);
            tellChange();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes symbols away, named as they were added; no update of theirs is handed out any more.
     * While everything is subscribed, only everything can be taken away.
     */
    public void unsubscribe(Symbols symbols) {
        lock.lock();
        try {
            wanted.unsubscribe(symbols);
            order.forget(symbols);
            tellChange();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the subscription. Whoever waits for an update gets CANCELLED. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            received.clear();
            ready.clear();
            if (stream != null) {
                stream.cancel();
                stream = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private Optional<MarketUpdate> take() {
        while (true) {
            MarketUpdate update = ready.poll();
            if (update == null) {
                Received message = received.poll();
                if (message == null) {
                    return Optional.empty();
                }
                open(message);
            } else if (wanted.wants(update.snapshot())) {
                return Optional.of(update);
            }
        }
    }

    private void open(Received message) {
        if (message.response().hasStarted()) {
            order.begin(message.response().getStarted().getEpoch());
        }
        for (Update update : message.response().getUpdatesList()) {
            order.next(update, wanted::wants).ifPresent(ready::add);
        }
        message.from().request(1);
    }

    private void throwIfEnded() {
        if (failure != null) {
            throw new StatusRuntimeException(failure.getStatus(), failure.getTrailers());
        }
        if (closed) {
            throw Status.CANCELLED
                    .withDescription("the subscription is closed")
                    .asRuntimeException();
        }
    }

    private void connect() {
        DuplexStream<StreamMarketDataRequest, StreamMarketDataResponse> opened =
                new DuplexStream<>(
                        channel, MarketDataServiceGrpc.getStreamMarketDataMethod(), timer, this);
        stream = opened;
        opened.start(MESSAGES_AHEAD);
        opened.send(wanted.begin(options.delivery()));
    }

    private void tellChange() {
        if (stream != null) {
            wanted.change().ifPresent(stream::send);
        }
    }

    @Override
    public void opened(DuplexStream<StreamMarketDataRequest, StreamMarketDataResponse> from) {}

    @Override
    public void received(
            StreamMarketDataResponse response,
            DuplexStream<StreamMarketDataRequest, StreamMarketDataResponse> from) {
        lock.lock();
        try {
            if (closed || stream != from) {
                return;
            }
            note(response);
            received.add(new Received(response, from));
            changed.signal();
        } finally {
            lock.unlock();
        }
        MarketListener listener = options.listener();
        if (response.hasStarted()) {
            listener.started(response.getStarted());
        }
        response.getStatusesList().forEach(listener::missing);
        if (response.hasProgress()) {
            listener.progress(response.getProgress());
        }
    }

    private void note(StreamMarketDataResponse response) {
        if (response.hasStarted()) {
            wanted.started(response.getStarted().getEpoch());
        }
        response.getStatusesList().forEach(wanted::missing);
        if (response.hasAnswered()) {
            wanted.answered(response.getAnswered().getRequestId());
            tellChange();
        }
        if (response.hasProgress()) {
            wanted.progress(response.getProgress().getSequence());
            failures.end();
        }
    }

    @Override
    public void ended(
            Status status,
            Metadata trailers,
            DuplexStream<StreamMarketDataRequest, StreamMarketDataResponse> ended) {
        Duration wait;
        // The server may end a stream in good order, as when it drains.
        Status reason =
                status.isOk()
                        ? Status.UNAVAILABLE.withDescription("the server ended the stream")
                        : status;
        lock.lock();
        try {
            if (closed || stream != ended) {
                return;
            }
            stream = null;
            Optional<Duration> delay = RetryDelays.requested(reason, trailers);
            if (timer.isShuttingDown()
                    || isAskedFor(reason)
                    || !RetryDelays.isTransient(reason, delay.isPresent())
                    || failures.addAndEndsPatience()) {
                failure = new StatusRuntimeException(reason, trailers);
                changed.signalAll();
                return;
            }
            wait = delay.orElseGet(failures::backoff);
            timer.schedule(this::reconnect, wait.toNanos(), TimeUnit.NANOSECONDS)
                    .addListener(scheduled -> {
                        if (scheduled.isCancelled()) {
                            fail(
                                    Status.CANCELLED
                                            .withDescription("the client was closed")
                                            .asRuntimeException());
                        }
                    });
        } finally {
            lock.unlock();
        }
        options.listener().disconnected(reason, wait);
    }

    /** Whether the reader wants to hear of it that it was too slow. */
    private boolean isAskedFor(Status reason) {
        return reason.getCode() == Status.Code.RESOURCE_EXHAUSTED
                && options.delivery().getOverflow() == Overflow.OVERFLOW_DISCONNECT;
    }

    private void reconnect() {
        lock.lock();
        try {
            if (!closed && failure == null && stream == null) {
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
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
