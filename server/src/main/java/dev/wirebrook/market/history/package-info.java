/** Candles from the warehouse, in the SQL of each engine that may be it. Knows no driver. */
@NullMarked
package dev.wirebrook.market.history;

import org.jspecify.annotations.NullMarked;
