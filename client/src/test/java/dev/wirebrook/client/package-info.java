@NullMarked
package dev.wirebrook.client;

import org.jspecify.annotations.NullMarked;
