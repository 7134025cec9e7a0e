@NullMarked
package dev.wirebrook.cli.load;

import org.jspecify.annotations.NullMarked;
