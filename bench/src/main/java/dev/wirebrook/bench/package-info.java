/** Benchmarks: JMH for the parts, drivers for the whole, peers for comparison. */
@NullMarked
package dev.wirebrook.bench;

import org.jspecify.annotations.NullMarked;
