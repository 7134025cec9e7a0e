@NullMarked
package dev.wirebrook.app;

import org.jspecify.annotations.NullMarked;
