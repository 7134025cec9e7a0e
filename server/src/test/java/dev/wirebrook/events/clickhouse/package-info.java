@NullMarked
package dev.wirebrook.events.clickhouse;

import org.jspecify.annotations.NullMarked;
