@NullMarked
package dev.wirebrook.cli.market;

import org.jspecify.annotations.NullMarked;
