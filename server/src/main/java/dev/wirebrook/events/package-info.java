/**
 * The event pipeline: admission, the log, routes, sinks, dead letters. Knows neither gRPC nor a
 * driver.
 */
@NullMarked
package dev.wirebrook.events;

import org.jspecify.annotations.NullMarked;
