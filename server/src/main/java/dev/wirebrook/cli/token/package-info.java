/** {@code wirebrook token}: the keys of a server's clients. */
@NullMarked
package dev.wirebrook.cli.token;

import org.jspecify.annotations.NullMarked;
