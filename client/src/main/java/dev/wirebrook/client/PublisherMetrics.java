package dev.wirebrook.client;

import java.time.Duration;

/**
 * What a publisher did since it was made, and what it holds now. The numbers belong together: they
 * are read in one moment.
 *
 * <p>{@code published + recovered = acknowledged + rejected + failed + bufferedEvents} while it is
 * open.
 *
 * @param published events that were taken
 * @param recovered events that the spool held when it was opened
 * @param refused events that were not taken
 * @param batches that were settled
 * @param acknowledged events that are durable: new, duplicate or quarantined
 * @param duplicates of those, durable before under the same id
 * @param quarantined of those, of types that the server does not know
 * @param rejected events that will never be stored as they stand
 * @param failed events whose call was refused for good
 * @param retriedCalls calls that were made again
 * @param retriedEvents events in those
 * @param bufferedEvents that are held: waiting or in flight, in memory or in the spool
 * @param bufferedBytes of those
 * @param spoolBytes of the spool's files; 0 without one
 * @param inFlight batches that are sent, or wait to be sent again
 * @param oldestAge of the oldest event that is held, since it was published or the spool was
 *     opened; zero: none is
 */
public record PublisherMetrics(
        long published,
        long recovered,
        long refused,
        long batches,
        long acknowledged,
        long duplicates,
        long quarantined,
        long rejected,
        long failed,
        long retriedCalls,
        long retriedEvents,
        long bufferedEvents,
        long bufferedBytes,
        long spoolBytes,
        int inFlight,
        Duration oldestAge) {}
