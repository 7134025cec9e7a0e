/** The warehouse on DuckDB: typed tables by descriptor, and queries. */
@NullMarked
package dev.wirebrook.events.duckdb;

import org.jspecify.annotations.NullMarked;
