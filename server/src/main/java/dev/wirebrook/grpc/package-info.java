/** The gRPC server kit: listeners, interceptors, caller, failure to status. */
@NullMarked
package dev.wirebrook.grpc;

import org.jspecify.annotations.NullMarked;
