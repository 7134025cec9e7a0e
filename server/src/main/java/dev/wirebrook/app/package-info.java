/** Composition root, settings, life cycle. May import everything. */
@NullMarked
package dev.wirebrook.app;

import org.jspecify.annotations.NullMarked;
