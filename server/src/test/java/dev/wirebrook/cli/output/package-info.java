@NullMarked
package dev.wirebrook.cli.output;

import org.jspecify.annotations.NullMarked;
