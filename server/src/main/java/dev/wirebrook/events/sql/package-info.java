/** What the sinks on engines with SQL and transactions share: tables, rows, progress. */
@NullMarked
package dev.wirebrook.events.sql;

import org.jspecify.annotations.NullMarked;
