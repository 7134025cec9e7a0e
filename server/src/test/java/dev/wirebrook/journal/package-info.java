@NullMarked
package dev.wirebrook.journal;

import org.jspecify.annotations.NullMarked;
