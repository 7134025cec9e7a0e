/** The durable segmented log. Imports the JDK only. */
@NullMarked
package dev.wirebrook.journal;

import org.jspecify.annotations.NullMarked;
