/** How results are written: aligned tables, JSON, CSV. */
@NullMarked
package dev.wirebrook.cli.output;

import org.jspecify.annotations.NullMarked;
