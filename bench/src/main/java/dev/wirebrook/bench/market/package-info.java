/**
 * Market data beside what else could carry it: fan-out, latency, and the memory of idle readers.
 */
@NullMarked
package dev.wirebrook.bench.market;

import org.jspecify.annotations.NullMarked;
