/** The client library: channels, retries, typed clients. */
@NullMarked
package dev.wirebrook.client;

import org.jspecify.annotations.NullMarked;
