/**
 * The event catalogue made from descriptors, the wire walker, and the decoder from wire bytes to
 * columns.
 */
@NullMarked
package dev.wirebrook.schema;

import org.jspecify.annotations.NullMarked;
