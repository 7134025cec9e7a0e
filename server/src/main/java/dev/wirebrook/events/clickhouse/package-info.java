/** The warehouse on ClickHouse: typed tables by descriptor on a server of its own, and queries. */
@NullMarked
package dev.wirebrook.events.clickhouse;

import org.jspecify.annotations.NullMarked;
