/** Typed tables in PostgreSQL: the pool, the fixed tables' migrations, rows by COPY. */
@NullMarked
package dev.wirebrook.events.postgres;

import org.jspecify.annotations.NullMarked;
