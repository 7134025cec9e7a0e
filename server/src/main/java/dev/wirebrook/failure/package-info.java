/** The closed catalogue of failures. Imports the JDK only. */
@NullMarked
package dev.wirebrook.failure;

import org.jspecify.annotations.NullMarked;
