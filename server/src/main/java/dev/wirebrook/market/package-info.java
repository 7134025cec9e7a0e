/**
 * Market data: the book of the latest snapshots, and the streams of their updates. Knows neither
 * gRPC nor a driver.
 *
 * <p>Start reading at {@link dev.wirebrook.market.SnapshotBook}, which puts all updates in one
 * order; a {@link dev.wirebrook.market.FanOut} for each event loop follows it and hands each update
 * to the {@link dev.wirebrook.market.Subscription}s there.
 */
@NullMarked
package dev.wirebrook.market;

import org.jspecify.annotations.NullMarked;
