/** A server of another make that answers what {@code bench.web.SnapshotServer} answers. */
@NullMarked
package dev.wirebrook.bench.webpeer;

import org.jspecify.annotations.NullMarked;
