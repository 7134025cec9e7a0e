/** Certificates in files, read again when they change, for whoever listens. */
@NullMarked
package dev.wirebrook.tls;

import org.jspecify.annotations.NullMarked;
