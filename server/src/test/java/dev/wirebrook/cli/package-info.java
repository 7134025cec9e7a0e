@NullMarked
package dev.wirebrook.cli;

import org.jspecify.annotations.NullMarked;
