@NullMarked
package dev.wirebrook.app.config;

import org.jspecify.annotations.NullMarked;
