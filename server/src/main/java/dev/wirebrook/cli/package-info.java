/** The command line. Imports the client and app. */
@NullMarked
package dev.wirebrook.cli;

import org.jspecify.annotations.NullMarked;
