@NullMarked
package dev.wirebrook.tls;

import org.jspecify.annotations.NullMarked;
