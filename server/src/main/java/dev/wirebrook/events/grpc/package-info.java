/** Handlers of the event services. They only translate. */
@NullMarked
package dev.wirebrook.events.grpc;

import org.jspecify.annotations.NullMarked;
