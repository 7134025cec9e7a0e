/**
 * The client library: one connection to a server, and a typed client for each of its services.
 *
 * <p>Start with {@link dev.wirebrook.client.WirebrookClient}.
 */
@NullMarked
package dev.wirebrook.client;

import org.jspecify.annotations.NullMarked;
