/**
 * Drives a running server and measures it. Start with {@link dev.wirebrook.cli.bench.IngestBench}.
 */
@NullMarked
package dev.wirebrook.cli.bench;

import org.jspecify.annotations.NullMarked;
