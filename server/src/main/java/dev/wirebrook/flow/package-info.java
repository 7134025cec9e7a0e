/** Bounded mailboxes, credit gates, batchers: who waits, who is told. Imports the JDK only. */
@NullMarked
package dev.wirebrook.flow;

import org.jspecify.annotations.NullMarked;
