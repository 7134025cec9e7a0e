/** Dead letters on the command line. */
@NullMarked
package dev.wirebrook.cli.deadletter;

import org.jspecify.annotations.NullMarked;
