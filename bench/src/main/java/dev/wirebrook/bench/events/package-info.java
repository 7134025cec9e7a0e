/** The event pipeline's parts: the column decoder and the sinks. */
@NullMarked
package dev.wirebrook.bench.events;

import org.jspecify.annotations.NullMarked;
