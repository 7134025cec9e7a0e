/**
 * Kills a server at random while it is loaded, and holds its table against an own record of what it
 * acknowledged.
 */
@NullMarked
package dev.wirebrook.cli.torture;

import org.jspecify.annotations.NullMarked;
