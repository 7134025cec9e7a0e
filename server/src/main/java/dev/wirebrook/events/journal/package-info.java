/** The event log on the journal. */
@NullMarked
package dev.wirebrook.events.journal;

import org.jspecify.annotations.NullMarked;
