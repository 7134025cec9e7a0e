@NullMarked
package dev.wirebrook.cli.bench;

import org.jspecify.annotations.NullMarked;
