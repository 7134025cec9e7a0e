/** How settings are declared, found and checked. Reads the environment; nothing else does. */
@NullMarked
package dev.wirebrook.app.config;

import org.jspecify.annotations.NullMarked;
