/**
 * Protobuf's JSON mapping between bytes and bytes: JSON in UTF-8 into wire bytes and back, by
 * descriptors, without message objects.
 */
@NullMarked
package dev.wirebrook.http.json;

import org.jspecify.annotations.NullMarked;
