/** The HTTP listener: probes, metrics, heartbeat. */
@NullMarked
package dev.wirebrook.http;

import org.jspecify.annotations.NullMarked;
