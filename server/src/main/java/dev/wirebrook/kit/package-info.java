/** A process that serves services of one's own: both listeners, put together and taken apart. */
@NullMarked
package dev.wirebrook.kit;

import org.jspecify.annotations.NullMarked;
