/** The commands on market data: read, watch, publish, replay. */
@NullMarked
package dev.wirebrook.cli.market;

import org.jspecify.annotations.NullMarked;
