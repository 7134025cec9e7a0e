/** The metric catalogue and the health of the node. */
@NullMarked
package dev.wirebrook.telemetry;

import org.jspecify.annotations.NullMarked;
