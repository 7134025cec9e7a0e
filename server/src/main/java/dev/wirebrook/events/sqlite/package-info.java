/** Dead letters in SQLite. */
@NullMarked
package dev.wirebrook.events.sqlite;

import org.jspecify.annotations.NullMarked;
