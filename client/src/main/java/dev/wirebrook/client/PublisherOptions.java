package dev.wirebrook.client;

import dev.wirebrook.api.event.Header;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How an {@link EventPublisher} behaves. Immutable; start with {@link #DEFAULT} and change what
 * differs.
 *
 * @param header of every event
 * @param closeTimeout how long {@link EventPublisher#close()} waits for what is not acknowledged
 * @param spool where events are kept on disk until they are acknowledged; empty: in memory alone
 */
public record PublisherOptions(
        Header header,
        Batching batching,
        Buffering buffering,
        Resending resending,
        Duration closeTimeout,
        PublisherListener listener,
        Optional<SpoolOptions> spool) {
    public static final PublisherOptions DEFAULT =
            new PublisherOptions(
                    Header.getDefaultInstance(),
                    new Batching(1_000, 512 << 10, Duration.ofMillis(20), 4),
                    new Buffering(100_000, 64L << 20, WhenFull.WAIT, Duration.ofSeconds(30)),
                    new Resending(
                            Duration.ofSeconds(15), Duration.ofMillis(100), Duration.ofSeconds(5)),
                    Duration.ofSeconds(10),
                    PublisherListener.LOGGING,
                    Optional.empty());

    public PublisherOptions {
        if (buffering.events < batching.events || buffering.bytes < batching.bytes) {
            throw new IllegalArgumentException(
                    "the buffer %s is smaller than a batch %s".formatted(buffering, batching));
        }
    }

    /**
     * When a batch is sent: it has so many events, or so many bytes, or its first event has waited
     * so long, or it is what the batch before it had no room for and has waited so long since,
     * whichever comes first.
     *
     * @param bytes of the events of a batch; an event that is longer goes alone
     * @param linger zero: at once, with whatever came meanwhile
     * @param inFlight batches that are sent and not settled; 1 keeps the order of events
     */
    public record Batching(int events, int bytes, Duration linger, int inFlight) {
        public Batching {
            if (events < 1 || bytes < 1 || inFlight < 1 || linger.isNegative()) {
                throw new IllegalArgumentException(
                        "batches of %d events, %d bytes, %s, %d in flight"
                                .formatted(events, bytes, linger, inFlight));
            }
        }
    }

    /**
     * What is held at most, from {@code publish} to the acknowledgement, and what happens then.
     *
     * @param events with a spool: those whose futures are waited for
     * @param bytes of events; with a spool, its own bound counts instead
     * @param waitMax for {@link WhenFull#WAIT}
     */
    public record Buffering(int events, long bytes, WhenFull whenFull, Duration waitMax) {
        public Buffering {
            if (waitMax.isNegative()) {
                throw new IllegalArgumentException("waitMax below 0: " + waitMax);
            }
        }
    }

    /**
     * How calls are made again. They are until the publisher is closed: what cannot be sent fills
     * the buffer, and whoever publishes is told.
     *
     * @param callTimeout after which a call that was not answered counts as failed
     * @param backoffMin first wait, where the server asks for none
     * @param backoffMax longest wait
     */
    public record Resending(Duration callTimeout, Duration backoffMin, Duration backoffMax) {
        public Resending {
            Backoff.check(backoffMin, backoffMax);
            if (!callTimeout.isPositive()) {
                throw new IllegalArgumentException("callTimeout is not above 0: " + callTimeout);
            }
        }
    }

    public PublisherOptions withHeader(Header value) {
        return new PublisherOptions(
                value, batching, buffering, resending, closeTimeout, listener, spool);
    }

    public PublisherOptions withBatching(int events, int bytes, Duration linger, int inFlight) {
        return new PublisherOptions(
                header,
                new Batching(events, bytes, linger, inFlight),
                buffering,
                resending,
                closeTimeout,
                listener,
                spool);
    }

    public PublisherOptions withBuffering(
            int events, long bytes, WhenFull whenFull, Duration waitMax) {
        return new PublisherOptions(
                header,
                batching,
                new Buffering(events, bytes, whenFull, waitMax),
                resending,
                closeTimeout,
                listener,
                spool);
    }

    public PublisherOptions withResending(
            Duration callTimeout, Duration backoffMin, Duration backoffMax) {
        return new PublisherOptions(
                header,
                batching,
                buffering,
                new Resending(callTimeout, backoffMin, backoffMax),
                closeTimeout,
                listener,
                spool);
    }

    public PublisherOptions withCloseTimeout(Duration value) {
        return new PublisherOptions(header, batching, buffering, resending, value, listener, spool);
    }

    public PublisherOptions withListener(PublisherListener value) {
        return new PublisherOptions(
                header, batching, buffering, resending, closeTimeout, value, spool);
    }

    public PublisherOptions withSpool(SpoolOptions value) {
        return new PublisherOptions(
                header, batching, buffering, resending, closeTimeout, listener, Optional.of(value));
    }

    /** Keeps events in files of this directory until they are acknowledged. */
    public PublisherOptions withSpool(Path directory, long bytesMax) {
        return withSpool(SpoolOptions.of(directory, bytesMax));
    }
}
