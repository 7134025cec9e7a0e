/**
 * Calls over HTTP: JSON by the routes of {@code google.api.http}, the Connect protocol, gRPC-Web,
 * and streams of responses as lines or server-sent events. Start reading at {@link
 * dev.wirebrook.http.rpc.RpcEndpoint}; a {@code Dialect} is how one of them is spoken.
 */
@NullMarked
package dev.wirebrook.http.rpc;

import org.jspecify.annotations.NullMarked;
