/** The server's entry point. Each room is a package below. */
@NullMarked
package dev.wirebrook;

import org.jspecify.annotations.NullMarked;
